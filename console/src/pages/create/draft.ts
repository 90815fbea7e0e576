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

const day = 86_400;

/** The role that the account has for jobs where nobody made another. */
export function defaultRole(account: string): string {
  return `arn:aws:iam::${account}:role/millrace`;
}

export function emptyDraft(account: string): Draft {
  return {
    kind: 'builtin',
    request: {
      TrainingJobName: '',
      RoleArn: defaultRole(account),
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

/** A draft for an algorithm, with nothing else filled in. */
export function draftFor(algorithm: Algorithm, account: string): Draft {
  const { kind, request } = emptyDraft(account);
  return { kind, request: { ...request, AlgorithmSpecification: { TrainingImage: algorithm.Image, TrainingInputMode: 'File' } } };
}

/** Whether somebody has filled in anything. */
export function isUntouched(draft: Draft): boolean {
  const { AlgorithmSpecification: _, RoleArn, ...request } = draft.request;
  const { AlgorithmSpecification: __, RoleArn: ___, ...empty } = emptyDraft('').request;
  return JSON.stringify(request) === JSON.stringify(empty);
}

type Json = string | number | boolean | readonly unknown[] | object | null | undefined;

/** Where an empty text is a value: a tag may have none, a variable may be set to nothing, a program may want an empty setting. */
function mayBeEmpty(path: string, kind: Kind): boolean {
  return path.endsWith('.Tags.Value') || path.startsWith('.Environment.') || (kind !== 'builtin' && path.startsWith('.HyperParameters.'));
}

function pruned(value: Json, path: string, kind: Kind): Json {
  if (value === '' && !mayBeEmpty(path, kind)) return undefined;
  if (Array.isArray(value)) {
    const list = (value as Json[]).map((each) => pruned(each, path, kind)).filter((each) => each !== undefined);
    return list.length === 0 ? undefined : list;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value as Record<string, Json>)
      .map(([key, each]) => [key, pruned(each, `${path}.${key}`, kind)] as const)
      .filter(([, each]) => each !== undefined);
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }
  return value;
}

/** The request as it is sent: without the fields that are empty. */
export function requestOfDraft(draft: Draft): Partial<CreateTrainingJobRequest> {
  return (pruned(draft.request, '', draft.kind) ?? {}) as Partial<CreateTrainingJobRequest>;
}
