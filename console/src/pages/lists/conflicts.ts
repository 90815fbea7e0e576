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
  /** Of very many only the first are shown. */
  readonly count: number;
  readonly shown: readonly Conflict[];
}

/** The rows that both sides changed, where a refusal is about them; null for other errors. */
export function conflictsOf(error: unknown): Conflicts | null {
  if (!(error instanceof ServiceError) || error.status !== 409) return null;
  const { Conflicts: found, Count: count } = (error.details ?? {}) as { Conflicts?: readonly WireConflict[]; Count?: number };
  if (!Array.isArray(found) || found.length === 0) return null;
  const shown = (found as readonly WireConflict[]).map(({ base, ours, theirs }): Conflict => ({
    Path: (ours ?? theirs ?? base)?.path ?? '',
    ...(base ? { Base: base.labels } : {}),
    ...(ours ? { Yours: ours.labels } : {}),
    ...(theirs ? { Theirs: theirs.labels } : {}),
  }));
  return { count: count ?? shown.length, shown };
}

export type Choices = Readonly<Record<string, Side>>;

/**
 * What settles a choice by row: the daemon takes one side for all that is in conflict, so rows that are to be as the other
 * has them are first made so in the draft.
 */
export function settlement({ shown }: Conflicts, choices: Choices): { readonly take: Side; readonly edits: readonly Edit[] } {
  const theirs = shown.filter((conflict) => choices[conflict.Path] === 'theirs');
  if (theirs.length === shown.length) return { take: 'theirs', edits: [] };
  return { take: 'yours', edits: theirs.map(asTheirs) };
}

function asTheirs(conflict: Conflict): Edit {
  if (conflict.Theirs === undefined) return { Do: 'remove', Paths: [conflict.Path] };
  if (conflict.Yours === undefined) return { Do: 'add', Rows: [{ path: conflict.Path, labels: conflict.Theirs }] };
  return { Do: 'relabel', Paths: [conflict.Path], Labels: conflict.Theirs };
}
