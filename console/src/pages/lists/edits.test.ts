import { expect, it } from 'vitest';
import { edited } from './edits';

const page = { Total: 10, Rows: [{ Line: 5, Index: 9, Labels: [1], Path: 'a.jpg' }, { Line: 6, Index: 11, Labels: [1], Path: 'b.jpg' }] };
const relabel = (labels: number[]) => ({ Do: 'relabel', Paths: ['a.jpg'], Labels: labels }) as const;

it('relabelling keeps the label that the version has, however often', () => {
  const once = edited(page, relabel([2]));
  expect(once.Rows[0]).toEqual({ Line: 5, Index: 9, Labels: [2], Path: 'a.jpg', Changed: 'relabelled', Was: [1] });
  expect(edited(once, relabel([3])).Rows[0]).toMatchObject({ Labels: [3], Was: [1] });
  expect(once.Rows[1]).toBe(page.Rows[1]);
});

it('a row that gets its label back is unchanged', () => {
  expect(edited(edited(page, relabel([2])), relabel([1]))).toEqual(page);
});

it('a row that the draft added stays one', () => {
  const added = { Total: 1, Rows: [{ Index: 1, Labels: [1], Path: 'a.jpg', Changed: 'added' as const }] };
  expect(edited(added, relabel([2])).Rows[0]).toEqual({ Index: 1, Labels: [2], Path: 'a.jpg', Changed: 'added' });
});

it('rows that are removed are gone, and counted as gone', () => {
  expect(edited(page, { Do: 'remove', Paths: ['a.jpg', 'elsewhere.jpg'] })).toEqual({ Total: 9, Rows: [page.Rows[1]] });
});
