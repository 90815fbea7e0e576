import { useEffect, useState } from 'react';

/** Seconds since the epoch, anew every `interval` milliseconds while `ticking`. */
export function useNow(interval = 1000, ticking = true): number {
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    if (!ticking) return undefined;
    setNow(Date.now() / 1000);
    const timer = window.setInterval(() => setNow(Date.now() / 1000), interval);
    return () => window.clearInterval(timer);
  }, [interval, ticking]);
  return now;
}
