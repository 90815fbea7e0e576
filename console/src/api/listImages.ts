/** Where the pictures of a list lie is the viewer's to say: the file itself has paths only. Kept in the browser, by list. */
const storageKey = (id: string): string => `millrace.list-images.${id}`;

export function rememberPlaces(id: string, images: string): void {
  if (images === '') window.localStorage.removeItem(storageKey(id));
  else window.localStorage.setItem(storageKey(id), images);
}

/** The folder that a list lies in. */
export function folderOf(place: string): string {
  return place.replace(/[^/]*$/, '');
}

/** The folder that paths begin from: the one chosen, else the list's own. */
export function imagesOf(id: string, source: string): string {
  return window.localStorage.getItem(storageKey(id)) ?? folderOf(source);
}
