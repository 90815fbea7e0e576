import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ServiceError } from '../../api/errors';
import type { Atlas } from '../../api/mr';
import { Atlases } from './atlases';

interface Asked {
  files: readonly string[];
  signal: AbortSignal;
  answer: (missing?: number[]) => void;
  fail: (error?: Error) => void;
}

let asked: Asked[];
let atlases: Atlases;
const range = (from: number, count: number): string[] => Array.from({ length: count }, (_, i) => String(from + i));
const cell = { width: 96, height: 64 };
/** Answers that were given are taken. */
const turn = async (): Promise<void> => {
  for (let i = 0; i < 10; ++i) await Promise.resolve();
};

beforeEach(() => {
  asked = [];
  let urls = 0;
  vi.stubGlobal('URL', { createObjectURL: () => `blob:${++urls}`, revokeObjectURL: vi.fn() });
  atlases = new Atlases(
    (files, signal) =>
      new Promise<Atlas | null>((resolve, reject) => {
        asked.push({ files, signal, answer: (missing = []) => resolve({ picture: new Blob(), rectangles: files.map((_, i) => (missing.includes(i) ? { x: 0, y: 0, width: 0, height: 0 } : { x: 96 * i, y: 0, ...cell })) }), fail: (error = new TypeError('no connection')) => reject(error) });
      }),
  );
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it('asks for a hundred files at a time, three at once, those in view first', async () => {
  atlases.want(range(0, 450));
  expect(asked.map((one) => one.files.length)).toEqual([100, 100, 100]);
  asked[0]?.answer();
  await turn();
  expect(asked.map((one) => one.files[0])).toEqual(['0', '100', '200', '300']);
});

it('knows where a thumbnail lies, and which files have none', async () => {
  atlases.want(['7', '5', '9', ...range(20, 10)]);
  asked[0]?.answer([1]);
  await turn();
  expect(atlases.of('7')).toEqual({ url: 'blob:1', x: 0, y: 0, ...cell });
  expect(atlases.of('29')).toMatchObject({ x: 96 * 12 });
  expect(atlases.of('5')).toBeNull();
  expect(atlases.of('1000')).toBeUndefined();
});

it('cancels what has been scrolled away, and keeps what is still wanted', () => {
  atlases.want(range(0, 200));
  atlases.want(range(150, 200));
  expect(asked.slice(0, 2).map((one) => one.signal.aborted)).toEqual([true, false]);
  // Files under way are not asked for twice.
  expect(asked[2]?.files[0]).toBe('200');
});

it('asks again for what failed after ever longer waits, whatever is drawn meanwhile', async () => {
  vi.useFakeTimers();
  for (const wait of [1000, 2000, 4000]) {
    atlases.want(['1', '2']);
    asked.at(-1)?.fail();
    await vi.advanceTimersByTimeAsync(wait - 1);
    const before = asked.length;
    atlases.want(['1', '2']);
    expect(asked).toHaveLength(before);
    expect(atlases.error).toBeInstanceOf(TypeError);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveLength(before + 1);
  }
  asked.at(-1)?.answer();
  await vi.advanceTimersByTimeAsync(0);
  expect(atlases.error).toBeNull();
});

it('asks for nothing more when everything is refused, until it is told to', async () => {
  const refusal = new ServiceError('AccessDenied', 'no', 403, '');
  atlases.want(range(0, 1000));
  for (let i = 0; i < asked.length; ++i) {
    asked[i]?.fail(refusal);
    await turn();
    atlases.want(range(0, 1000));
  }
  expect(asked.length).toBeLessThan(6);
  expect(atlases.error).toBe(refusal);
  const before = asked.length;
  atlases.retry();
  expect(asked.length).toBe(before + 3);
  expect(atlases.error).toBeNull();
});

it('gives back the memory of old pictures', async () => {
  for (let from = 0; from < 10_000; from += 100) {
    atlases.want(range(from, 100));
    asked.at(-1)?.answer();
    await turn();
  }
  expect(URL.revokeObjectURL).toHaveBeenCalledTimes(20);
  expect(atlases.of('0')).toBeUndefined();
  expect(atlases.of('9999')).toBeDefined();
});
