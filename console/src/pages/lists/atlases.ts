/** One thumbnail: a cell of a picture that holds many. Lengths are cells. */
export interface Thumbnail {
  readonly url: string;
  readonly column: number;
  readonly line: number;
  readonly columns: number;
  readonly lines: number;
}

/** null: the row has no picture that can be shown. */
export type Found = Thumbnail | null;

interface Atlas {
  readonly url: string;
  readonly rows: readonly number[];
}

interface Job {
  readonly rows: readonly number[];
  readonly abort: AbortController;
}

export interface AtlasAnswer {
  readonly picture: Blob;
  readonly columns: number;
  /** Positions that have no picture. */
  readonly missing: readonly number[];
}

export type FetchAtlas = (rows: readonly number[], signal: AbortSignal) => Promise<AtlasAnswer>;

/** Cells of one picture, as the daemon has it. */
const batch = 100;
/** More at a time would only wait for each other, and keep what comes into view waiting. */
const atOnce = 3;
/** Pictures kept in memory, about 300 kB each. */
const kept = 80;

/**
 * The thumbnails of a list's rows, fetched a hundred at a time as they are wanted. What is no longer wanted is cancelled;
 * what failed is asked for again when it next comes into view.
 */
export class Atlases {
  private readonly found = new Map<number, Found>();
  private readonly failed = new Set<number>();
  private atlases: Atlas[] = [];
  private running: Job[] = [];
  private wanted: readonly number[] = [];
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
  of(row: number): Found | undefined {
    return this.found.get(row);
  }

  /** Rows whose thumbnails are to be there, those in view first. */
  want(rows: readonly number[]): void {
    this.wanted = rows;
    this.failed.clear();
    const wanted = new Set(rows);
    for (const job of this.running) {
      if (!job.rows.some((row) => wanted.has(row))) job.abort.abort();
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
    for (const atlas of this.atlases) URL.revokeObjectURL(atlas.url);
    this.running = [];
    this.atlases = [];
    this.found.clear();
    ++this.revision;
  }

  private start(): void {
    if (this.closed) return;
    const underWay = new Set(this.running.flatMap((job) => job.rows));
    const missing = this.wanted.filter((row) => !this.found.has(row) && !underWay.has(row) && !this.failed.has(row));
    for (let from = 0; from < missing.length && this.running.length < atOnce; from += batch) this.fetch(missing.slice(from, from + batch));
  }

  private fetch(rows: readonly number[]): void {
    const job: Job = { rows, abort: new AbortController() };
    this.running.push(job);
    this.fetchAtlas(rows, job.abort.signal).then(
      (answer) => this.take(job, answer),
      () => {
        if (!job.abort.signal.aborted) for (const row of rows) this.failed.add(row);
        this.end(job);
      },
    );
  }

  private take(job: Job, { picture, columns, missing }: AtlasAnswer): void {
    if (this.closed || job.abort.signal.aborted) return;
    const url = URL.createObjectURL(picture);
    const absent = new Set(missing);
    const lines = Math.ceil(job.rows.length / columns);
    job.rows.forEach((row, position) =>
      this.found.set(row, absent.has(position) ? null : { url, column: position % columns, line: Math.floor(position / columns), columns, lines }));
    this.atlases.push({ url, rows: job.rows });
    this.forget();
    this.end(job);
  }

  /** Drops the oldest pictures that nothing in view or near it comes from. */
  private forget(): void {
    const wanted = new Set(this.wanted);
    let excess = this.atlases.length - kept;
    this.atlases = this.atlases.filter((atlas) => {
      if (excess <= 0 || atlas.rows.some((row) => wanted.has(row))) return true;
      --excess;
      URL.revokeObjectURL(atlas.url);
      for (const row of atlas.rows) this.found.delete(row);
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
