import type { Change, Edit, ListRow } from '../../api/lists';

const same = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((value, i) => value === b[i]);

function changedTo(row: ListRow, labels: readonly number[], changed: Change | undefined, was: readonly number[] | undefined): ListRow {
  const { Changed: _, Was: __, ...plain } = row;
  return { ...plain, Labels: labels, ...(changed === undefined ? {} : { Changed: changed }), ...(was === undefined ? {} : { Was: was }) };
}

/** A row as it will be when the daemon has taken the edit: shown at once, before the answer has come. */
export function edited(row: ListRow, edit: Edit): ListRow {
  if ('Add' in edit || !edit.Rows.includes(row.Row)) return row;
  const before = row.Was ?? row.Labels;
  if ('Labels' in edit) {
    if (row.Changed === 'added') return changedTo(row, edit.Labels, 'added', undefined);
    return same(before, edit.Labels) ? changedTo(row, before, undefined, undefined) : changedTo(row, edit.Labels, 'relabelled', before);
  }
  if ('Remove' in edit) return changedTo(row, row.Labels, 'removed', row.Was);
  return row.Changed === 'added' ? row : changedTo(row, before, undefined, undefined);
}
