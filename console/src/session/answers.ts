import { QueryClient } from '@tanstack/react-query';
import { ServiceError } from '../api/errors';

/** What the daemon has answered to one user, kept and asked for anew as pages want it. */
export function newAnswers(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // Asking again helps where the connection broke, not where the service said no.
        retry: (count, error) => count < 2 && !(error instanceof ServiceError && error.status < 500),
        refetchOnWindowFocus: true,
        staleTime: 1000,
      },
    },
  });
}
