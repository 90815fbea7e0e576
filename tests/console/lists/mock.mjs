// The lists' API in memory, for work on the pages without a daemon: node tests/console/lists/mock.mjs [port]. Two lists, of
// 240 and of a million rows; whoever signs in as "bo" is bo, everybody else is ana.
import { createServer } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

const dist = new URL('../../../console/dist/', import.meta.url).pathname;
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.svg': 'image/svg+xml' };
const classNames = ['cat', 'dog', 'fox'];
const now = () => new Date().toISOString();

const small = Array.from({ length: 240 }, (_, row) => ({ Row: row, Index: row, Labels: [row % 3], Path: `${classNames[row % 3]}/${String(row).padStart(4, '0')}.jpg` }));
small[7] = { ...small[7], Path: 'dog/<img src=x onerror="window.hacked=1">.jpg' };
const big = { length: 1_000_000, at: (row) => ({ Row: row, Index: row, Labels: [row % 257], Path: `${String(row % 257).padStart(3, '0')}/${row}.jpg` }) };
const lists = {
  aa11: { source: 's3://pets/train.lst', named: true, versions: [{ rows: small, who: 'ana', when: now(), message: '', counts: zero(), }], drafts: {} },
  bb22: { source: 's3://big/million.lst', big: true, versions: [{ rows: big, who: 'outside', when: now(), message: '', counts: zero() }], drafts: {} },
};
const proposals = [];
function zero() { return { Added: 0, Removed: 0, Relabelled: 0, Moved: 0 }; }

const rowsOf = (list, version) => list.versions[version - 1].rows;
function draftRows(list, user) {
  const draft = list.drafts[user];
  const base = rowsOf(list, draft.base);
  return [...Array.from({ length: base.length }, (_, i) => draft.changed.get(i) ?? base[i]), ...draft.added];
}
const countsOf = (rows) => ({ Added: rows.filter((r) => r.Changed === 'added').length, Removed: rows.filter((r) => r.Changed === 'removed').length, Relabelled: rows.filter((r) => r.Changed === 'relabelled').length });
const plain = ({ Changed, Was, ...row }) => row;

function describe(id, user, version) {
  const list = lists[id];
  const number = version ?? list.versions.length;
  const rows = rowsOf(list, number);
  const classes = list.big ? Array.from({ length: 257 }, (_, l) => ({ Label: l, Count: 3891 - l * 9 })) : classNames.map((name, l) => ({ Label: l, Name: name, Count: rows.filter((r) => r.Labels[0] === l).length }));
  const draft = list.drafts[user];
  return {
    Id: id, Source: list.source, Version: number, Rows: rows.length, LabelWidth: 1, Classes: classes, Problems: list.big ? 0 : 2, Hash: 'x', ModifiedTime: list.versions[number - 1].when,
    ...(draft ? { Draft: { Base: draft.base, ...(list.big ? { Added: 0, Removed: 0, Relabelled: draft.changed.size } : countsOf(draftRows(list, user))) } } : {}),
  };
}

function diffRows(a, b) {
  const [before, after] = [new Map(a.map((r) => [r.Path, r])), new Map(b.map((r) => [r.Path, r]))];
  const out = [];
  for (const r of b) {
    const old = before.get(r.Path);
    if (!old) out.push({ Kind: 'added', B: plain(r) });
    else if (String(old.Labels) !== String(r.Labels)) out.push({ Kind: 'relabelled', A: plain(old), B: plain(r) });
  }
  for (const r of a) if (!after.has(r.Path)) out.push({ Kind: 'removed', A: plain(r) });
  return out;
}
function diffAnswer(rows, q) {
  const of = (kind) => rows.filter((r) => r.Kind === kind);
  const flow = new Map();
  for (const r of of('relabelled')) flow.set(`${r.A.Labels[0]} ${r.B.Labels[0]}`, (flow.get(`${r.A.Labels[0]} ${r.B.Labels[0]}`) ?? 0) + 1);
  const wanted = q.get('kind') ? of(q.get('kind')) : rows;
  const from = Number(q.get('from') ?? 0);
  return {
    Added: of('added').length, Removed: of('removed').length, Relabelled: of('relabelled').length, Moved: 0,
    Flow: [...flow].map(([key, Count]) => ({ From: Number(key.split(' ')[0]), To: Number(key.split(' ')[1]), Count })),
    Total: wanted.length, Rows: wanted.slice(from, from + Number(q.get('limit') ?? 200)),
  };
}

