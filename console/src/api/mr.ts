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
  readonly Name: string;
  readonly Required: boolean;
  /** Empty: any. */
  readonly ContentTypes: readonly string[];
  readonly InputModes: readonly string[];
}

export interface Algorithm {
  readonly Name: string;
  readonly Summary: string;
  /** Repositories that mean this algorithm. */
  readonly ImageNames: readonly string[];
  readonly Image: string;
  readonly Distributed: boolean;
  readonly Channels: readonly ChannelDescription[];
  readonly Hyperparameters: readonly Hyperparameter[];
  readonly Metrics: readonly { readonly Name: string; readonly HigherIsBetter: boolean }[];
}

export interface InstanceType {
  readonly Name: string;
  /** What it stands for on this machine. */
  readonly Cpus: number;
  readonly MemoryBytes: number;
}

export interface Catalogue {
  readonly Algorithms: readonly Algorithm[];
  /** Images that run a script of one's own. */
  readonly Frameworks: readonly { readonly Repository: string; readonly Name: string; readonly Summary: string }[];
  readonly InstanceTypes: readonly InstanceType[];
  readonly Machine: { readonly Cpus: number; readonly MemoryBytes: number };
}

export interface Problem {
  readonly Field: string;
  readonly Message: string;
}

export interface ChannelUsage {
  readonly Name: string;
  /** The mode in effect. */
  readonly Mode: string;
  readonly Source: {
    readonly Kind?: string;
    readonly Objects?: number;
    readonly Bytes?: number;
    /** There are more objects than were counted. */
    readonly More?: boolean;
  };
  readonly Delivered?: ChannelDelivery;
}

/** What a channel has delivered so far, to all hosts together. What nobody has measured is absent. */
export interface ChannelDelivery {
  readonly Hosts: number;
  readonly At: number;
  /** Put in place before the program started, written into FIFOs, or read by the program. */
  readonly Measured?: 'Staged' | 'Fed' | 'Read';
  readonly Bytes?: number;
  readonly Objects?: number;
  readonly Seconds?: number;
  readonly BytesPerSecond?: number;
  readonly BytesPerSecondNow?: number;
  readonly Records?: number;
  readonly Passes?: number;
  readonly RecordsPerPass?: number;
  readonly RecordsPerSecond?: number;
  /** Shares of the time. */
  readonly ReaderWaited?: number;
  readonly WriterWaited?: number;
}

/** What the beginning of a file holds; which members are there follows from `Kind`. */
export interface Preview {
  readonly Kind: 'image' | 'records' | 'protobuf' | 'list' | 'table' | 'lines' | 'archive' | 'text' | 'binary';
  readonly Bytes: number;
  readonly ContentType?: string;
  /** What of the file was looked at, where that is not all. */
  readonly Sampled?: unknown;
  /** What is wrong with bytes that are not what they seem. */
  readonly Problem?: string;
  readonly Format?: string;
  readonly Width?: number;
  readonly Height?: number;
  readonly Records?: readonly PreviewRecord[];
  readonly Rows?: readonly (readonly string[] | ListRow)[];
  readonly Lines?: readonly string[];
  readonly Members?: readonly { readonly Name: string; readonly Bytes: number; readonly Kind: string }[];
  readonly Text?: string;
  readonly Head?: string;
}

export interface PreviewRecord {
  readonly n: number;
  readonly Id?: number;
  readonly Labels?: readonly number[];
  readonly Bytes?: number;
  readonly Format?: string;
  readonly Width?: number;
  readonly Height?: number;
  readonly Values?: readonly number[];
  readonly Columns?: number;
}

export interface ListRow {
  readonly index: number | string;
  readonly labels: unknown;
  readonly path: string;
}

/** A part of a picture, in its pixels. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Thumbnails in one picture, with the place of each; zero width for one that could not be made. */
export interface Atlas {
  readonly picture: Blob;
  readonly rectangles: readonly Rectangle[];
}

/** The tag by which something was found whose name does not hold the text. */
export interface FoundTag {
  readonly Key: string;
  readonly Value: string;
}

interface FoundByName {
  readonly Name: string;
  readonly Tag?: FoundTag;
}

