import { expect, it } from 'vitest';
import { ServiceError } from '../../api/errors';
import { conflictsOf, settlement } from './conflicts';

const row = (path: string, label: number) => ({ path, labels: [label], index: 1 });
const refusal = (details: unknown, status = 409) => new ServiceError('Conflict', '', status, '', details);
const a = { Path: 'a.jpg', Base: [0], Yours: [1], Theirs: [2] };
const b = { Path: 'b.jpg', Base: [0], Theirs: [2] };
const c = { Path: 'c.jpg', Base: [0], Yours: [1] };

it('conflicts are read from a refusal that names them', () => {
  const details = { Count: 300, Conflicts: [{ Kind: 'labels', base: row('a.jpg', 0), ours: row('a.jpg', 1), theirs: row('a.jpg', 2) }, { Kind: 'removed', base: row('b.jpg', 0), theirs: row('b.jpg', 2) }] };
  expect(conflictsOf(refusal(details))).toEqual({ count: 300, shown: [a, b] });
  expect(conflictsOf(refusal({}))).toBeNull();
  expect(conflictsOf(refusal(details, 400))).toBeNull();
  expect(conflictsOf(new TypeError('no connection'))).toBeNull();
});

it('one side for all needs no change of the draft', () => {
  expect(settlement({ count: 2, shown: [a, b] }, {})).toEqual({ take: 'yours', edits: [] });
  expect(settlement({ count: 2, shown: [a, b] }, { 'a.jpg': 'theirs', 'b.jpg': 'theirs' })).toEqual({ take: 'theirs', edits: [] });
});

it('a choice by row makes the rows of the other side so in the draft first', () => {
  const all = { count: 4, shown: [a, b, c, { ...a, Path: 'd.jpg' }] };
  expect(settlement(all, { 'a.jpg': 'theirs', 'b.jpg': 'theirs', 'c.jpg': 'theirs' })).toEqual({
    take: 'yours',
    edits: [
      { Do: 'relabel', Paths: ['a.jpg'], Labels: [2] },
      { Do: 'add', Rows: [{ path: 'b.jpg', labels: [2] }] },
      { Do: 'remove', Paths: ['c.jpg'] },
    ],
  });
});
