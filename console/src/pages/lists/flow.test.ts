import { expect, it } from 'vitest';
import { flowMatrix } from './flow';

it('has the classes that rows left and went to, in their order', () => {
  const matrix = flowMatrix([{ From: 3, To: 1, Count: 38 }, { From: 1, To: 3, Count: 2 }, { From: 3, To: 2, Count: 1 }]);
  expect(matrix.from).toEqual([1, 3]);
  expect(matrix.to).toEqual([1, 2, 3]);
  expect(matrix.count(3, 1)).toBe(38);
  expect(matrix.count(1, 2)).toBe(0);
  expect(matrix.more).toBe(0);
});

it('keeps the strongest of very many classes and counts the rest', () => {
  const matrix = flowMatrix(Array.from({ length: 30 }, (_, i) => ({ From: i, To: 0, Count: i + 1 })));
  expect(matrix.from).toHaveLength(20);
  expect(matrix.from[0]).toBe(10);
  expect(matrix.more).toBe(55);
});
