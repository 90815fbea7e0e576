import { useEffect, useRef, useState } from 'react';
import { filesDropped } from './dropped';
import type { NamedFile } from './queue';

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

/** Takes files that are dropped anywhere on the page, which the browser would open in its place; whether some hover over it. */
export function useFileDrop(take: (files: readonly NamedFile[]) => void, failed: (error: unknown) => void): boolean {
  const [hovering, setHovering] = useState(false);
  const latest = useRef({ take, failed });
  latest.current = { take, failed };
  useEffect(() => {
    // The pointer enters and leaves every element under it.
    let depth = 0;
    const change = (by: number): void => {
      depth = Math.max(0, depth + by);
      setHovering(depth > 0);
    };
    const enter = (event: DragEvent): void => {
      if (hasFiles(event)) change(1);
    };
    const leave = (event: DragEvent): void => {
      if (hasFiles(event)) change(-1);
    };
    const over = (event: DragEvent): void => {
      if (!hasFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'copy';
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      change(-depth);
      // A folder takes a while to read: its files go to where they were dropped, wherever one has walked meanwhile.
      const { take, failed } = latest.current;
      filesDropped(event.dataTransfer).then(take, failed);
    };
    const listeners = { dragenter: enter, dragleave: leave, dragover: over, drop } as const;
    for (const [kind, listener] of Object.entries(listeners)) window.addEventListener(kind as 'drop', listener);
    return () => {
      for (const [kind, listener] of Object.entries(listeners)) window.removeEventListener(kind as 'drop', listener);
    };
  }, []);
  return hovering;
}
