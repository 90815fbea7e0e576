/** What came of doing the same to several things: those that it was done to, and why not to the others. */
export interface Outcome<T> {
  readonly done: readonly T[];
  readonly refused: readonly { readonly item: T; readonly reason: unknown }[];
}

/** Does it to each of them, whatever becomes of the others; a few at a time, since a browser asks no more at once. */
export async function settled<T>(items: readonly T[], action: (item: T) => Promise<unknown>, atOnce = 4): Promise<Outcome<T>> {
  const results = new Array<{ reason: unknown } | null>(items.length);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      try {
        await action(items[index] as T);
        results[index] = null;
      } catch (reason) {
        results[index] = { reason };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work));
  return {
    done: items.filter((_, i) => results[i] === null),
    refused: items.flatMap((item, i) => (results[i] ? [{ item, reason: results[i].reason }] : [])),
  };
}
