/** How far a search of a log has come: the lines that match, ascending, and the first that has not been looked at. */
export interface Progress {
  readonly matches: readonly number[];
  readonly next: number;
}

/** What one answer of the service adds; `Next` where it stopped before the log's end. */
export interface Found {
  readonly Matches: readonly number[];
  readonly Next?: number;
}

export const notBegun: Progress = { matches: [], next: 0 };

/** Matches that are looked for ahead of the one shown: a word in every line is not fetched a million times. */
const ahead = 5000;

/** Whether there is more to look at, in a log of `total` lines with the match number `current` on the screen. */
export function goesOn(progress: Progress, total: number, current: number): boolean {
  return progress.next < total && progress.matches.length < current + ahead;
}

/**
 * The search after one more answer. `total` is how many lines were known when it was asked for; the service may have had
 * more by then, and lines that it has told of already come again when the search goes on from `total`.
 */
export function advanced(progress: Progress, found: Found, total: number): Progress {
  const last = progress.matches[progress.matches.length - 1] ?? -1;
  const fresh = found.Matches.filter((line) => line > last);
  return { matches: fresh.length === 0 ? progress.matches : [...progress.matches, ...fresh], next: Math.max(progress.next, found.Next ?? total) };
}
