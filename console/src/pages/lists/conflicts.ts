import { ServiceError } from '../../api/errors';
import type { Conflict, Edit, ListRow, Side } from '../../api/lists';

/** The rows that both sides changed, where a refusal is about them; null for other errors. */
export function conflictsOf(error: unknown): readonly Conflict[] | null {
  if (!(error instanceof ServiceError) || error.status !== 409) return null;
  const { Conflicts: found } = (error.details ?? {}) as { Conflicts?: readonly Conflict[] };
  return Array.isArray(found) && found.length > 0 ? (found as readonly Conflict[]) : null;
}

export type Choices = Readonly<Record<string, Side>>;

/**
 * What settles a choice by row: the daemon takes one side for all that is in conflict, so the rows that are to be theirs
 * leave the draft first. `undo` are their paths.
 */
export function settlement(conflicts: readonly Conflict[], choices: Choices): { readonly take: Side; readonly undo: readonly string[] } {
  const theirs = conflicts.filter((conflict) => choices[conflict.Path] === 'theirs').map((conflict) => conflict.Path);
  if (theirs.length === conflicts.length) return { take: 'theirs', undo: [] };
  return { take: 'yours', undo: theirs };
}

/** A query that finds one path. Text in queries has one kind of quote inside at most. */
export function pathQuery(path: string): string {
  return path.includes('"') ? `path = '${path}'` : `path = "${path}"`;
}

/** Takes the caller's own change of a row back. */
export function takenBack(row: ListRow): Edit {
  return row.Changed === 'added' ? { Rows: [row.Row], Remove: true } : { Rows: [row.Row], Restore: true };
}
