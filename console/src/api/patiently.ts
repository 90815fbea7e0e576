import { untilSignedIn } from '../session/session';
import { ServiceError } from './errors';

/** The wait before what did not arrive is sent again for the first time; it doubles each time. */
const firstPause = 1000;

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = window.setTimeout(resolve, milliseconds);
    signal.addEventListener(
      'abort',
      () => {
        window.clearTimeout(timer);
        reject(new DOMException('', 'AbortError'));
      },
      { once: true },
    );
  });
}

/**
 * Does what a session that has ended meanwhile, a connection that breaks or a daemon that starts again would spoil: waits
 * until somebody is signed in again, and repeats what did not arrive up to `again` times.
 */
export async function patiently<T>(signal: AbortSignal, again: number, action: () => Promise<T>): Promise<T> {
  for (let failures = 0; ; ) {
    try {
      return await action();
    } catch (error) {
      if (signal.aborted) throw error;
      const refusal = error instanceof ServiceError ? error.status : 0;
      if (refusal === 401) {
        await untilSignedIn(signal);
        continue;
      }
      if (failures === again || (refusal !== 0 && refusal < 500)) throw error;
      await pause(firstPause * 2 ** failures, signal);
      ++failures;
    }
  }
}
