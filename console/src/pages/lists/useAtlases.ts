import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { request } from '../../api/http';
import { Atlases, type AtlasAnswer } from './atlases';

/** Pixels of a thumbnail on the page; screens with finer pixels get finer pictures. */
export const thumbnailSize = 96;
const pixels = (): number => (window.devicePixelRatio > 1.4 ? 2 * thumbnailSize : thumbnailSize);

/** `X-Millrace-Atlas` of an answer. */
export function readLayout(header: string | null): { columns: number; missing: number[] } {
  const fallback = { columns: 10, missing: [] };
  try {
    const layout = JSON.parse(header ?? '{}') as { Columns?: number; Missing?: number[] };
    return { columns: layout.Columns ?? fallback.columns, missing: layout.Missing ?? fallback.missing };
  } catch {
    return fallback;
  }
}

/** Thumbnails by row; `pathOf` says where those of up to a hundred rows are, `source` when they are others than before. */
export function useAtlases(source: string, pathOf: (rows: readonly number[], size: number) => string): Atlases {
  const path = useRef(pathOf);
  path.current = pathOf;
  const atlases = useMemo(
    () =>
      new Atlases(async (rows, signal): Promise<AtlasAnswer> => {
        const response = await request(path.current(rows, pixels()), { signal });
        return { picture: await response.blob(), ...readLayout(response.headers.get('X-Millrace-Atlas')) };
      }),
    [source],
  );
  useEffect(() => {
    atlases.open();
    return () => atlases.close();
  }, [atlases]);
  useSyncExternalStore(atlases.subscribe, atlases.snapshot);
  return atlases;
}
