/** A folder on the way to a prefix; one between two slashes has no name. */
export interface Folder {
  readonly name: string;
  readonly prefix: string;
}

/** "a//b/" is the folder "b" in a folder without a name in "a". */
export function foldersOf(prefix: string): Folder[] {
  const names = prefix.split('/').slice(0, -1);
  return names.map((name, index) => ({ name, prefix: `${names.slice(0, index + 1).join('/')}/` }));
}