/** What the search finds, each kind best first. */
export interface Findings {
  readonly TrainingJobs: readonly (FoundByName & { readonly Status: string; readonly Algorithm: string })[];
  readonly Models: readonly FoundByName[];
  readonly Endpoints: readonly (FoundByName & { readonly Status: string })[];
  readonly Lists: readonly { readonly Id: string | number; readonly Place: string }[];
  readonly Buckets: readonly { readonly Name: string }[];
  readonly Objects: readonly { readonly Bucket: string; readonly Key: string; readonly Bytes: number }[];
  /** Kinds of which there are more. */
  readonly More: readonly string[];
}

const job = (name: string): string => `/mr/training-jobs/${encodeURIComponent(name)}`;

export const getCatalogue = (signal?: AbortSignal): Promise<Catalogue> => getJson('/mr/algorithms', signal);

/** Finds by name, tag and place over everything that the user may see. */
export const searchAll = (q: string, limit: number, signal?: AbortSignal): Promise<Findings> => getJson(`/mr/search${query({ q, limit })}`, signal);

export const listJobs = (ask: JobQuery, signal?: AbortSignal): Promise<JobPage> => getJson(`/mr/training-jobs${query({ ...ask })}`, signal);

export async function jobSeries(name: string, signal?: AbortSignal): Promise<readonly Series[]> {
  const { Series } = await getJson<{ Series: readonly Series[] }>(`${job(name)}/metrics`, signal);
  return Series.filter((one) => one.Points > 0);
}

export async function seriesTile(id: number, from: number, to: number, width: number, signal?: AbortSignal): Promise<ArrayBuffer> {
  const response = await request(`/mr/series/${id}/tile${query({ from, to, width })}`, { signal });
  return response.arrayBuffer();
}

/** All lines of a page: an answer ends with so many bytes of them, and the next goes on from there. */
export async function logPage(name: string, from: number, limit: number, stream?: string, signal?: AbortSignal): Promise<LogPage> {
  const ask = (at: number, lines: number): Promise<LogPage> => getJson(`${job(name)}/log${query({ from: at, limit: lines, stream })}`, signal);
  const page = await ask(from, limit);
  const end = Math.min(page.From + limit, page.Total);
  const lines = [...page.Lines];
  for (;;) {
    const last = lines.at(-1);
    if (last === undefined || last.n + 1 >= end) return { ...page, Lines: lines };
    const more = await ask(last.n + 1, end - last.n - 1);
    if (more.Lines.length === 0) return { ...page, Lines: lines };
    lines.push(...more.Lines);
  }
}

export const searchLog = (name: string, q: string, from: number, stream?: string, signal?: AbortSignal): Promise<{ Matches: readonly number[]; Next?: number }> =>
  getJson(`${job(name)}/log/search${query({ q, from, stream })}`, signal);

export const logDownload = (name: string, stream?: string): string => `${job(name)}/log/download${query({ stream })}`;

export const jobUsage = (name: string, signal?: AbortSignal): Promise<{ Channels: readonly ChannelUsage[] }> => getJson(`${job(name)}/usage`, signal);

export const checkJob = (body: Partial<CreateTrainingJobRequest>, signal?: AbortSignal): Promise<{ Problems: readonly Problem[] }> =>
  postJson('/mr/training-jobs/check', body, signal);

/** What a place (s3://bucket/key, fs-…:/path) holds. */
export const previewOf = (place: string, signal?: AbortSignal): Promise<Preview> => getJson(`/mr/preview${query({ place })}`, signal);

async function atlasAt(path: string, signal?: AbortSignal): Promise<Atlas | null> {
  const response = await request(path, { signal });
  if (response.status === 204) return null;
  const rectangles = (response.headers.get('x-millrace-rectangles') ?? '').split(',').map((text) => {
    const [x = 0, y = 0, width = 0, height = 0] = text.trim().split(' ').map(Number);
    return { x, y, width, height };
  });
  return { picture: await response.blob(), rectangles };
}

/** Thumbnails of pictures inside a record file; null where there is none. */
export const recordAtlas = (place: string, from: number, n: number, size: number, signal?: AbortSignal): Promise<Atlas | null> =>
  atlasAt(`/mr/atlas${query({ rec: place, from, n, size })}`, signal);

/** Where thumbnails of up to a hundred pictures below the place `root` are. */
export function fileAtlasPath(root: string, files: readonly string[], size: number): string {
  const parameters = new URLSearchParams({ root, size: String(size) });
  for (const path of files) parameters.append('path', path);
  return `/mr/atlas?${parameters.toString()}`;
}

export const fileAtlas = (root: string, files: readonly string[], size: number, signal?: AbortSignal): Promise<Atlas | null> => atlasAt(fileAtlasPath(root, files, size), signal);
