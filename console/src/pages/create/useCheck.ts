import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { checkJob, type Problem } from '../../api/mr';
import type { CreateTrainingJobRequest } from '../../generated/sagemaker';

/** How long typing rests before the service is asked. */
const rest = 400;

/** What the service would say to the request as it stands. */
export function useCheck(request: Partial<CreateTrainingJobRequest>): { problems: readonly Problem[]; error: Error | null; checkNow: () => Promise<readonly Problem[]> } {
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
    queryFn: async ({ signal }: { signal: AbortSignal }) => (await checkJob(JSON.parse(body) as Partial<CreateTrainingJobRequest>, signal)).Problems,
  });
  const check = useQuery({ ...options(rested), placeholderData: (previous) => previous });
  const checkNow = useCallback(() => client.fetchQuery(options(text)), [client, text]);
  return { problems: check.data ?? [], error: check.error, checkNow };
}
