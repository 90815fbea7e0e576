import { useQueries } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { seriesTile, type Series } from '../api/mr';
import type { TimeRange } from './TimeChart';
import { decodeTile, type Tile } from './tiles';

/** How long a zoom rests before finer tiles are asked for; the coarse ones are drawn meanwhile. */
const zoomRest = 80;
/** Tiles are asked for in widths of whole steps, so that a few pixels more find what is cached. */
const widthStep = 200;

function useRested<T>(value: T, delay: number): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setRested(value), delay);
    return () => window.clearTimeout(timer);
  }, [value, delay]);
  return rested;
}

function remembered(tiles: Map<number, Tile>, series: number, tile: Tile): Tile {
  tiles.set(series, tile);
  return tile;
}

/** One tile per series, in the order given; undefined while it has not come. */
export function useTiles(job: string, series: readonly Series[], range: TimeRange | null, pixels: number): readonly (Tile | undefined)[] {
  const rested = useRested(range, zoomRest);
  const width = Math.max(widthStep, Math.ceil(pixels / widthStep) * widthStep);
  // A tile of another range, width or length is drawn until its successor comes: a chart that is empty meanwhile would
  // flicker with every second of a running job.
  const shown = useRef(new Map<number, Tile>());
  return useQueries({
    queries: series.map((one) => ({
      // A stretch that reaches to the end grows with a running job as the whole does.
      queryKey: ['tile', job, one.Id, rested?.from, rested?.to, width, rested === null || rested.to >= one.Last ? one.Points : 0],
      enabled: pixels > 0,
      staleTime: rested === null ? Infinity : 1000,
      // A running job makes a new one each second, each zoom another.
      gcTime: 5000,
      placeholderData: () => shown.current.get(one.Id),
      queryFn: async ({ signal }: { signal: AbortSignal }) =>
        remembered(shown.current, one.Id, decodeTile(await seriesTile(one.Id, rested?.from ?? one.First, rested?.to ?? one.Last, width, signal))),
    })),
    combine: (results) => results.map((result) => result.data),
  });
}
