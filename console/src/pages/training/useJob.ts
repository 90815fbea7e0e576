import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { call } from '../../api/aws';
import { getCatalogue, jobSeries, jobUsage } from '../../api/mr';
import { repositoryOf } from '../../base/images';
import type { DescribeTrainingJobResponse } from '../../generated/sagemaker';
import { useLive, usePolling } from '../../live/useLive';

/** Metrics arrive faster than a chart is worth drawing. */
const drawInterval = 1000;

/** What channels deliver by the second; the daemon itself counts their sources once a minute at most. */
const deliveryInterval = 2000;

export function isRunning(job: DescribeTrainingJobResponse | undefined): boolean {
  return job?.TrainingJobStatus === 'InProgress' || job?.TrainingJobStatus === 'Stopping';
}

/** A job and what it is made of, kept fresh by its events while it runs. */
export function useJob(name: string) {
  const client = useQueryClient();
  const polling = usePolling();
  const describe = useQuery({
    queryKey: ['job', name],
    queryFn: ({ signal }) => call('sagemaker', 'DescribeTrainingJob', { TrainingJobName: name }, signal),
    refetchInterval: (query) => (query.state.data && !isRunning(query.state.data) ? false : polling),
  });
  const running = isRunning(describe.data);
  const series = useQuery({
    queryKey: ['series', name],
    queryFn: ({ signal }) => jobSeries(name, signal),
    refetchInterval: running ? polling : false,
  });
  const usage = useQuery({
    queryKey: ['usage', name],
    queryFn: ({ signal }) => jobUsage(name, signal),
    refetchInterval: running ? deliveryInterval : false,
  });
  // Nothing is asked for any more once the job has ended, and its last figures may have come after the last answer.
  const ran = useRef(running);
  useEffect(() => {
    if (ran.current && !running) for (const what of ['series', 'usage']) void client.invalidateQueries({ queryKey: [what, name] });
    ran.current = running;
  }, [running, client, name]);
  const arn = describe.data?.TrainingJobArn;
  const tags = useQuery({
    queryKey: ['tags', arn],
    enabled: arn !== undefined,
    queryFn: async ({ signal }) => (await call('sagemaker', 'ListTags', { ResourceArn: arn ?? '', MaxResults: 100 }, signal)).Tags ?? [],
  });
  const catalogue = useQuery({ queryKey: ['catalogue'], queryFn: ({ signal }) => getCatalogue(signal), staleTime: Infinity });

  const drawing = useRef<number | undefined>(undefined);
  useLive(running || describe.isPending ? [`job:${name}`, `metrics:${name}`] : [], (event) => {
    if (event.kind === 'job') {
      void client.invalidateQueries({ queryKey: ['job', name] });
      void client.invalidateQueries({ queryKey: ['usage', name] });
      void client.invalidateQueries({ queryKey: ['series', name] });
    }
    if (event.kind === 'metrics' && drawing.current === undefined) {
      drawing.current = window.setTimeout(() => {
        drawing.current = undefined;
        void client.invalidateQueries({ queryKey: ['series', name] });
      }, drawInterval);
    }
  });

  const image = repositoryOf(describe.data?.AlgorithmSpecification?.TrainingImage);
  const algorithm = catalogue.data?.Algorithms.find((one) => one.ImageNames.includes(image));
  return { describe, series, usage, tags, algorithm, running };
}
