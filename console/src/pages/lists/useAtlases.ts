import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { request } from '../../api/http';
import { atlasPath } from '../../api/lists';
import { Atlases, type AtlasAnswer, type Rectangle } from './atlases';

/** Pixels of a thumbnail on the page; screens with finer pixels get finer pictures. */
export const thumbnailSize = 96;
export const pixelsPerDot = window.devicePixelRatio > 1.4 ? 2 : 1;

/** `X-Millrace-Rectangles`: "x y width height" of each, with commas between. */
export function readRectangles(header: string | null): Rectangle[] {
  return (header ?? '')
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [x = 0, y = 0, width = 0, height = 0] = part.trim().split(/\s+/).map(Number);
      return { x, y, width, height };
    });
}

/** Thumbnails of files below a folder. */
export function useAtlases(root: string): Atlases {
  const atlases = useMemo(
    () =>
      new Atlases(async (files, signal): Promise<AtlasAnswer> => {
        const response = await request(atlasPath(root, files, thumbnailSize * pixelsPerDot), { signal });
        const picture = response.status === 204 ? undefined : await response.blob();
        return { picture, rectangles: readRectangles(response.headers.get('X-Millrace-Rectangles')) };
      }),
    [root],
  );
  useEffect(() => {
    atlases.open();
    return () => atlases.close();
  }, [atlases]);
  useSyncExternalStore(atlases.subscribe, atlases.snapshot);
  return atlases;
}