function png(width, height, pixel) {
  const data = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; ++y) for (let x = 0; x < width; ++x) data.set(pixel(x, y), y * (width * 3 + 1) + 1 + x * 3);
  const chunk = (kind, body) => {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(body.length);
    const tail = Buffer.alloc(4);
    tail.writeUInt32BE(crc32(Buffer.concat([Buffer.from(kind), body])));
    return Buffer.concat([head, Buffer.from(kind), body, tail]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', header), chunk('IDAT', deflateSync(data, { level: 1 })), chunk('IEND', Buffer.alloc(0))]);
}
const colour = (row, x, y, size) => {
  const inside = (x - size / 2) ** 2 + (y - size / 2) ** 2 < (size / 3) ** 2;
  const hue = [[230, 120, 60], [70, 120, 220], [90, 180, 90]][row % 3];
  return inside ? hue : [(row * 37) % 120 + 100, (row * 53) % 120 + 100, (row * 91) % 120 + 100];
};

function conflictsWith(list, user, take) {
  const draft = list.drafts[user];
  const newest = rowsOf(list, list.versions.length);
  if (draft.base === list.versions.length) return draftRows(list, user).filter((r) => r.Changed !== 'removed').map(plain);
  const theirs = new Map(newest.map((r) => [r.Path, r]));
  const base = new Map(rowsOf(list, draft.base).map((r) => [r.Path, r]));
  const conflicts = [];
  const merged = new Map(theirs);
  for (const r of draftRows(list, user)) {
    if (!r.Changed) continue;
    const [their, old] = [theirs.get(r.Path), base.get(r.Path)];
    if (old && String(their?.Labels) !== String(old.Labels) && String(their?.Labels) !== String(r.Labels)) {
      conflicts.push({ Path: r.Path, Base: old.Labels, Yours: r.Changed === 'removed' ? null : r.Labels, Theirs: their?.Labels ?? null });
      if (take !== 'yours') continue;
    }
    if (r.Changed === 'removed') merged.delete(r.Path);
    else merged.set(r.Path, { ...(their ?? r), ...plain(r) });
  }
  if (conflicts.length > 0 && !take) return { conflicts };
  return [...merged.values()];
}
function commit(id, user, rows, message, extra = {}) {
  const list = lists[id];
  const changes = diffRows(rowsOf(list, list.versions.length), rows);
  const of = (kind) => changes.filter((c) => c.Kind === kind).length;
  list.versions.push({ rows: rows.map((r, Row) => ({ ...r, Row })), who: user, when: now(), message, counts: { Added: of('added'), Removed: of('removed'), Relabelled: of('relabelled'), Moved: 0 }, ...extra });
  delete list.drafts[user];
}
const shown = ({ rows, ...proposal }) => proposal;

async function answer(request, response) {
  const url = new URL(request.url, 'http://x');
  const q = url.searchParams;
  const path = url.pathname;
  const user = /user=bo/.test(request.headers.cookie ?? '') ? 'bo' : 'ana';
  let text = '';
  for await (const part of request) text += part;
  const body = text.startsWith('{') ? JSON.parse(text) : {};
  const send = (value, status = 200) => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(value));
  };
  const refuse = (status, type, message, more = {}) => send({ __type: type, message, ...more }, status);
  if (path === '/mr/session') {
    const document = (name) => ({ User: name, Account: '000000000000', Region: 'local', CsrfToken: 't', ExpiresAt: new Date(Date.now() + 4e7).toISOString(), Version: 'mock' });
    if (request.method === 'POST') {
      response.setHeader('Set-Cookie', `user=${body.AccessKeyId}; Path=/`);
      return send(document(body.AccessKeyId));
    }
    return request.headers.cookie ? send(document(user)) : refuse(401, 'NotSignedIn', '');
  }
  if (path.startsWith('/mr/aws/s3')) return response.writeHead(200, { 'Content-Type': 'application/xml' }).end('<ListAllMyBucketsResult><Buckets><Bucket><Name>pets</Name><CreationDate>2026-01-01T00:00:00Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>');
  if (path.startsWith('/mr/aws/')) return send({ FileSystems: [{ FileSystemId: 'fs-0123', FileSystemType: 'EFS', Path: '/srv', CreationTime: 1 }] });
  if (path === '/mr/training-jobs') return send({ Jobs: ['pets-001', 'pets-002'].map((Name) => ({ Name, Status: 'Completed', SecondaryStatus: 'Completed', Algorithm: 'image-classification', CreationTime: now(), ModifiedTime: now() })), Total: 2 });
  if (path === '/mr/training-jobs/check') return send({ Problems: [] });
  if (path === '/mr/algorithms') {
    const channel = (Name) => ({ Name, Required: false, ContentTypes: ['application/x-image'], InputModes: ['File'] });
    return send({ Algorithms: [{ Name: 'image-classification', Summary: 'pictures', ImageNames: ['image-classification'], Image: 'image-classification:1', Distributed: false, Channels: ['train', 'validation', 'train_lst', 'validation_lst'].map(channel), Hyperparameters: [], Metrics: [] }], Frameworks: [], InstanceTypes: [{ Name: 'ml.m5.large', Cpus: 2, MemoryBytes: 8e9 }], Machine: { Cpus: 2, MemoryBytes: 8e9 } });
  }
  if (path === '/mr/impact') {
    return send({
      Lists: [{ Channel: 'train_lst', A: 's3://pets/train.lst', B: 's3://pets/train-2.lst', Diff: { Added: 12, Removed: 9, Relabelled: 40, Moved: 3, Flow: [{ From: 0, To: 1, Count: 38 }, { From: 1, To: 0, Count: 2 }] } }],
      Parameters: [{ Name: 'epochs', A: '3', B: '3' }, { Name: 'learning_rate', A: '0.1', B: '0.05' }],
      Metrics: [{ Name: 'validation:accuracy', A: 0.712, B: 0.731 }, { Name: 'train:loss', A: 0.9 }],
      Classes: classNames.map((Name, Class) => ({ Class, Name, Metric: 'recall', A: 0.7, B: [0.72, 0.76, 0.69][Class] })),
    });
  }
  if (path === '/mr/lists') return send({ Lists: Object.keys(lists).map((id) => ({ ...describe(id, user), Classes: undefined, OpenProposals: proposals.filter((p) => p.List === id && (p.State === 'Open' || p.State === 'Approved')).length })) });
  if (path === '/mr/lists/open') {
    const id = Object.keys(lists).find((one) => lists[one].source === body.Source);
    return id ? send(describe(id, user)) : refuse(404, 'ResourceNotFoundException', `${body.Source} does not exist`);
  }
  if (path === '/mr/lists/diff') {
    const side = (key) => {
      const [id, version] = q.get(key).split('@');
      return version === 'draft' ? draftRows(lists[id], user).filter((r) => r.Changed !== 'removed') : [...rowsOf(lists[id], Number(version))];
    };
    return send(diffAnswer(diffRows(side('a'), side('b')), q));
  }
  if (path === '/mr/proposals') return send({ Proposals: proposals.filter((p) => !q.get('list') || p.List === q.get('list')).map(shown).reverse() });
  const review = /^\/mr\/proposals\/(\d+)\/?(\w*)$/.exec(path);
  if (review) {
    const proposal = proposals[Number(review[1]) - 1];
    if (!proposal) return refuse(404, 'ResourceNotFoundException', 'no such proposal');
    const list = lists[proposal.List];
    const action = review[2];
    if (action === 'rows') return send(diffAnswer(diffRows([...rowsOf(list, proposal.Base)], proposal.rows), q));
    if (action === 'comments') proposal.Comments.push({ Who: user, When: now(), Text: body.Text, ...(body.Row === undefined ? {} : { Row: body.Row }) });
    if (action === 'approve') {
      if (user === proposal.Author) return refuse(403, 'AccessDeniedException', 'the author cannot approve');
      proposal.Approvals.push({ Who: user, When: now() });
      proposal.State = 'Approved';
    }
    if (action === 'reject') {
      proposal.State = 'Rejected';
      if (body.Text) proposal.Comments.push({ Who: user, When: now(), Text: body.Text });
    }
    if (action === 'withdraw') proposal.State = 'Withdrawn';
    if (action === 'merge') {
      if (proposal.Approvals.length === 0) return refuse(409, 'ApprovalMissing', 'somebody else than the author has to approve first');
      const holder = { ...list, drafts: { x: proposal.draft } };
      const merged = conflictsWith(holder, 'x', body.Take);
      if (merged.conflicts) return refuse(409, 'ListChanged', 'the list has changed', { Conflicts: merged.conflicts });
      commit(proposal.List, user, merged, proposal.Title, { Proposal: proposal.Number });
      proposal.State = 'Merged';
    }
    const { draft: _, ...said } = shown(proposal);
    return send(said);
  }
  const at = /^\/mr\/lists\/(\w+)\/?(.*)$/.exec(path);
  if (at && lists[at[1]]) {
    const [, id, rest] = at;
    const list = lists[id];
    const version = q.get('version') ? Number(q.get('version')) : list.versions.length;
    if (rest === '') return send(describe(id, user, q.get('version') ? version : undefined));
    if (rest === 'rows') {
      const draft = q.get('draft') === '1' && list.drafts[user];
      const from = Number(q.get('from') ?? 0);
      const limit = Number(q.get('limit') ?? 200);
      if (/boom/.test(q.get('query') ?? '')) return refuse(400, 'ValidationException', "query, column 1: no field is called 'boom'");
      if (list.big) return send({ Total: big.length, Rows: Array.from({ length: Math.max(0, Math.min(limit, big.length - from)) }, (_, i) => (draft && draft.changed.get(from + i)) || big.at(from + i)) });
      let rows = draft ? draftRows(list, user) : [...rowsOf(list, version)];
      if (q.get('class')) rows = rows.filter((r) => r.Labels[0] === Number(q.get('class')));
      if (q.get('path')) rows = rows.filter((r) => r.Path.includes(q.get('path')));
      if (q.get('changed')) rows = rows.filter((r) => r.Changed);
      const exact = /^path = ["'](.*)["']$/.exec(q.get('query') ?? '');
      if (exact) rows = rows.filter((r) => r.Path === exact[1]);
      if (q.get('sort') === 'path') rows.sort((a, b) => a.Path.localeCompare(b.Path));
      if (q.get('sort') === 'class') rows.sort((a, b) => a.Labels[0] - b.Labels[0]);
      if (q.get('order') === 'descending') rows.reverse();
      return send({ Total: rows.length, Rows: rows.slice(from, from + limit) });
    }
    if (rest === 'atlas' || rest === 'image') {
      const rows = (q.get('rows') ?? q.get('row')).split(',').map(Number);
      const size = Number(q.get('size') ?? 256);
      const lines = Math.ceil(rows.length / 10);
      const columns = rest === 'atlas' ? 10 : 1;
      const picture = png(columns * size, lines * size, (x, y) => {
        const cell = Math.floor(y / size) * columns + Math.floor(x / size);
        return cell < rows.length ? colour(rows[cell], x % size, y % size, size) : [0, 0, 0];
      });
      response.writeHead(200, { 'Content-Type': 'image/png', 'Cache-Control': 'private, immutable, max-age=31536000', 'X-Millrace-Atlas': JSON.stringify({ Columns: columns, Size: size, Missing: rows.flatMap((row, i) => (row === 5 ? [i] : [])) }) });
      return response.end(picture);
    }
    if (rest === 'problems') return send({ Total: 2, Problems: [{ Line: 6, Rule: 'dangling', Message: 'fox/0005.jpg is not there', Row: 5 }, { Line: 8, Rule: 'path', Message: 'dog/<img src=x onerror="window.hacked=1">.jpg also stands in line 12', Row: 7 }] });
    if (rest === 'history') return send({ Versions: list.versions.map((v, i) => ({ Version: i + 1, Who: v.who, When: v.when, Message: v.message, ...(i > 0 ? { Parent: i } : {}), ...(v.Proposal ? { Proposal: v.Proposal } : {}), ...v.counts, Rows: v.rows.length, Hash: 'x' })).reverse() });
    if (rest === 'draft' && request.method === 'POST') {
      const draft = (list.drafts[user] ??= { base: list.versions.length, changed: new Map(), added: [], steps: [] });
      draft.steps.push({ changed: new Map(draft.changed), added: [...draft.added] });
      const base = rowsOf(list, draft.base);
      for (const edit of body.Edits) {
        if (edit.Add) {
          draft.added.push({ Row: base.length + draft.added.length, Index: edit.Add.Index ?? base.length + draft.added.length, Labels: edit.Add.Labels, Path: edit.Add.Path, Changed: 'added' });
          continue;
        }
        for (const row of edit.Rows) {
          const old = list.big ? big.at(row) : base[row];
          if (old === undefined) {
            if (edit.Remove) draft.added = draft.added.filter((one) => one.Row !== row);
            continue;
          }
          if (edit.Labels) draft.changed.set(row, { ...old, Labels: edit.Labels, Changed: 'relabelled', Was: old.Labels });
          else if (edit.Remove) draft.changed.set(row, { ...old, Changed: 'removed' });
          if (edit.Restore || String(draft.changed.get(row)?.Labels) === String(old.Labels) && !edit.Remove) draft.changed.delete(row);
        }
      }
      return send(describe(id, user));
    }
    if (rest === 'draft/undo') {
      const draft = list.drafts[user];
      const step = draft?.steps.pop();
      if (step) Object.assign(draft, step);
      if (draft && draft.steps.length === 0) delete list.drafts[user];
      return send(describe(id, user));
    }
    if (rest === 'draft') {
      delete list.drafts[user];
      return send(describe(id, user));
    }
    if (rest === 'versions') {
      const merged = conflictsWith(list, user, body.Take);
      if (merged.conflicts) return refuse(409, 'ListChanged', 'the list has changed', { Conflicts: merged.conflicts });
      if (body.Copy) {
        lists.cc33 = { source: body.Copy, named: true, versions: [{ rows: merged, who: user, when: now(), message: body.Message, counts: zero() }], drafts: {} };
        delete list.drafts[user];
        return send(describe('cc33', user));
      }
      commit(id, user, merged, body.Message);
      return send(describe(id, user));
    }
    const restore = /^versions\/(\d+)\/restore$/.exec(rest);
    if (restore) {
      commit(id, user, rowsOf(list, Number(restore[1])), body.Message);
      return send(describe(id, user));
    }
    if (rest === 'proposals') {
      const draft = list.drafts[user];
      const all = draftRows(list, user);
      proposals.push({ Number: proposals.length + 1, List: id, Source: list.source, Title: body.Title, Message: body.Message, Author: user, When: now(), State: 'Open', Base: draft.base, ...countsOf(all), Approvals: [], Comments: [], rows: all.filter((r) => r.Changed !== 'removed').map(plain), draft });
      delete list.drafts[user];
      const { draft: _, ...said } = shown(proposals.at(-1));
      return send(said);
    }
  }
  if (path.startsWith('/mr/')) return refuse(404, 'ResourceNotFoundException', path);
  const file = join(dist, path.replace(/^\/console\/?/, ''));
  const found = extname(path) !== '' && existsSync(file) ? file : join(dist, 'index.html');
  response.writeHead(200, { 'Content-Type': types[extname(found)] ?? 'application/octet-stream', 'Content-Security-Policy': "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'" });
  return response.end(readFileSync(found));
}

const port = Number(process.argv[2] ?? 9321);
createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error);
    if (!response.headersSent) response.writeHead(500, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ __type: 'MockError', message: String(error) }));
  });
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/console/`));
