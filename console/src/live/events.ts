/**
 * One event stream for everything that is on the screen. Topics change as pages come and go; the stream is opened anew
 * with the union of them, a moment later so that a page's own topics come together. A tab that nobody sees has none:
 * browsers keep six connections to a host (over HTTP/1.1), and the daemon has so many seats for streams.
 */
export type EventKind = 'jobs' | 'job' | 'metrics' | 'log' | 'endpoints';

export interface LiveEvent {
  readonly kind: EventKind;
  readonly data: unknown;
}

type Listener = (event: LiveEvent) => void;

const kinds: readonly EventKind[] = ['jobs', 'job', 'metrics', 'log', 'endpoints'];
/** How long after a stream was refused or broke off pages poll before it is tried again. */
const retryAfter = 10_000;

const subscriptions = new Map<Listener, readonly string[]>();
const watchers = new Set<() => void>();
let source: EventSource | null = null;
let open = '';
let live = false;
let timer: number | undefined;
/** How long a tab is hidden before it gives its stream up: a look at another tab is no reason. */
const hiddenFor = 5000;

function setLive(next: boolean): void {
  if (live === next) return;
  live = next;
  watchers.forEach((watcher) => watcher());
}

function topics(): string {
  if (document.hidden) return '';
  return [...new Set([...subscriptions.values()].flat())].sort().join(',');
}

function tell(event: LiveEvent): void {
  subscriptions.forEach((_, listener) => listener(event));
}

function connect(): void {
  const wanted = topics();
  if (wanted === open && source !== null) return;
  source?.close();
  source = null;
  open = wanted;
  if (wanted === '') {
    setLive(false);
    return;
  }
  const next = new EventSource(`/mr/events?topics=${encodeURIComponent(wanted)}`);
  source = next;
  let opened = false;
  next.onopen = () => {
    setLive(true);
    // The stream tells first how things stand, but of the jobs, which may have changed since the page asked for them.
    // One that the browser resumes after a break tells what was missed.
    if (!opened && wanted.split(',').includes('jobs')) tell({ kind: 'jobs', data: { Many: true } });
    opened = true;
  };
  next.onerror = () => {
    setLive(false);
    // The browser resumes a stream that broke off by itself, with Last-Event-ID; one that was refused it gives up.
    if (next.readyState === EventSource.CLOSED && source === next) {
      source = null;
      schedule(retryAfter);
    }
  };
  for (const kind of kinds) {
    next.addEventListener(kind, (message: MessageEvent<string>) => {
      tell({ kind, data: JSON.parse(message.data) });
    });
  }
}

function schedule(delay: number): void {
  window.clearTimeout(timer);
  timer = window.setTimeout(connect, delay);
}

document.addEventListener('visibilitychange', () => schedule(document.hidden ? hiddenFor : 0));

export function subscribe(wanted: readonly string[], listener: Listener): () => void {
  subscriptions.set(listener, wanted);
  schedule(50);
  return () => {
    subscriptions.delete(listener);
    schedule(200);
  };
}

/** Whether events arrive; while they do not, pages poll. */
export function isLive(): boolean {
  return live;
}

export function onLive(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}
