import { deleteObjects, listObjects, mostDeleted } from '../../api/s3';

/** Deletes objects, and of a key that ends in "/" everything below it; `onProgress` hears how many are gone. */
export async function removeKeys(bucket: string, keys: readonly string[], onProgress: (gone: number) => void, signal: AbortSignal): Promise<void> {
  let gone = 0;
  const remove = async (some: readonly string[]): Promise<void> => {
    await deleteObjects(bucket, some, signal);
    gone += some.length;
    onProgress(gone);
  };
  const objects = keys.filter((key) => !key.endsWith('/'));
  for (let from = 0; from < objects.length; from += mostDeleted) await remove(objects.slice(from, from + mostDeleted));
  for (const folder of keys.filter((key) => key.endsWith('/'))) {
    // The listing begins anew each time: what was on the page is gone.
    for (;;) {
      const page = await listObjects(bucket, folder, { delimiter: '' }, signal);
      if (page.objects.length > 0) await remove(page.objects.map((object) => object.key));
      if (page.next === undefined) break;
    }
  }
}
