import type { Tag } from '../generated/sagemaker';

/** What has to be asked of the service so that `before` becomes `after`: a tag whose value changes is added anew. */
export function tagChanges(before: readonly Tag[], after: readonly Tag[]): { readonly add: readonly Tag[]; readonly remove: readonly string[] } {
  const had = new Map(before.map((tag) => [tag.Key, tag.Value]));
  const kept = new Set(after.map((tag) => tag.Key));
  return {
    add: after.filter((tag) => had.get(tag.Key) !== tag.Value),
    remove: before.filter((tag) => !kept.has(tag.Key)).map((tag) => tag.Key),
  };
}
