import { afterEach, expect, it, vi } from 'vitest';
import { logPage } from './mr';

afterEach(() => vi.unstubAllGlobals());

/** A log of 100 lines, of which an answer has four at most. */
function serveFour(): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (path: string) => {
    asked.push(path);
    const parameters = new URL(path, 'http://localhost').searchParams;
    const given = Number(parameters.get('from'));
    const from = given < 0 ? 100 + given : given;
    const count = Math.min(4, Number(parameters.get('limit')), Math.max(0, 100 - from));
    const Lines = Array.from({ length: count }, (_, i) => ({ n: from + i, t: 0, m: `line ${from + i}` }));
    return Promise.resolve(new Response(JSON.stringify({ Total: 100, From: from, Lines, Streams: [] })));
  });
  return asked;
}

it('a page that is answered short is asked for from its end', async () => {
  const asked = serveFour();
  const page = await logPage('job', 10, 10);
  expect(page.Lines.map((line) => line.n)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  expect(asked).toHaveLength(3);
});

it('the last lines are all there, and nothing behind them is asked for', async () => {
  const asked = serveFour();
  expect((await logPage('job', -6, 6)).Lines.map((line) => line.n)).toEqual([94, 95, 96, 97, 98, 99]);
  expect((await logPage('job', 98, 500)).Lines.map((line) => line.n)).toEqual([98, 99]);
  expect((await logPage('job', 100, 500)).Lines).toEqual([]);
  expect(asked).toHaveLength(4);
});
