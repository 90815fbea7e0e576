import type { Algorithm } from '../../api/mr';
import type { Channel, CreateTrainingJobRequest } from '../../generated/sagemaker';
import { nextName } from './names';

/** What trains: an algorithm of ours, an image of one's own, or a script on a framework's image. */
export type Kind = 'builtin' | 'image' | 'script';

/** The request as far as it is filled in, and what the form knows beside it. */
export interface Draft {
  readonly kind: Kind;
  readonly request: Partial<CreateTrainingJobRequest>;
}

const storageKey = 'millrace.draft.training-job';
const day = 86_400;

export function emptyDraft(account: string): Draft {
  return {
    kind: 'builtin',
    request: {
      TrainingJobName: '',
      RoleArn: `arn:aws:iam::${account}:role/millrace`,
      AlgorithmSpecification: { TrainingImage: '', TrainingInputMode: 'File' },
      HyperParameters: {},
      InputDataConfig: [],
      OutputDataConfig: { S3OutputPath: '' },
      ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 },
      StoppingCondition: { MaxRuntimeInSeconds: day },
    },
  };
}

export function emptyChannel(name: string): Channel {
  return { ChannelName: name, DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: '', S3DataDistributionType: 'FullyReplicated' } } };
}

/** A channel that hands an earlier job's model to the next. */
export function modelChannel(artifact: string): Channel {
  return {
    ChannelName: 'model',
    InputMode: 'File',
    ContentType: 'application/x-sagemaker-model',
    DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: artifact, S3DataDistributionType: 'FullyReplicated' } },
  };
}

/** Settings of script mode that the SDK sends as hyperparameters, JSON text as it sends them. */
export const scriptKeys = { program: 'sagemaker_program', source: 'sagemaker_submit_directory' } as const;

export function scriptSetting(draft: Draft, key: keyof typeof scriptKeys): string {
  const text = draft.request.HyperParameters?.[scriptKeys[key]] ?? '';
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : text;
  } catch {
    return text;
  }
}

/** A draft of another job's request under a new name. */
export function draftOf(request: Partial<CreateTrainingJobRequest>, algorithm: Algorithm | undefined): Draft {
  const kind: Kind = algorithm ? 'builtin' : request.HyperParameters?.[scriptKeys.program] !== undefined ? 'script' : 'image';
  return { kind, request: { ...request, TrainingJobName: nextName(request.TrainingJobName ?? '') } };
}

/** The same job again, beginning from the model that the first one left. */
export function continuedFrom(draft: Draft, artifact: string): Draft {
  const others = (draft.request.InputDataConfig ?? []).filter((channel) => channel.ChannelName !== 'model');
  return { ...draft, request: { ...draft.request, InputDataConfig: [...others, modelChannel(artifact)] } };
}

type Json = string | number | boolean | readonly unknown[] | object | null | undefined;

function pruned(value: Json, path: string): Json {
  // A tag may have no value; elsewhere an empty field is one that was not filled in.
  if (value === '' && !path.endsWith('Tags.Value')) return undefined;
  if (Array.isArray(value)) {
    const list = (value as Json[]).map((each) => pruned(each, path)).filter((each) => each !== undefined);
    return list.length === 0 ? undefined : list;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value as Record<string, Json>)
      .map(([key, each]) => [key, pruned(each, `${path}.${key}`)] as const)
      .filter(([, each]) => each !== undefined);
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }
  return value;
}

/** The request as it is sent: without the fields that are empty. */
export function requestOfDraft(draft: Draft): Partial<CreateTrainingJobRequest> {
  return (pruned(draft.request, '') ?? {}) as Partial<CreateTrainingJobRequest>;
}

export function saveDraft(draft: Draft): void {
  window.localStorage.setItem(storageKey, JSON.stringify(draft));
}

export function dropDraft(): void {
  window.localStorage.removeItem(storageKey);
}

/** The draft that an earlier visit left; null where there is none that can be read. */
export function loadDraft(): Draft | null {
  try {
    const draft = JSON.parse(window.localStorage.getItem(storageKey) ?? 'null') as Draft | null;
    return draft !== null && typeof draft.request === 'object' && ['builtin', 'image', 'script'].includes(draft.kind) ? draft : null;
  } catch {
    return null;
  }
}
