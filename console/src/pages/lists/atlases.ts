import { ServiceError } from '../../api/errors';
import type { Atlas, Rectangle } from '../../api/mr';

/** One thumbnail: a part of a picture that holds many. */
export interface Thumbnail extends Rectangle {
  readonly url: string;
}

/** null: there is no picture that can be shown. */
export type Found = Thumbnail | null;

interface Kept {
  readonly url: string;
  readonly files: readonly string[];
}

interface Job {
  readonly files: readonly string[];
  readonly abort: AbortController;
}

/** One picture of all; null where none of the files can be shown. */
export type FetchAtlas = (files: readonly string[], signal: AbortSignal) => Promise<Atlas | null>;

/** Cells of one picture, as the daemon has it. */
const batch = 100;
/** More at a time would only wait for each other, and keep what comes into view waiting. */
const atOnce = 3;
/** Pictures kept in memory, about 300 kB each. */
const kept = 80;
/** So many failures in a row, and nothing more is asked for until the wait is over. */
const patience = 3;
/** Milliseconds before what failed is asked for again; each further failure doubles them. */
const firstWait = 1000;
const longestWait = 60_000;

/** An answer that would be the same again, unlike a broken connection, a session to be renewed or too many requests. */
function isRefusal(error: unknown): boolean {
  return error instanceof ServiceError && error.status >= 400 && error.status < 500 && error.status !== 401 && error.status !== 429;
}

/**
 * Thumbnails of files, fetched a hundred at a time as they are wanted. What is no longer wanted is cancelled. What failed is
 * asked for again after ever longer waits, what was refused only by retry().
 */
export class Atlases {
  private readonly found = new Map<string, Found>();
  private readonly failed = new Set<string>();
  private readonly refused = new Set<string>();
  /** In a row. */
  private failures = 0;
  private waits = 0;
  private reason: unknown = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private atlases: Kept[] = [];
  private running: Job[] = [];
  private wanted: readonly string[] = [];
  private readonly listeners = new Set<() => void>();
  private revision = 0;
  private closed = false;

  constructor(private readonly fetchAtlas: FetchAtlas) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Changes whenever a thumbnail comes or goes. */
  readonly snapshot = (): number => this.revision;

  /** Undefined while it is not there yet. */
  of(file: string): Found | undefined {
    return this.found.get(file);
  }

  /** Why some that are wanted are not there; null while nothing is wrong. */
  get error(): unknown {
    return this.reason;
  }

  /** Asks again for all that failed. */
  retry(): void {
    this.forgive();
    this.start();
    this.changed();
  }

  /** Files whose thumbnails are to be there, those in view first. */
  want(files: readonly string[]): void {
    this.wanted = files;
    const wanted = new Set(files);
    for (const job of this.running) {
      if (!job.files.some((file) => wanted.has(file))) job.abort.abort();
    }
    this.running = this.running.filter((job) => !job.abort.signal.aborted);
    this.start();
  }

  /** Takes up work, again after close(). */
  open(): void {
    this.closed = false;
    this.start();
  }

  /** Gives the pictures' memory back. */
  close(): void {
    this.closed = true;
    this.forgive();
    for (const job of this.running) job.abort.abort();
    for (const atlas of this.atlases) if (atlas.url !== '') URL.revokeObjectURL(atlas.url);
    this.running = [];
    this.atlases = [];
    this.found.clear();
    ++this.revision;
  }

  private forgive(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.failures = this.waits = 0;
    this.failed.clear();
    this.refused.clear();
    this.reason = null;
  }

  private start(): void {
    if (this.closed || this.failures >= patience) return;
    const underWay = new Set(this.running.flatMap((job) => job.files));
    const missing = this.wanted.filter((file) => !this.found.has(file) && !underWay.has(file) && !this.failed.has(file) && !this.refused.has(file));
    for (let from = 0; from < missing.length && this.running.length < atOnce; from += batch) this.fetch(missing.slice(from, from + batch));
  }

  private fetch(files: readonly string[]): void {
    const job: Job = { files, abort: new AbortController() };
    this.running.push(job);
    this.fetchAtlas(files, job.abort.signal).then(
      (answer) => this.take(job, answer),
      (error: unknown) => {
        if (!this.closed && !job.abort.signal.aborted) this.fail(job, error);
        this.end(job);
      },
    );
  }

  private fail(job: Job, error: unknown): void {
    this.reason = error;
    ++this.failures;
    const refused = isRefusal(error);
    for (const file of job.files) (refused ? this.refused : this.failed).add(file);
    if (refused || this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.failures = 0;
      this.failed.clear();
      this.start();
    }, Math.min(longestWait, firstWait * 2 ** this.waits++));
  }

  private take(job: Job, atlas: Atlas | null): void {
    if (this.closed || job.abort.signal.aborted) return;
    const url = atlas === null ? '' : URL.createObjectURL(atlas.picture);
    job.files.forEach((file, position) => {
      const rectangle = atlas?.rectangles[position];
      this.found.set(file, rectangle === undefined || rectangle.width === 0 ? null : { url, ...rectangle });
    });
    this.failures = this.waits = 0;
    if (this.failed.size + this.refused.size === 0) this.reason = null;
    this.atlases.push({ url, files: job.files });
    this.forget();
    this.end(job);
  }

  /** Drops the oldest pictures that nothing in view or near it comes from. */
  private forget(): void {
    const wanted = new Set(this.wanted);
    let excess = this.atlases.length - kept;
    this.atlases = this.atlases.filter((atlas) => {
      if (excess <= 0 || atlas.files.some((file) => wanted.has(file))) return true;
      --excess;
      if (atlas.url !== '') URL.revokeObjectURL(atlas.url);
      for (const file of atlas.files) this.found.delete(file);
      return false;
    });
  }

  private end(job: Job): void {
    this.running = this.running.filter((other) => other !== job);
    this.start();
    this.changed();
  }

  private changed(): void {
    ++this.revision;
    this.listeners.forEach((listener) => listener());
  }
}
