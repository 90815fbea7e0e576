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

export function progressOf(uploads: readonly Upload[]): Progress {
  const counted = uploads.filter((one) => one.status !== 'cancelled');
  const of = (status: Upload['status']): number => counted.filter((one) => one.status === status).length;
  return {
    count: counted.length,
    done: of('done'),
    failed: of('failed'),
    active: counted.filter(isActive).length,
    sent: counted.reduce((sum, one) => sum + one.sent, 0),
    size: counted.reduce((sum, one) => sum + one.size, 0),
  };
}

/** Uploads into any buckets, a few at once, in the order in which they were asked for. It belongs to no page. */
export class UploadQueue {
  private readonly entries = new Map<number, Entry>();
  private running = 0;
  private nextId = 0;
  private shown: readonly Upload[] = [];
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly send: Send) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): readonly Upload[] => this.shown;

  get active(): boolean {
    return [...this.entries.values()].some((entry) => isActive(entry.upload));
  }

  add(bucket: string, prefix: string, files: readonly NamedFile[]): void {
    for (const { path, file } of files) {
      const id = ++this.nextId;
      this.entries.set(id, { upload: { id, bucket, key: prefix + path, size: file.size, sent: 0, status: 'waiting' }, file, abort: new AbortController() });
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
      const { error: _, ...upload } = entry.upload;
      entry.upload = { ...upload, sent: 0, status: 'waiting' };
      entry.abort = new AbortController();
    }
    this.pump();
  }

  /** Forgets what has come to an end. */
  clear(): void {
    for (const [id, entry] of this.entries) if (!isActive(entry.upload)) this.entries.delete(id);
    this.changed();
  }

  private pump(): void {
    for (const entry of this.entries.values()) {
      if (this.running >= parallel) break;
      if (entry.upload.status === 'waiting') this.start(entry);
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
    entry.upload = { ...entry.upload, ...update };
    this.changed();
  }

  private changed(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.shown = [...this.entries.values()].map((entry) => entry.upload);
      this.listeners.forEach((listener) => listener());
    }, rest);
  }
}
