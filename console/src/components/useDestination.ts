import { useSyncExternalStore } from 'react';
import { currentSession, onSession } from '../session/session';
import type { Destination } from './copyAs';

/** Where this console's own requests go, for commands that are run elsewhere. */
export function useDestination(): Destination {
  const state = useSyncExternalStore(onSession, currentSession);
  return { endpoint: window.location.origin, region: state.kind === 'signed-in' ? state.session.Region : 'us-east-1' };
}
