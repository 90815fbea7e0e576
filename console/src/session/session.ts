import { asServiceError, errorOf, type ServiceError } from '../api/errors';

/** Who is signed in, as `/mr/session` tells it. */
export interface Session {
  readonly User: string;
  readonly Account: string;
  readonly Region: string;
  readonly CsrfToken: string;
  readonly ExpiresAt: string;
  readonly Version: string;
}

export type SessionState =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'signed-in'; readonly session: Session }
  | { readonly kind: 'signed-out'; readonly expired: boolean; readonly error?: ServiceError };

export type Credentials = { AccessKeyId: string; SecretAccessKey: string } | { Token: string };

let state: SessionState = { kind: 'unknown' };
const listeners = new Set<() => void>();

function set(next: SessionState): void {
  state = next;
  listeners.forEach((listener) => listener());
}

export function currentSession(): SessionState {
  return state;
}

export function onSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The account that the session is in; empty while nobody is signed in. */
export function sessionAccount(): string {
  return state.kind === 'signed-in' ? state.session.Account : '';
}

/** Whose session it is, in one word: what one user has looked at or left half done is not shown to another. */
export function identityOf(session: Session): string {
  return `${session.Account}/${session.User}`;
}

export function csrfToken(): string {
  return state.kind === 'signed-in' ? state.session.CsrfToken : '';
}

/** A request was answered 401: what is on the screen stays until the user has signed in again. */
export function sessionExpired(): void {
  if (state.kind === 'signed-in') set({ kind: 'signed-out', expired: true });
}

/** Resolves as soon as somebody is signed in; rejects when `signal` is aborted before. */
export function untilSignedIn(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (state.kind !== 'signed-in' && !signal.aborted) return;
      leave();
      signal.removeEventListener('abort', look);
      if (signal.aborted) reject(new DOMException('', 'AbortError'));
      else resolve();
    };
    const leave = onSession(look);
    signal.addEventListener('abort', look);
    look();
  });
}

export async function signIn(credentials: Credentials): Promise<void> {
  const response = await fetch('/mr/session', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(credentials),
  });
  if (!response.ok) throw await errorOf(response);
  set({ kind: 'signed-in', session: (await response.json()) as Session });
}

/** Throws where the daemon did not end the session: the cookie would still sign in. */
export async function signOut(): Promise<void> {
  const response = await fetch('/mr/session', { method: 'DELETE', headers: { 'X-Millrace-CSRF': csrfToken() } });
  if (!response.ok && response.status !== 401) throw await errorOf(response);
  set({ kind: 'signed-out', expired: false });
}

/** The token in the "#token=…" of a link; null in any other text. */
export function tokenOf(link: string): string | null {
  const token = /#token=(.+)$/.exec(link.trim())?.[1];
  if (token === undefined) return null;
  try {
    return decodeURIComponent(token);
  } catch {
    // A '%' that encodes nothing: the daemon says that there is no such token.
    return token;
  }
}

/** The one-time token of a link, taken out of the address so that neither history nor a copied address keeps it. */
function takeToken(): string | null {
  const token = tokenOf(window.location.hash);
  if (token !== null) window.history.replaceState(null, '', window.location.pathname + window.location.search);
  return token;
}

/** Signs in with the link's token, or finds the session that the cookie still has. */
export async function startSession(): Promise<void> {
  const token = takeToken();
  try {
    if (token !== null) {
      await signIn({ Token: token });
      return;
    }
    const response = await fetch('/mr/session');
    if (response.ok) set({ kind: 'signed-in', session: (await response.json()) as Session });
    else if (response.status === 401) set({ kind: 'signed-out', expired: false });
    else throw await errorOf(response);
  } catch (error) {
    set({ kind: 'signed-out', expired: false, error: asServiceError(error) });
  }
}
