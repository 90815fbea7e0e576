import { getJson } from './http';
import type { Catalogue } from './mr';

/** What this installation can train: built-in algorithms with their forms, instance types. */
export async function getCatalogue(signal?: AbortSignal): Promise<Catalogue> {
  return getJson<Catalogue>('/mr/algorithms', signal);
}
