import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { call } from '../../api/aws';
import type { Catalogue } from '../../api/mr';
import { useAddress } from '../../app/useRoute';
import { repositoryOf } from '../../base/images';
import { sessionAccount } from '../../session/session';
import { requestOf } from '../training/requestOf';
import { continuedFrom, draftFor, draftOf, emptyDraft, isUntouched, type Draft } from './draft';
import { dropDraft, dropFormer, loadDraft, loadFormer, replaceDraft, saveDraft } from './draftStore';

export interface Drafting {
  readonly draft: Draft | null;
  setDraft(draft: Draft): void;
  /** The draft is one that an earlier visit left. */
  readonly restored: boolean;
  /** What was half filled in when a clone or another algorithm took its place. */
  readonly former: Draft | null;
  /** Back to the former draft. */
  bringBack(): void;
  /** The former draft is not wanted any more. */
  forget(): void;
  reset(): void;
  readonly error: Error | null;
}

/**
 * The draft on the screen: a job to clone or to go on from or an algorithm where the address names one, else what an
 * earlier visit left, else an empty one. Every change is kept for a reload.
 */
export function useDraft(catalogue: Catalogue | undefined): Drafting {
  const [search, change] = useAddress();
  const origin = search['clone'] ?? search['continue'];
  const [draft, setDraft] = useState<Draft | null>(null);
  const [former, setFormer] = useState<Draft | null>(loadFormer);
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
    const begin = (next: Draft): void => {
      replaceDraft(next);
      setFormer(loadFormer());
      setDraft(next);
      // From here on it is a draft like others: a reload keeps what was changed.
      change({ clone: undefined, continue: undefined, algorithm: undefined });
    };
    if (origin === undefined) {
      const wanted = catalogue.Algorithms.find((algorithm) => algorithm.Name === search['algorithm']);
      if (wanted) {
        begin(draftFor(wanted, sessionAccount()));
        return;
      }
      const kept = loadDraft();
      setRestored(kept !== null && !isUntouched(kept));
      setDraft(kept ?? emptyDraft(sessionAccount()));
      return;
    }
    if (source.data === undefined) return;
    const { job, tags } = source.data;
    const image = repositoryOf(job.AlgorithmSpecification?.TrainingImage);
    const algorithm = catalogue.Algorithms.find((one) => one.ImageNames.includes(image));
    const cloned = draftOf(requestOf(job, tags, algorithm !== undefined), algorithm);
    begin(search['continue'] === undefined ? cloned : continuedFrom(cloned, job.ModelArtifacts.S3ModelArtifacts));
  }, [draft, catalogue, origin, source.data, search, change]);

  const update = useCallback((next: Draft) => {
    setDraft(next);
    saveDraft(next);
  }, []);
  const forget = useCallback(() => {
    dropFormer();
    setFormer(null);
  }, []);
  const bringBack = useCallback(() => {
    if (former === null) return;
    update(former);
    forget();
    setRestored(false);
  }, [former, update, forget]);
  const reset = useCallback(() => {
    dropDraft();
    setRestored(false);
    setDraft(emptyDraft(sessionAccount()));
  }, []);
  return { draft, setDraft: update, restored, former, bringBack, forget, reset, error: source.error };
}
