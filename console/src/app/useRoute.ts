import { useLocation, useParams, useRouter, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import { hrefOf } from '../base/paths';
import type { Search } from './router';

/** Goes to a page by its path; a click with Ctrl or the middle button is left to the browser's own link. */
export function useGo(): (path: string, options?: { replace?: boolean }) => void {
  const router = useRouter();
  return useCallback(
    (path, options) => {
      if (options?.replace) router.history.replace(hrefOf(path));
      else router.history.push(hrefOf(path));
    },
    [router],
  );
}

/** For onFollow of Cloudscape's links. */
export function useFollow(): (event: CustomEvent<{ href?: string; external?: boolean }>) => void {
  const router = useRouter();
  return useCallback(
    (event) => {
      if (event.detail.external || !event.detail.href?.startsWith(hrefOf('/'))) return;
      event.preventDefault();
      router.history.push(event.detail.href);
    },
    [router],
  );
}

/** A part of the path such as a job's name. */
export function useParam(name: string): string {
  const parameters: Record<string, string | undefined> = useParams({ strict: false });
  return parameters[name] ?? '';
}

/** The state of a page that its address holds, and a way to change it without a step in the history. */
export function useAddress(): [Search, (change: Record<string, string | undefined>) => void] {
  const router = useRouter();
  const search: Search = useSearch({ strict: false });
  const { pathname } = useLocation();
  const change = useCallback(
    (next: Record<string, string | undefined>) => {
      const current = new URLSearchParams(window.location.search);
      for (const [key, value] of Object.entries(next)) {
        if (value === undefined || value === '') current.delete(key);
        else current.set(key, value);
      }
      const text = current.toString();
      router.history.replace(window.location.pathname + (text === '' ? '' : `?${text}`));
    },
    [router, pathname],
  );
  return [search, change];
}
