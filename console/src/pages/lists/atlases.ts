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

/**
 * Thumbnails of files, fetched a hundred at a time as they are wanted. What is no longer wanted is cancelled;
 * what failed is asked for again when it next comes into view.
 */
export class Atlases {
  private readonly found = new Map<string, Found>();
  private readonly failed = new Set<string>();
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

  /** Files whose thumbnails are to be there, those in view first. */
  want(files: readonly string[]): void {
    this.wanted = files;
    this.failed.clear();
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
    for (const job of this.running) job.abort.abort();
    for (const atlas of this.atlases) if (atlas.url !== '') URL.revokeObjectURL(atlas.url);
    this.running = [];
    this.atlases = [];
    this.found.clear();
    ++this.revision;
  }

  private start(): void {
    if (this.closed) return;
    const underWay = new Set(this.running.flatMap((job) => job.files));
    const missing = this.wanted.filter((file) => !this.found.has(file) && !underWay.has(file) && !this.failed.has(file));
    for (let from = 0; from < missing.length && this.running.length < atOnce; from += batch) this.fetch(missing.slice(from, from + batch));
  }

  private fetch(files: readonly string[]): void {
    const job: Job = { files, abort: new AbortController() };
    this.running.push(job);
    this.fetchAtlas(files, job.abort.signal).then(
      (answer) => this.take(job, answer),
      () => {
        if (!job.abort.signal.aborted) for (const file of files) this.failed.add(file);
        this.end(job);
      },
    );
  }

  private take(job: Job, atlas: Atlas | null): void {
    if (this.closed || job.abort.signal.aborted) return;
    const url = atlas === null ? '' : URL.createObjectURL(atlas.picture);
    job.files.forEach((file, position) => {
      const rectangle = atlas?.rectangles[position];
      this.found.set(file, rectangle === undefined || rectangle.width === 0 ? null : { url, ...rectangle });
    });
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
    ++this.revision;
    this.listeners.forEach((listener) => listener());
  }
}
