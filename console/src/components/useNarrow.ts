import { useSyncExternalStore } from 'react';

const narrow = window.matchMedia('(max-width: 768px)');

function watch(listener: () => void): () => void {
  narrow.addEventListener('change', listener);
  return () => narrow.removeEventListener('change', listener);
}

/** Whether there is room for one column only. */
export function useNarrow(): boolean {
  return useSyncExternalStore(watch, () => narrow.matches);
}
