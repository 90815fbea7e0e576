import { expect, it } from 'vitest';
import { settled } from './settled';

it('goes on after a refusal and tells who was refused, in order', async () => {
  const tried: number[] = [];
  const outcome = await settled([1, 2, 3, 4, 5, 6], (n) => {
    tried.push(n);
    return n % 2 === 0 ? Promise.reject(new Error(`no ${n}`)) : Promise.resolve();
  });
  expect(tried.sort()).toEqual([1, 2, 3, 4, 5, 6]);
  expect(outcome.done).toEqual([1, 3, 5]);
  expect(outcome.refused.map(({ item, reason }) => [item, (reason as Error).message])).toEqual([[2, 'no 2'], [4, 'no 4'], [6, 'no 6']]);
});
