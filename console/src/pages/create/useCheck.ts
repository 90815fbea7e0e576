import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { checkJob, type Problem } from '../../api/mr';
import type { CreateTrainingJobRequest } from '../../generated/sagemaker';
import { isViolation, ownToFilled, withoutGaps } from './probe';

/** How long typing rests before the service is asked. */
const rest = 400;

/**
 * Where something is missing or malformed the service looks no further. So that a wrong hyperparameter is told on the
 * first page, before there is an output path, the request is then asked about once more with the gaps filled in.
 */
async function problemsOf(request: Partial<CreateTrainingJobRequest>, signal: AbortSignal): Promise<readonly Problem[]> {
  const { Problems: found } = await checkJob(request, signal);
  if (!found.some(isViolation)) return found;
  const { Problems: more } = await checkJob(withoutGaps(request), signal);
  return [...found, ...more.filter((problem) => !isViolation(problem) && ownToFilled(problem, request))];
}

/** What the service says to the request as it stands, as far as it has been asked. */
export interface Check {
  /** The latest that is known; of an earlier state of the form while the answer to this one is on its way. */
  readonly problems: readonly Problem[];
  /** "checked": `problems` are all that there are. */
  readonly state: 'checking' | 'checked' | 'failed';
  readonly error: Error | null;
  checkNow(): Promise<readonly Problem[]>;
}

export function useCheck(request: Partial<CreateTrainingJobRequest>): Check {
  const client = useQueryClient();
  const text = JSON.stringify(request);
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => setRested(text), rest);
    return () => window.clearTimeout(timer);
  }, [text]);
  const options = (body: string) => ({
    queryKey: ['check', body],
    staleTime: 2000,
    gcTime: 10_000,
    queryFn: ({ signal }: { signal: AbortSignal }) => problemsOf(JSON.parse(body) as Partial<CreateTrainingJobRequest>, signal),
  });
  const check = useQuery({ ...options(rested), placeholderData: (previous) => previous });
  const checkNow = useCallback(() => client.fetchQuery(options(text)), [client, text]);
  const state = rested === text && check.isError ? 'failed' : rested === text && check.isSuccess && !check.isPlaceholderData ? 'checked' : 'checking';
  return { problems: check.data ?? [], state, error: check.error, checkNow };
}
