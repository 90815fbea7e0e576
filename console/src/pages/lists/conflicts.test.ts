import { expect, it } from 'vitest';
import { ServiceError } from '../../api/errors';
import { conflictsOf, pathQuery, settlement, takenBack } from './conflicts';

const a = { Path: 'a.jpg', Base: [0], Yours: [1], Theirs: [2] };
const b = { Path: 'b.jpg', Base: [0], Yours: null, Theirs: [2] };

it('conflicts are read from a refusal that names them', () => {
  expect(conflictsOf(new ServiceError('ListChanged', '', 409, '', { Conflicts: [a, b] }))).toEqual([a, b]);
  expect(conflictsOf(new ServiceError('ListChanged', '', 409, '', {}))).toBeNull();
  expect(conflictsOf(new ServiceError('ValidationException', '', 400, '', { Conflicts: [a] }))).toBeNull();
  expect(conflictsOf(new TypeError('no connection'))).toBeNull();
});

it('one side for all needs no change of the draft', () => {
  expect(settlement([a, b], {})).toEqual({ take: 'yours', undo: [] });
  expect(settlement([a, b], { 'a.jpg': 'theirs', 'b.jpg': 'theirs' })).toEqual({ take: 'theirs', undo: [] });
});

it('a choice by row takes the other side out of the draft first', () => {
  expect(settlement([a, b], { 'a.jpg': 'theirs' })).toEqual({ take: 'yours', undo: ['a.jpg'] });
});

it('a path with quotes stands in the other kind', () => {
  expect(pathQuery('cats/1.jpg')).toBe('path = "cats/1.jpg"');
  expect(pathQuery('a "b".jpg')).toBe(`path = 'a "b".jpg'`);
});

it('a change is taken back by restoring the row, or by removing it where it was added', () => {
  expect(takenBack({ Row: 3, Index: 3, Labels: [1], Path: 'a', Changed: 'removed' })).toEqual({ Rows: [3], Restore: true });
  expect(takenBack({ Row: 9, Index: 9, Labels: [1], Path: 'b', Changed: 'added' })).toEqual({ Rows: [9], Remove: true });
});
