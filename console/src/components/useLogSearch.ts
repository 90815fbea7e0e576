import { useEffect, useRef, useState } from 'react';
import { searchLog } from '../api/mr';
import { advanced, goesOn, notBegun, type Progress } from './logSearch';

interface Search extends Progress {
  /** Lines are being looked at. */
  readonly busy: boolean;
  readonly error: unknown;
  retry(): void;
}

/** Searches a log from its first line to its last, and then what is added to it; `current` is the match on the screen. */
export function useLogSearch(job: string, stream: string | undefined, wanted: string, total: number, current: number): Search {
  const subject = JSON.stringify([job, stream, wanted]);
  const [state, setState] = useState<{ subject: string; progress: Progress; error: unknown }>({ subject, progress: notBegun, error: null });
  const progress = state.subject === subject ? state.progress : notBegun;
  const error = state.subject === subject ? state.error : null;
  const lines = useRef(total);
  lines.current = total;
  const busy = wanted !== '' && error === null && goesOn(progress, total, current);
  // New lines neither end a request nor begin another beside it.
  useEffect(() => {
    if (!busy) return undefined;
    const control = new AbortController();
    const asked = lines.current;
    searchLog(job, wanted, progress.next, stream, control.signal).then(
      (found) => setState({ subject, progress: advanced(progress, found, asked), error: null }),
      (failure: unknown) => {
        if (!control.signal.aborted) setState({ subject, progress, error: failure });
      },
    );
    return () => control.abort();
  }, [busy, subject, progress]);
  return { ...progress, busy, error, retry: () => setState({ subject, progress, error: null }) };
}
