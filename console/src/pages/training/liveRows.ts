import type { JobRow } from '../../api/mr';

/** The rows that an event about jobs brings, by name; none where it only says that many have changed. */
export function changedRows(data: unknown): ReadonlyMap<string, JobRow> {
  const { Jobs } = (data ?? {}) as { readonly Jobs?: readonly JobRow[] };
  return new Map((Jobs ?? []).map((job) => [job.Name, job]));
}
