/** Which rows are chosen, by their path, so that a choice outlives sorting and filtering. */
export interface Selection {
  readonly rows: ReadonlySet<string>;
  /** The position on the screen that keys move from. */
  readonly cursor: number;
  /** The position that a range begins at. */
  readonly anchor: number;
}

export const emptySelection: Selection = { rows: new Set(), cursor: 0, anchor: 0 };

/** More rows than that are not chosen one by one: their paths have to be sent. */
export const selectionLimit = 20_000;

/** Moves to a position without choosing; what is chosen stays. */
export function moveTo(selection: Selection, position: number): Selection {
  return { ...selection, cursor: position, anchor: position };
}

/** Chooses one row alone. */
export function choose(position: number, row: string): Selection {
  return { rows: new Set([row]), cursor: position, anchor: position };
}

/** Adds a row to the choice, or takes it out. */
export function toggle(selection: Selection, position: number, row: string): Selection {
  const rows = new Set(selection.rows);
  if (!rows.delete(row)) rows.add(row);
  return { rows, cursor: position, anchor: position };
}

/** The positions between the anchor and `position`, both included, at most as many as may be chosen. */
export function rangeTo(selection: Selection, position: number): { readonly from: number; readonly end: number } {
  const forward = position >= selection.anchor;
  const span = Math.min(Math.abs(position - selection.anchor) + 1, selectionLimit);
  return forward ? { from: selection.anchor, end: selection.anchor + span } : { from: selection.anchor - span + 1, end: selection.anchor + 1 };
}

/** Chooses what a range holds, in place of what was chosen. */
export function chooseRange(selection: Selection, position: number, rows: readonly string[]): Selection {
  return { rows: new Set(rows), cursor: position, anchor: selection.anchor };
}

/** Where a key moves the cursor; null for keys that do not move it. */
export function moved(key: string, cursor: number, shape: { readonly count: number; readonly columns: number; readonly rowsInView: number }, toEnds: boolean): number | null {
  const { count, columns } = shape;
  const page = Math.max(1, shape.rowsInView) * columns;
  const start = cursor - (cursor % columns);
  const target: Readonly<Record<string, number>> = {
    ArrowLeft: cursor - 1,
    ArrowRight: cursor + 1,
    ArrowUp: cursor - columns,
    ArrowDown: cursor + columns,
    PageUp: cursor - page,
    PageDown: cursor + page,
    Home: toEnds ? 0 : start,
    End: toEnds ? count - 1 : start + columns - 1,
  };
  const wanted = target[key];
  if (wanted === undefined || count === 0) return null;
  // Up and down stop in their column rather than jump to a corner.
  if (key === 'ArrowUp' && wanted < 0) return cursor;
  if (key === 'ArrowDown' && wanted >= count) return Math.floor((count - 1) / columns) > Math.floor(cursor / columns) ? count - 1 : cursor;
  return Math.min(count - 1, Math.max(0, wanted));
}
