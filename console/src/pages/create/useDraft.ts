import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { call } from '../../api/aws';
import type { Catalogue } from '../../api/mr';
import { useAddress } from '../../app/useRoute';
import { currentSession } from '../../session/session';
import { requestOf } from '../training/requestOf';
import { continuedFrom, draftOf, dropDraft, emptyDraft, loadDraft, saveDraft, type Draft } from './draft';

function account(): string {
  const state = currentSession();
  return state.kind === 'signed-in' ? state.session.Account : '';
}

/**
 * The draft on the screen: a job to clone or to go on from where the address names one, else what an earlier visit left,
 * else an empty one. Every change is kept for a reload.
 */
export function useDraft(catalogue: Catalogue | undefined): { draft: Draft | null; setDraft: (draft: Draft) => void; restored: boolean; reset: () => void; error: Error | null } {
  const [search, change] = useAddress();
  const origin = search['clone'] ?? search['continue'];
  const [draft, setDraft] = useState<Draft | null>(null);
  const [restored, setRestored] = useState(false);
  const source = useQuery({
    queryKey: ['clone', origin],
    enabled: origin !== undefined,
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const job = await call('sagemaker', 'DescribeTrainingJob', { TrainingJobName: origin ?? '' }, signal);
      const tags = (await call('sagemaker', 'ListTags', { ResourceArn: job.TrainingJobArn, MaxResults: 100 }, signal)).Tags ?? [];
      return { job, tags };
    },
  });

  useEffect(() => {
    if (draft !== null || catalogue === undefined) return;
    if (origin === undefined) {
      const kept = loadDraft();
      const wanted = catalogue.Algorithms.find((algorithm) => algorithm.Name === search['algorithm']);
      const start = kept ?? emptyDraft(account());
      setRestored(kept !== null && wanted === undefined);
      setDraft(
        wanted
          ? { ...emptyDraft(account()), request: { ...emptyDraft(account()).request, AlgorithmSpecification: { TrainingImage: wanted.Image, TrainingInputMode: 'File' } } }
          : start,
      );
      return;
    }
    if (source.data === undefined) return;
    const { job, tags } = source.data;
    const image = job.AlgorithmSpecification?.TrainingImage?.replace(/^.*\//, '').replace(/:.*$/, '') ?? '';
    const algorithm = catalogue.Algorithms.find((one) => one.ImageNames.includes(image));
    const cloned = draftOf(requestOf(job, tags, algorithm !== undefined), algorithm);
    const next = search['continue'] === undefined ? cloned : continuedFrom(cloned, job.ModelArtifacts.S3ModelArtifacts);
    setDraft(next);
    saveDraft(next);
    // From here on it is a draft like others: a reload keeps what was changed.
    change({ clone: undefined, continue: undefined });
  }, [draft, catalogue, origin, source.data, search, change]);

  const update = useCallback((next: Draft) => {
    setDraft(next);
    saveDraft(next);
  }, []);
  const reset = useCallback(() => {
    dropDraft();
    setRestored(false);
    setDraft(emptyDraft(account()));
  }, []);
  return { draft, setDraft: update, restored, reset, error: source.error };
}
