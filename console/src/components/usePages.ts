import { keepPreviousData, useQueries, useQuery, type QueryKey, type UseQueryResult } from '@tanstack/react-query';
import { useCallback, useMemo, useRef } from 'react';

/** Rows asked for at once. */
export const pageSize = 200;

export interface Range {
  readonly first: number;
  readonly end: number;
}

interface Page<T> {
  readonly Total: number;
  readonly Rows: readonly T[];
}

export interface Pages<T> {
  /** Undefined until the first page is there. */
  readonly total: number | undefined;
  at(position: number): T | undefined;
  readonly error: Error | null;
  refetch(): void;
}

/** How long pages that were scrolled away are kept: a list of a million rows has five thousand. */
const keptTime = 30_000;

interface Combined<T> {
  readonly pages: readonly (Page<T> | undefined)[];
  readonly error: Error | null;
  readonly refetchFailed: () => void;
}

// What it makes stays the same while the answers do, so that nothing is drawn or asked for again without need.
function combine<T>(results: readonly UseQueryResult<Page<T>>[]): Combined<T> {
  return {
    pages: results.map((one) => one.data),
    error: results.find((one) => one.isError)?.error ?? null,
    refetchFailed: () => {
      for (const one of results) if (one.isError) void one.refetch();
    },
  };
}

/** The pages that a range touches. */
export function pagesOf({ first, end }: Range): number[] {
  const from = Math.floor(first / pageSize);
  return Array.from({ length: Math.max(0, Math.ceil(end / pageSize) - from) }, (_, i) => from + i);
}

/** What a long listing holds in a range, fetched page by page; pages that leave the range before they came are cancelled. `polling` is how often all of it is asked for anew. */
export function usePages<T>(key: QueryKey, range: Range, fetchPage: (from: number, limit: number, signal: AbortSignal) => Promise<Page<T>>, polling: number | false = false): Pages<T> {
  const latest = useRef(fetchPage);
  latest.current = fetchPage;
  const page = (number: number) => ({
    refetchInterval: polling,
    queryKey: [...key, number],
    queryFn: ({ signal }: { signal: AbortSignal }) => latest.current(number * pageSize, pageSize, signal),
    staleTime: 60_000,
    gcTime: keptTime,
  });
  const first = useQuery({ ...page(0), placeholderData: keepPreviousData });
  const numbers = pagesOf(range).filter((number) => number !== 0);
  const { pages, error, refetchFailed } = useQueries({ queries: numbers.map(page), combine: combine<T> });
  const wanted = numbers.join();
  const loaded = useMemo(() => new Map(numbers.map((number, i) => [number, pages[i]])), [pages, wanted]);
  const at = useCallback(
    (position: number): T | undefined => {
      const number = Math.floor(position / pageSize);
      const found = number === 0 ? first.data : loaded.get(number);
      return found?.Rows[position - number * pageSize];
    },
    [first.data, loaded],
  );
  return {
    total: first.data?.Total,
    at,
    error: first.error ?? error,
    refetch: () => {
      void first.refetch();
      refetchFailed();
    },
  };
}
