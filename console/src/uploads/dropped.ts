import type { NamedFile } from './queue';

/** What a browser says of a thing that was dropped, before its bytes are read (WICG, File and Directory Entries API). */
async function filesBelow(entry: FileSystemEntry): Promise<NamedFile[]> {
  const path = entry.fullPath.replace(/^\//, '');
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: NamedFile[] = [];
  // A directory is read in pieces; an empty one is its end.
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return found;
    for (const one of entries) found.push(...(await filesBelow(one)));
  }
}

/** The files of a drop, those in folders with the folder's name before theirs. */
export async function filesDropped(transfer: DataTransfer): Promise<NamedFile[]> {
  // Entries have to be taken before anything is waited for: then the browser empties the transfer.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return filesChosen([...transfer.files]);
  return (await Promise.all(entries.map(filesBelow))).flat();
}

/** The files of a field; those of a folder say where in it they lay. */
export function filesChosen(files: readonly File[]): NamedFile[] {
  return files.map((file) => ({ path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath, file }));
}
