import { afterEach, beforeEach, expect, it, vi } from 'vitest';

/** What stands in for the browser's stream: it does nothing by itself. */
class Source {
  static readonly CLOSED = 2;
  static readonly made: Source[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  constructor(readonly url: string) {
    Source.made.push(this);
  }
  addEventListener(): void {}
  close(): void {
    this.readyState = Source.CLOSED;
  }
}

let visibility: () => void = () => undefined;
const page = { hidden: false, addEventListener: (_: string, listener: () => void) => (visibility = listener) };

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetModules();
  Source.made.length = 0;
  page.hidden = false;
  vi.stubGlobal('document', page);
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal('EventSource', Source);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function seen(hidden: boolean): void {
  page.hidden = hidden;
  visibility();
}

it('gives the stream up in a tab that stays hidden, and takes another when it is seen again', async () => {
  const { subscribe } = await import('./events');
  subscribe(['job:a'], () => undefined);
  vi.advanceTimersByTime(100);
  expect(Source.made.map((one) => one.url)).toEqual(['/mr/events?topics=job%3Aa']);
  seen(true);
  vi.advanceTimersByTime(2000);
  seen(false);
  vi.advanceTimersByTime(10_000);
  expect(Source.made).toHaveLength(1);
  seen(true);
  vi.advanceTimersByTime(6000);
  expect(Source.made[0]?.readyState).toBe(Source.CLOSED);
  seen(false);
  vi.advanceTimersByTime(10);
  expect(Source.made).toHaveLength(2);
});

it('has the jobs asked for anew when a stream begins, and not when the browser resumes it', async () => {
  const { subscribe } = await import('./events');
  const told: unknown[] = [];
  subscribe(['jobs'], (event) => told.push(event));
  vi.advanceTimersByTime(100);
  Source.made[0]?.onopen?.();
  expect(told).toEqual([{ kind: 'jobs', data: { Many: true } }]);
  Source.made[0]?.onerror?.();
  Source.made[0]?.onopen?.();
  expect(told).toHaveLength(1);
});
