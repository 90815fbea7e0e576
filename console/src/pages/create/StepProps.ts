import type { Algorithm, Catalogue, Problem } from '../../api/mr';
import type { CreateTrainingJobRequest } from '../../generated/sagemaker';
import type { Draft } from './draft';

/** What every page of the form is given. */
export interface StepProps {
  readonly draft: Draft;
  readonly setDraft: (draft: Draft) => void;
  /** Changes members of the request. */
  readonly set: (change: Partial<CreateTrainingJobRequest>) => void;
  readonly catalogue: Catalogue | undefined;
  readonly algorithm: Algorithm | undefined;
  /** What is wrong, as far as it is to be told already. */
  readonly problems: readonly Problem[];
}
