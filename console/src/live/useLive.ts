import { useEffect, useRef, useSyncExternalStore } from 'react';
import { isLive, onLive, subscribe, type LiveEvent } from './events';

/** How often a page asks by itself while no event stream is open. */
export const pollInterval = 2000;

/** Hears events of `topics` while the component is mounted and the tab is visible. */
export function useLive(topics: readonly string[], listener: (event: LiveEvent) => void): void {
  const latest = useRef(listener);
  latest.current = listener;
  const key = topics.join(',');
  useEffect(() => {
    if (key === '') return undefined;
    return subscribe(key.split(','), (event) => latest.current(event));
  }, [key]);
}

/** The refetch interval of a query that events keep fresh: false while they do. */
export function usePolling(): number | false {
  return useSyncExternalStore(onLive, isLive) ? false : pollInterval;
}
