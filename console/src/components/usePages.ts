import { keepPreviousData, useQueries, useQuery, type QueryKey } from '@tanstack/react-query';
import { useCallback, useRef } from 'react';

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
  });
  const first = useQuery({ ...page(0), placeholderData: keepPreviousData });
  const numbers = pagesOf(range).filter((number) => number !== 0);
  const others = useQueries({ queries: numbers.map(page) });
  const loaded = new Map(others.map((one, i) => [numbers[i], one.data]));
  const at = useCallback(
    (position: number): T | undefined => {
      const number = Math.floor(position / pageSize);
      const found = number === 0 ? first.data : loaded.get(number);
      return found?.Rows[position - number * pageSize];
    },
    // A new map comes with every answer, which is when cells are to be drawn anew.
    [first.data, loaded],
  );
  return {
    total: first.data?.Total,
    at,
    error: first.error ?? others.find((one) => one.isError)?.error ?? null,
    refetch: () => {
      void first.refetch();
      for (const one of others) if (one.isError) void one.refetch();
    },
  };
}
