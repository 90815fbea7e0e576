import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Atlases, type AtlasAnswer } from './atlases';

interface Asked {
  rows: readonly number[];
  signal: AbortSignal;
  answer: (missing?: number[]) => void;
  fail: () => void;
}

let asked: Asked[];
let atlases: Atlases;
const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => {
  asked = [];
  let urls = 0;
  vi.stubGlobal('URL', { createObjectURL: () => `blob:${++urls}`, revokeObjectURL: vi.fn() });
  atlases = new Atlases(
    (rows, signal) =>
      new Promise<AtlasAnswer>((resolve, reject) => {
        asked.push({ rows, signal, answer: (missing = []) => resolve({ picture: new Blob(), columns: 10, missing }), fail: () => reject(new Error('no')) });
      }),
  );
});
afterEach(() => vi.unstubAllGlobals());

it('asks for a hundred rows at a time, three at once, those in view first', async () => {
  atlases.want(range(0, 450));
  expect(asked.map((one) => one.rows.length)).toEqual([100, 100, 100]);
  asked[0]?.answer();
  await turn();
  expect(asked.map((one) => one.rows[0])).toEqual([0, 100, 200, 300]);
});

it('knows where a thumbnail lies, and which rows have none', async () => {
  atlases.want([7, 5, 9, ...range(20, 10)]);
  asked[0]?.answer([1]);
  await turn();
  expect(atlases.of(7)).toEqual({ url: 'blob:1', column: 0, line: 0, columns: 10, lines: 2 });
  expect(atlases.of(29)).toMatchObject({ column: 2, line: 1 });
  expect(atlases.of(5)).toBeNull();
  expect(atlases.of(1000)).toBeUndefined();
});

it('cancels what has been scrolled away, and keeps what is still wanted', () => {
  atlases.want(range(0, 200));
  atlases.want(range(150, 200));
  expect(asked.slice(0, 2).map((one) => one.signal.aborted)).toEqual([true, false]);
  // Rows under way are not asked for twice.
  expect(asked[2]?.rows[0]).toBe(200);
});

it('does not ask at once for what failed, but when it comes into view again', async () => {
  atlases.want([1, 2]);
  asked[0]?.fail();
  await turn();
  expect(asked).toHaveLength(1);
  atlases.want([1, 2]);
  expect(asked).toHaveLength(2);
});

it('gives back the memory of old pictures', async () => {
  for (let from = 0; from < 10_000; from += 100) {
    atlases.want(range(from, 100));
    asked.at(-1)?.answer();
    await turn();
  }
  expect(URL.revokeObjectURL).toHaveBeenCalledTimes(20);
  expect(atlases.of(0)).toBeUndefined();
  expect(atlases.of(9_999)).toBeDefined();
});
