import { expect, it } from 'vitest';
import { edited } from './edits';

const row = { Row: 4, Index: 9, Labels: [1], Path: 'a.jpg' };

it('relabelling keeps the label that the version has, however often', () => {
  const once = edited(row, { Rows: [4], Labels: [2] });
  expect(once).toEqual({ ...row, Labels: [2], Changed: 'relabelled', Was: [1] });
  expect(edited(once, { Rows: [4], Labels: [3] })).toEqual({ ...row, Labels: [3], Changed: 'relabelled', Was: [1] });
});

it('a row that gets its label back is unchanged', () => {
  expect(edited(edited(row, { Rows: [4], Labels: [2] }), { Rows: [4], Labels: [1] })).toEqual(row);
});

it('removing and restoring', () => {
  const removed = edited(row, { Rows: [3, 4], Remove: true });
  expect(removed.Changed).toBe('removed');
  expect(edited(removed, { Rows: [4], Restore: true })).toEqual(row);
});

it('other rows stay as they are', () => {
  expect(edited(row, { Rows: [5], Remove: true })).toBe(row);
  expect(edited(row, { Add: { Labels: [1], Path: 'b.jpg' } })).toBe(row);
});
