/** One file on its way into the store. */
export interface Upload {
  readonly id: number;
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
  readonly sent: number;
  readonly status: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly error?: unknown;
}

/** A file and where it lay below what was chosen or dropped: "a.jpg", "cats/a.jpg". */
export interface NamedFile {
  readonly path: string;
  readonly file: File;
}

export type Send = (bucket: string, key: string, file: File, upload: { readonly onProgress: (sent: number) => void; readonly signal: AbortSignal }) => Promise<void>;

/** Of all uploads together. */
export interface Progress {
  readonly count: number;
  readonly done: number;
  readonly failed: number;
  readonly active: number;
  readonly sent: number;
  readonly size: number;
}

interface Entry {
  upload: Upload;
  readonly file: File;
  abort: AbortController;
}

/** Files that are on their way at once; more would only share the same wire. */
const parallel = 3;
/** Listeners hear of progress no more often, however many files there are. */
const rest = 100;

export const isActive = (upload: Upload): boolean => upload.status === 'waiting' || upload.status === 'running';

const nothing: Progress = { count: 0, done: 0, failed: 0, active: 0, sent: 0, size: 0 };

/** With one upload more (`by` 1) or less (-1). */
function counted(total: Progress, one: Upload, by: 1 | -1): Progress {
  if (one.status === 'cancelled') return total;
  return {
    count: total.count + by,
    done: total.done + (one.status === 'done' ? by : 0),
    failed: total.failed + (one.status === 'failed' ? by : 0),
    active: total.active + (isActive(one) ? by : 0),
    sent: total.sent + by * one.sent,
    size: total.size + by * one.size,
  };
}

/** The first of them, those that need a look before others; thousands are looked at once each, not sorted. */
export function foremost(uploads: readonly Upload[], most: number): readonly Upload[] {
  const found: Record<Upload['status'], Upload[]> = { failed: [], running: [], waiting: [], cancelled: [], done: [] };
  for (const one of uploads) if (found[one.status].length < most) found[one.status].push(one);
  return Object.values(found).flat().slice(0, most);
}

/** Uploads into any buckets, a few at once, in the order in which they were asked for. It belongs to no page. */
export class UploadQueue {
  private readonly entries = new Map<number, Entry>();
  /** Ids in their order; those before `next` have had their turn, others may have been cancelled since. */
  private waiting: number[] = [];
  private next = 0;
  /** Kept as entries change: a folder has more files than are worth counting ten times a second. */
  private total = nothing;
  private running = 0;
  private nextId = 0;
  private shown: readonly Upload[] = [];
  private shownTotal = nothing;
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly send: Send) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): readonly Upload[] => this.shown;

  /** Of what the snapshot has. */
  readonly progress = (): Progress => this.shownTotal;

  get active(): boolean {
    return this.total.active > 0;
  }

  add(bucket: string, prefix: string, files: readonly NamedFile[]): void {
    for (const { path, file } of files) {
      const id = ++this.nextId;
      const upload: Upload = { id, bucket, key: prefix + path, size: file.size, sent: 0, status: 'waiting' };
      this.entries.set(id, { upload, file, abort: new AbortController() });
      this.total = counted(this.total, upload, 1);
      this.waiting.push(id);
    }
    this.pump();
  }

  cancel(id: number): void {
    const entry = this.entries.get(id);
    if (!entry || !isActive(entry.upload)) return;
    entry.abort.abort();
    // One under way is so when its request has ended.
    if (entry.upload.status === 'waiting') this.change(entry, { status: 'cancelled' });
  }

  cancelAll(): void {
    for (const id of this.entries.keys()) this.cancel(id);
  }

  /** Sends again from the beginning: one of them, or all that failed. */
  retry(id?: number): void {
    for (const entry of this.entries.values()) {
      if (entry.upload.status !== 'failed' || (id !== undefined && entry.upload.id !== id)) continue;
      this.change(entry, { sent: 0, status: 'waiting', error: undefined });
      entry.abort = new AbortController();
      this.waiting.push(entry.upload.id);
    }
    this.pump();
  }

  /** Forgets what has come to an end. */
  clear(): void {
    for (const [id, entry] of this.entries) {
      if (isActive(entry.upload)) continue;
      this.entries.delete(id);
      this.total = counted(this.total, entry.upload, -1);
    }
    this.changed();
  }

  /** Cancels all of them and forgets them at once. */
  forget(): void {
    this.cancelAll();
    this.entries.clear();
    this.waiting = [];
    this.next = 0;
    this.total = nothing;
    this.publish();
  }

  private pump(): void {
    while (this.running < parallel && this.next < this.waiting.length) {
      const entry = this.entries.get(this.waiting[this.next++] ?? 0);
      if (entry?.upload.status === 'waiting') this.start(entry);
    }
    if (this.next > 0 && this.next === this.waiting.length) {
      this.waiting = [];
      this.next = 0;
    }
    this.changed();
  }

  private start(entry: Entry): void {
    const { signal } = entry.abort;
    ++this.running;
    this.change(entry, { status: 'running' });
    this.send(entry.upload.bucket, entry.upload.key, entry.file, { onProgress: (sent) => this.change(entry, { sent }), signal })
      .then(
        () => this.change(entry, { status: 'done', sent: entry.upload.size }),
        (error: unknown) => this.change(entry, signal.aborted ? { status: 'cancelled' } : { status: 'failed', error }),
      )
      .finally(() => {
        --this.running;
        this.pump();
      });
  }

  private change(entry: Entry, update: Partial<Upload>): void {
    const before = entry.upload;
    entry.upload = { ...before, ...update };
    // A request under way ends after its upload was forgotten.
    if (this.entries.get(before.id) !== entry) return;
    this.total = counted(counted(this.total, before, -1), entry.upload, 1);
    this.changed();
  }

  private changed(): void {
    this.timer ??= setTimeout(() => this.publish(), rest);
  }

  private publish(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.shown = Array.from(this.entries.values(), (entry) => entry.upload);
    this.shownTotal = this.total;
    this.listeners.forEach((listener) => listener());
  }
}
