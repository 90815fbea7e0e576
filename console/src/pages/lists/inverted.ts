import type { Diff, DiffKind } from '../../api/lists';

/** The kind of change that undoes one. */
export function invertedKind(kind: DiffKind): DiffKind {
  return kind === 'added' ? 'removed' : kind === 'removed' ? 'added' : kind;
}

/** A comparison seen from its other side. */
export function inverted(diff: Diff): Diff {
  return {
    ...diff,
    Added: diff.Removed,
    Removed: diff.Added,
    Flow: diff.Flow.map(({ From, To, Count }) => ({ From: To, To: From, Count })),
    Rows: diff.Rows.map(({ Kind, A, B }) => ({ Kind: invertedKind(Kind), ...(B === undefined ? {} : { A: B }), ...(A === undefined ? {} : { B: A }) })),
  };
}
