import type { Edit, ListRow, RowPage } from '../../api/lists';

const same = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((value, i) => value === b[i]);

function relabelled(row: ListRow, labels: readonly number[]): ListRow {
  const { Changed, Was, ...plain } = row;
  if (Changed === 'added') return { ...plain, Labels: labels, Changed };
  const before = Was ?? row.Labels;
  return same(before, labels) ? { ...plain, Labels: before } : { ...plain, Labels: labels, Changed: 'relabelled', Was: before };
}

/** A page as it will be when the daemon has taken the edit: shown at once, before the answer has come. */
export function edited(page: RowPage, edit: Edit): RowPage {
  if (edit.Do === 'add') return page;
  const paths = new Set(edit.Paths);
  if (edit.Do === 'relabel') return { ...page, Rows: page.Rows.map((row) => (paths.has(row.Path) ? relabelled(row, edit.Labels) : row)) };
  const left = page.Rows.filter((row) => !paths.has(row.Path));
  return { Total: page.Total - (page.Rows.length - left.length), Rows: left };
}
