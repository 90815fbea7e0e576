import { expect, it } from 'vitest';
import { ServiceError } from '../../api/errors';
import { conflictsOf, settlement } from './conflicts';

const row = (path: string, label: number) => ({ path, labels: [label], index: 1 });
const refusal = (details: unknown, status = 409) => new ServiceError('Conflict', '', status, '', details);
const a = { Path: 'a.jpg', Base: [0], Yours: [1], Theirs: [2] };
const b = { Path: 'b.jpg', Base: [0], Theirs: [2] };
const c = { Path: 'c.jpg', Base: [0], Yours: [1] };

it('conflicts are read from a refusal that names them', () => {
  const details = { Version: { Number: 7 }, Count: 300, Conflicts: [{ Kind: 'labels', base: row('a.jpg', 0), ours: row('a.jpg', 1), theirs: row('a.jpg', 2) }, { Kind: 'removed', base: row('b.jpg', 0), theirs: row('b.jpg', 2) }] };
  expect(conflictsOf(refusal(details))).toEqual({ version: 7, count: 300, shown: [a, b] });
  expect(conflictsOf(refusal({}))).toBeNull();
  expect(conflictsOf(refusal(details, 400))).toBeNull();
  expect(conflictsOf(new TypeError('no connection'))).toBeNull();
});

it('one side for all needs no change of the draft', () => {
  expect(settlement({ version: 7, count: 2, shown: [a, b] }, {})).toEqual({ take: 'yours', edits: [] });
  expect(settlement({ version: 7, count: 2, shown: [a, b] }, { 'a.jpg': 'theirs', 'b.jpg': 'theirs' })).toEqual({ take: 'theirs', edits: [] });
});

it('a choice by row makes the rows of the other side so in the draft first', () => {
  const all = { version: 7, count: 4, shown: [a, b, c, { ...a, Path: 'd.jpg' }] };
  expect(settlement(all, { 'a.jpg': 'theirs', 'b.jpg': 'theirs', 'c.jpg': 'theirs' })).toEqual({
    take: 'yours',
    edits: [
      { Do: 'relabel', Paths: ['a.jpg'], Labels: [2] },
      { Do: 'add', Rows: [{ path: 'b.jpg', labels: [2] }] },
      { Do: 'remove', Paths: ['c.jpg'] },
    ],
  });
});

it('another attempt changes no row twice, and takes back what is chosen otherwise now', () => {
  const all = { version: 7, count: 3, shown: [a, b, c] };
  const choices = { 'a.jpg': 'theirs', 'b.jpg': 'theirs' } as const;
  expect(settlement(all, choices, choices)).toEqual({ take: 'yours', edits: [] });
  expect(settlement(all, { 'b.jpg': 'theirs', 'c.jpg': 'theirs' }, choices)).toEqual({
    take: 'yours',
    edits: [
      { Do: 'relabel', Paths: ['a.jpg'], Labels: [1] },
      { Do: 'remove', Paths: ['c.jpg'] },
    ],
  });
  expect(settlement(all, { 'a.jpg': 'theirs' }, choices).edits).toEqual([{ Do: 'remove', Paths: ['b.jpg'] }]);
});
