import type { CreateTrainingJobRequest } from '../generated/sagemaker';
import { getJson, postJson, query, request } from './http';

/** The console's own reads under /mr/ (docs/reference/console-api.md). */

/** A row of the jobs table. Times are ISO 8601. */
export interface JobRow {
  readonly Name: string;
  readonly Arn: string;
  readonly Status: string;
  readonly SecondaryStatus: string;
  /** The image's repository: for built-in algorithms their name. */
  readonly Algorithm: string;
  readonly InputMode: string;
  readonly CreationTime: string;
  readonly ModifiedTime: string;
  readonly TrainingStartTime?: string;
  readonly TrainingEndTime?: string;
  readonly FailureReason?: string;
  readonly InstanceType?: string;
  readonly InstanceCount?: number;
  readonly Objective?: { readonly Name: string; readonly Value: number };
}

export interface JobPage {
  readonly Jobs: readonly JobRow[];
  readonly Total: number;
  readonly Next?: number;
}

export interface JobQuery {
  readonly name?: string | undefined;
  readonly status?: string | undefined;
  readonly algorithm?: string | undefined;
  /** "key" or "key=value" */
  readonly tag?: string | undefined;
  readonly created_after?: string | undefined;
  readonly created_before?: string | undefined;
  readonly sort?: string | undefined;
  readonly order?: string | undefined;
  readonly from?: number | undefined;
  readonly limit?: number | undefined;
}

/** A metric over time; times are seconds since the epoch. */
export interface Series {
  readonly Id: number;
  readonly Name: string;
  /** Of metrics of an instance. */
  readonly Host?: string;
  readonly Points: number;
  readonly First: number;
  readonly Last: number;
  readonly Min: number;
  readonly Max: number;
  readonly LastValue: number;
}

export interface LogStream {
  readonly Name: string;
  readonly Host: string;
  readonly Total: number;
  readonly Bytes: number;
}

/** Lines by their number; `t` is milliseconds since the epoch. */
export interface LogPage {
  readonly Total: number;
  readonly From: number;
  readonly Lines: readonly { readonly n: number; readonly t: number; readonly m: string }[];
  readonly Streams: readonly LogStream[];
}

export interface Hyperparameter {
  readonly name: string;
  readonly type: 'Integer' | 'Continuous' | 'Categorical' | 'FreeText';
  readonly default?: string;
  readonly required: boolean;
  readonly range?: { readonly min?: number; readonly max?: number; readonly min_excluded?: boolean; readonly max_excluded?: boolean };
  readonly choices?: readonly string[];
  readonly doc: string;
  readonly expects?: string;
  readonly takes_auto?: boolean;
}

export interface ChannelDescription {
  readonly name: string;
  readonly required: boolean;
  readonly content_types: readonly string[];
  readonly input_modes: readonly string[];
  readonly doc?: string;
}

export interface Algorithm {
  readonly name: string;
  readonly summary: string;
  readonly image_names: readonly string[];
  readonly hyperparameters: readonly Hyperparameter[];
  readonly channels: readonly ChannelDescription[];
  readonly metrics: readonly { readonly name: string; readonly higher_is_better?: boolean }[];
  readonly supported_input_modes?: readonly string[];
  readonly distributed?: boolean;
  readonly instance_notes?: string;
}

export interface Catalogue {
  readonly algorithms: readonly Algorithm[];
  readonly instanceTypes: readonly { readonly name: string; readonly cpus?: number; readonly memory?: number }[];
}

export interface Problem {
  readonly Field: string;
  readonly Message: string;
}

export interface ChannelUsage {
  readonly ChannelName: string;
  readonly Host?: string;
  readonly InputMode?: string;
  readonly Bytes?: number;
  readonly Records?: number;
  readonly Seconds?: number;
  readonly BytesPerSecond?: number;
  readonly WaitSeconds?: number;
}

const job = (name: string): string => `/mr/training-jobs/${encodeURIComponent(name)}`;

export const listJobs = (ask: JobQuery, signal?: AbortSignal): Promise<JobPage> => getJson(`/mr/training-jobs${query({ ...ask })}`, signal);

export async function jobSeries(name: string, signal?: AbortSignal): Promise<readonly Series[]> {
  const { Series } = await getJson<{ Series: readonly Series[] }>(`${job(name)}/metrics`, signal);
  return Series.filter((one) => one.Points > 0);
}

export async function seriesTile(id: number, from: number, to: number, width: number, signal?: AbortSignal): Promise<ArrayBuffer> {
  const response = await request(`/mr/series/${id}/tile${query({ from, to, width })}`, { signal });
  return response.arrayBuffer();
}

export const logPage = (name: string, from: number, limit: number, stream?: string, signal?: AbortSignal): Promise<LogPage> =>
  getJson(`${job(name)}/log${query({ from, limit, stream })}`, signal);

export const searchLog = (name: string, q: string, from: number, stream?: string, signal?: AbortSignal): Promise<{ Matches: readonly number[]; Next?: number }> =>
  getJson(`${job(name)}/log/search${query({ q, from, stream })}`, signal);

export const logDownload = (name: string, stream?: string): string => `${job(name)}/log/download${query({ stream })}`;

export const jobUsage = (name: string, signal?: AbortSignal): Promise<{ Channels: readonly ChannelUsage[] }> => getJson(`${job(name)}/usage`, signal);

export const checkJob = (body: Partial<CreateTrainingJobRequest>, signal?: AbortSignal): Promise<{ Problems: readonly Problem[] }> =>
  postJson('/mr/training-jobs/check', body, signal);
