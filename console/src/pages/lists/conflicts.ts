import { ServiceError } from '../../api/errors';
import type { Conflict, Edit, Side } from '../../api/lists';

interface WireRow {
  readonly labels: readonly number[];
  readonly path: string;
}

interface WireConflict {
  readonly base?: WireRow;
  readonly ours?: WireRow;
  readonly theirs?: WireRow;
}

export interface Conflicts {
  /** Of the list that the changes were to be written into. */
  readonly version: number;
  /** Of very many only the first are shown. */
  readonly count: number;
  readonly shown: readonly Conflict[];
}

/** The rows that both sides changed, where a refusal is about them; null for other errors. */
export function conflictsOf(error: unknown): Conflicts | null {
  if (!(error instanceof ServiceError) || error.status !== 409) return null;
  const { Conflicts: found, Count: count, Version: version } = (error.details ?? {}) as { Conflicts?: readonly WireConflict[]; Count?: number; Version?: { Number?: number } };
  if (!Array.isArray(found) || found.length === 0) return null;
  const shown = (found as readonly WireConflict[]).map(({ base, ours, theirs }): Conflict => ({
    Path: (ours ?? theirs ?? base)?.path ?? '',
    ...(base ? { Base: base.labels } : {}),
    ...(ours ? { Yours: ours.labels } : {}),
    ...(theirs ? { Theirs: theirs.labels } : {}),
  }));
  return { version: version?.Number ?? 0, count: count ?? shown.length, shown };
}

export type Choices = Readonly<Record<string, Side>>;

/**
 * What settles a choice by row: the daemon takes one side for all that is in conflict, so rows that are to be as the other
 * has them are first made so in the draft. `held` is what the draft has of each row by now: another attempt, after one that
 * did not get through, changes no row twice.
 */
export function settlement({ shown }: Conflicts, choices: Choices, held: Choices = {}): { readonly take: Side; readonly edits: readonly Edit[] } {
  const wanted = (conflict: Conflict): Side => choices[conflict.Path] ?? 'yours';
  if (shown.every((conflict) => wanted(conflict) === 'theirs')) return { take: 'theirs', edits: [] };
  const changed = shown.filter((conflict) => wanted(conflict) !== (held[conflict.Path] ?? 'yours'));
  return { take: 'yours', edits: changed.map((conflict) => (wanted(conflict) === 'theirs' ? made(conflict.Path, conflict.Yours, conflict.Theirs) : made(conflict.Path, conflict.Theirs, conflict.Yours))) };
}

/** Makes a row that has some labels, or is not there, one that has others, or is not there. */
function made(path: string, from: readonly number[] | undefined, to: readonly number[] | undefined): Edit {
  if (to === undefined) return { Do: 'remove', Paths: [path] };
  if (from === undefined) return { Do: 'add', Rows: [{ path, labels: to }] };
  return { Do: 'relabel', Paths: [path], Labels: to };
}
