import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { fileAtlas } from '../../api/mr';
import { Atlases } from './atlases';

/** Pixels of a thumbnail on the page; screens with finer pixels get finer pictures. */
export const thumbnailSize = 96;
const pixelsPerDot = window.devicePixelRatio > 1.4 ? 2 : 1;

/** Thumbnails of files below a folder. */
export function useAtlases(root: string): Atlases {
  const atlases = useMemo(() => new Atlases((files, signal) => fileAtlas(root, files, thumbnailSize * pixelsPerDot, signal)), [root]);
  useEffect(() => {
    atlases.open();
    return () => atlases.close();
  }, [atlases]);
  useSyncExternalStore(atlases.subscribe, atlases.snapshot);
  return atlases;
}
