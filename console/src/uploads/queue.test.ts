import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { foremost, UploadQueue, type NamedFile } from './queue';

interface Sent {
  key: string;
  progress: (sent: number) => void;
  done: () => void;
  fail: (error: unknown) => void;
}

let sent: Sent[];
let queue: UploadQueue;
const files = (...paths: string[]): NamedFile[] => paths.map((path) => ({ path, file: new File(['four'], path) }));
const statuses = (): string[] => queue.snapshot().map((one) => `${one.bucket}/${one.key} ${one.status}`);
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(200);

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  queue = new UploadQueue(
    (bucket, key, _, upload) =>
      new Promise((resolve, reject) => {
        upload.signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
        sent.push({ key: `${bucket}/${key}`, progress: upload.onProgress, done: resolve, fail: reject });
      }),
  );
});
afterEach(() => vi.useRealTimers());

it('sends three at once, the next when one has ended, into whichever bucket it was for', async () => {
  queue.add('a', 'x/', files('1', 'cats/2'));
  queue.add('b', '', files('3', '4'));
  expect(sent.map((one) => one.key)).toEqual(['a/x/1', 'a/x/cats/2', 'b/3']);
  sent[1]?.done();
  await settle();
  expect(sent.map((one) => one.key)).toEqual(['a/x/1', 'a/x/cats/2', 'b/3', 'b/4']);
  expect(statuses()).toEqual(['a/x/1 running', 'a/x/cats/2 done', 'b/3 running', 'b/4 running']);
});

it('tells how far all of them are', async () => {
  queue.add('a', '', files('1', '2'));
  sent[0]?.progress(3);
  await settle();
  expect(queue.progress()).toEqual({ count: 2, done: 0, failed: 0, active: 2, sent: 3, size: 8 });
  expect(queue.active).toBe(true);
});

it('one that failed says why and is sent again from the beginning', async () => {
  queue.add('a', '', files('1'));
  sent[0]?.progress(2);
  sent[0]?.fail(new Error('no room'));
  await settle();
  expect(queue.snapshot()).toMatchObject([{ status: 'failed', error: new Error('no room') }]);
  expect(queue.active).toBe(false);
  queue.retry();
  await settle();
  expect(queue.snapshot()).toMatchObject([{ status: 'running', sent: 0 }]);
  sent[1]?.done();
  await settle();
  queue.clear();
  await settle();
  expect(queue.snapshot()).toEqual([]);
  expect(queue.progress().count).toBe(0);
});

it('one that is cancelled leaves its place to the next, and waits for nothing', async () => {
  queue.add('a', '', files('1', '2', '3', '4', '5'));
  queue.cancel(5);
  queue.cancel(1);
  await settle();
  expect(statuses()).toEqual(['a/1 cancelled', 'a/2 running', 'a/3 running', 'a/4 running', 'a/5 cancelled']);
  queue.cancelAll();
  await settle();
  expect(queue.active).toBe(false);
  expect(sent).toHaveLength(4);
});

it('listeners hear of many changes at once', async () => {
  const heard = vi.fn();
  queue.subscribe(heard);
  queue.add('a', '', files(...Array.from({ length: 50 }, (_, i) => String(i))));
  for (let i = 1; i <= 4; ++i) sent[0]?.progress(i);
  await settle();
  expect(heard).toHaveBeenCalledTimes(1);
});

it('all are cancelled and forgotten at once for whoever comes next', async () => {
  queue.add('a', '', files('1', '2', '3', '4'));
  sent[0]?.fail(new Error('no room'));
  await settle();
  queue.forget();
  expect(queue.snapshot()).toEqual([]);
  expect(queue.active).toBe(false);
  queue.retry();
  queue.add('b', '', files('5'));
  await settle();
  expect(statuses()).toEqual(['b/5 running']);
  expect(queue.progress()).toEqual({ count: 1, done: 0, failed: 0, active: 1, sent: 0, size: 4 });
  expect(sent.map((one) => one.key)).toEqual(['a/1', 'a/2', 'a/3', 'a/4', 'b/5']);
});

it('those that need a look come first', async () => {
  queue.add('a', '', files('1', '2', '3', '4', '5'));
  sent[0]?.done();
  sent[1]?.fail(new Error('no room'));
  queue.cancel(4);
  await settle();
  expect(foremost(queue.snapshot(), 3).map((one) => `${one.key} ${one.status}`)).toEqual(['2 failed', '3 running', '5 running']);
  expect(foremost(queue.snapshot(), 20).map((one) => one.key)).toEqual(['2', '3', '5', '4', '1']);
});
