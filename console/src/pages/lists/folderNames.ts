import type { ListRow } from '../../api/lists';

/** How much of a class has to lie in a folder for the folder to name it: mislabelled pictures are what one looks for. */
const majority = 0.6;

/** What labels may be called: pictures of a class mostly lie in a folder of its name. Labels that have no such folder are left out. */
export function folderNames(rows: readonly ListRow[]): ReadonlyMap<number, string> {
  const counts = new Map<number, Map<string, number>>();
  for (const { Labels, Path } of rows) {
    const [label] = Labels;
    const folder = Path.split('/').at(-2);
    if (label === undefined || Labels.length !== 1 || folder === undefined || folder === '') continue;
    const folders = counts.get(label) ?? new Map<string, number>();
    folders.set(folder, (folders.get(folder) ?? 0) + 1);
    counts.set(label, folders);
  }
  const names = new Map<number, string>();
  const owners = new Map<string, number>();
  for (const [label, folders] of counts) {
    const total = [...folders.values()].reduce((sum, count) => sum + count, 0);
    const [folder, count] = [...folders].reduce((best, one) => (one[1] > best[1] ? one : best));
    if (count < majority * total || folder === String(label)) continue;
    names.set(label, folder);
    owners.set(folder, (owners.get(folder) ?? 0) + 1);
  }
  for (const [label, folder] of names) if ((owners.get(folder) ?? 0) > 1) names.delete(label);
  return names;
}
