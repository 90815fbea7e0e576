import { csrfToken, sessionExpired } from '../session/session';
import { errorOf } from './errors';

export interface Options {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: BodyInit;
  readonly signal?: AbortSignal | undefined;
}

/** Headers of a request that the session's cookie vouches for; every write carries the token against forgery. */
export function sessionHeaders(method: string, headers: Record<string, string> = {}): Record<string, string> {
  return method === 'GET' || method === 'HEAD' ? headers : { ...headers, 'X-Millrace-CSRF': csrfToken() };
}

/** A request to the daemon. Throws ServiceError for an answer that is not a success. */
export async function request(path: string, options: Options = {}): Promise<Response> {
  const method = options.method ?? 'GET';
  const response = await fetch(path, {
    method,
    headers: sessionHeaders(method, options.headers),
    ...(options.body === undefined ? {} : { body: options.body }),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  if (response.status === 401) sessionExpired();
  if (!response.ok) throw await errorOf(response);
  return response;
}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await request(path, { signal });
  return (await response.json()) as T;
}

export async function postJson<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const response = await request(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });
  return (await response.json()) as T;
}

/** "?a=1&b=x" of what is defined and not empty. */
export function query(values: Record<string, string | number | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined && value !== '') parameters.append(key, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
