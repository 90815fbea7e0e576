import { deleteObject, listObjects } from '../../api/s3';

/** Deletes that run at once. */
const parallel = 8;

async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
    }),
  );
}

/** Deletes objects, and of a key that ends in "/" everything below it. */
export async function removeKeys(bucket: string, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    if (!key.endsWith('/')) {
      await deleteObject(bucket, key);
      continue;
    }
    // The listing begins anew each time: what was on the page is gone.
    for (;;) {
      const page = await listObjects(bucket, key, { delimiter: '' });
      await each(page.objects, (object) => deleteObject(bucket, object.key));
      if (page.next === undefined) break;
    }
  }
}
