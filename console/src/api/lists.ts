import { getJson, postJson, query, request } from './http';

/** Image lists under /mr/lists, their proposals and the impact of changes (docs/reference/console-api.md). */

export interface ClassCount {
  readonly Label: number;
  readonly Name?: string;
  readonly Count: number;
}

export interface Counts {
  readonly Added: number;
  readonly Removed: number;
  readonly Relabelled: number;
}

export interface ListDraft extends Counts {
  /** The version that the draft changes. */
  readonly Base: number;
}

export interface ListSummary {
  readonly Id: string;
  /** "s3://bucket/train.lst" or "fs-…:/path/train.lst" */
  readonly Source: string;
  /** The folder that the paths of rows begin from. */
  readonly Images?: string;
  /** From 1; the newest unless one was asked for. */
  readonly Version: number;
  readonly Rows: number;
  /** Label columns of a row; 0 where rows differ. */
  readonly LabelWidth: number;
  readonly Problems: number;
  readonly ModifiedTime: string;
  readonly Draft?: ListDraft;
}

export interface ImageList extends ListSummary {
  readonly Classes: readonly ClassCount[];
}

export interface ListEntry extends ListSummary {
  readonly OpenProposals: number;
}

export type Change = 'added' | 'removed' | 'relabelled';

export interface ListRow {
  /** The line's position in the version, from 0; rows that a draft adds go on from there. */
  readonly Row: number;
  readonly Index: number;
  readonly Labels: readonly number[];
  readonly Path: string;
  readonly Changed?: Change;
  readonly Was?: readonly number[];
}

/** Which state of a list: a version, or the caller's draft on top of it. */
export interface ListState {
  readonly id: string;
  readonly version: number;
  readonly draft: boolean;
}

export interface RowQuery {
  readonly class?: string | undefined;
  readonly path?: string | undefined;
  /** The query language of `millrace lst`. */
  readonly query?: string | undefined;
  readonly changed?: boolean | undefined;
  readonly sort?: string | undefined;
  readonly order?: string | undefined;
}

export interface RowPage {
  readonly Total: number;
  readonly Rows: readonly ListRow[];
}

export interface ListProblem {
  readonly Line: number;
  readonly Rule: string;
  readonly Message: string;
  readonly Row?: number;
}

export type Edit =
  | { readonly Rows: readonly number[]; readonly Labels: readonly number[] }
  | { readonly Rows: readonly number[]; readonly Remove: true }
  | { readonly Rows: readonly number[]; readonly Restore: true }
  | { readonly Add: { readonly Labels: readonly number[]; readonly Path: string; readonly Index?: number } };

export interface ListVersion extends Counts {
  readonly Version: number;
  readonly Who: string;
  readonly When: string;
  readonly Message: string;
  readonly Parent?: number;
  readonly Proposal?: number;
  readonly Moved: number;
  readonly Rows: number;
}

export type DiffKind = Change | 'moved';

export interface Flow {
  readonly From: number;
  readonly To: number;
  readonly Count: number;
}

export interface DiffRow {
  readonly Kind: DiffKind;
  readonly A?: ListRow;
  readonly B?: ListRow;
}

export interface DiffCounts extends Counts {
  readonly Moved: number;
  readonly Flow: readonly Flow[];
}

export interface Diff extends DiffCounts {
  /** Of the kind asked for. */
  readonly Total: number;
  readonly Rows: readonly DiffRow[];
}

/** A row that both sides changed since the base; no labels: the side has removed it. */
export interface Conflict {
  readonly Path: string;
  readonly Base?: readonly number[] | null;
  readonly Yours?: readonly number[] | null;
  readonly Theirs?: readonly number[] | null;
}

export type Side = 'yours' | 'theirs';

export type ProposalState = 'Open' | 'Approved' | 'Rejected' | 'Merged' | 'Withdrawn';

export interface ProposalComment {
  readonly Who: string;
  readonly When: string;
  readonly Text: string;
  readonly Row?: number;
}

export interface Proposal extends Counts {
  readonly Number: number;
  /** The id of the list. */
  readonly List: string;
  readonly Source: string;
  readonly Title: string;
  readonly Message: string;
  readonly Author: string;
  readonly When: string;
  readonly State: ProposalState;
  readonly Base: number;
  readonly Approvals: readonly { readonly Who: string; readonly When: string }[];
  readonly Comments: readonly ProposalComment[];
}

/** A number of two jobs; left out where a job has none. */
export interface Pair<T> {
  readonly A?: T;
  readonly B?: T;
}

export interface Impact {
  readonly Lists: readonly (Pair<string> & { readonly Channel: string; readonly Diff?: DiffCounts })[];
  readonly Parameters: readonly (Pair<string> & { readonly Name: string })[];
  readonly Metrics: readonly (Pair<number> & { readonly Name: string })[];
  readonly Classes: readonly (Pair<number> & { readonly Class: number; readonly Name?: string; readonly Metric: string })[];
}

const list = (id: string): string => `/mr/lists/${encodeURIComponent(id)}`;
const proposal = (number: number): string => `/mr/proposals/${number}`;
const stateQuery = (state: ListState): { version: number; draft: number | undefined } => ({ version: state.version, draft: state.draft ? 1 : undefined });

export const openList = (source: string, images?: string): Promise<ImageList> =>
  postJson('/mr/lists/open', { Source: source, ...(images === undefined || images === '' ? {} : { Images: images }) });

export async function listLists(signal?: AbortSignal): Promise<readonly ListEntry[]> {
  return (await getJson<{ Lists: readonly ListEntry[] }>('/mr/lists', signal)).Lists;
}

export const getList = (id: string, version?: number, signal?: AbortSignal): Promise<ImageList> => getJson(`${list(id)}${query({ version })}`, signal);

export function listRows(state: ListState, ask: RowQuery, from: number, limit: number, signal?: AbortSignal): Promise<RowPage> {
  const { changed, ...rest } = ask;
  return getJson(`${list(state.id)}/rows${query({ ...stateQuery(state), ...rest, changed: changed ? 1 : undefined, from, limit })}`, signal);
}

/** Where up to a hundred thumbnails lie side by side, in the order of `rows`. */
export const atlasPath = (state: ListState, rows: readonly number[], size: number): string =>
  `${list(state.id)}/atlas${query({ ...stateQuery(state), rows: rows.join(','), size })}`;

/** The same of a proposal, with the rows that it adds. */
export const proposalAtlasPath = (of: Proposal, rows: readonly number[], size: number): string =>
  `${list(of.List)}/atlas${query({ version: of.Base, proposal: of.Number, rows: rows.join(','), size })}`;

export const imagePath = (state: ListState, row: number): string => `${list(state.id)}/image${query({ ...stateQuery(state), row })}`;

export const listProblems = (state: ListState, from: number, limit: number, signal?: AbortSignal): Promise<{ Total: number; Problems: readonly ListProblem[] }> =>
  getJson(`${list(state.id)}/problems${query({ ...stateQuery(state), from, limit })}`, signal);

/** One step of undo. */
export const editDraft = (id: string, base: number, edits: readonly Edit[]): Promise<ImageList> => postJson(`${list(id)}/draft`, { Base: base, Edits: edits });

export const undoDraft = (id: string): Promise<ImageList> => postJson(`${list(id)}/draft/undo`, {});

export async function discardDraft(id: string): Promise<void> {
  await request(`${list(id)}/draft`, { method: 'DELETE' });
}

export const saveVersion = (id: string, body: { Message: string; Copy?: string; Take?: Side }): Promise<ImageList> => postJson(`${list(id)}/versions`, body);

export const restoreVersion = (id: string, version: number, message: string): Promise<ImageList> =>
  postJson(`${list(id)}/versions/${version}/restore`, { Message: message });

export async function listHistory(id: string, signal?: AbortSignal): Promise<readonly ListVersion[]> {
  return (await getJson<{ Versions: readonly ListVersion[] }>(`${list(id)}/history`, signal)).Versions;
}

export const diffLists = (a: string, b: string, kind: DiffKind | undefined, from: number, limit: number, signal?: AbortSignal): Promise<Diff> =>
  getJson(`/mr/lists/diff${query({ a, b, kind, from, limit })}`, signal);

export const propose = (id: string, body: { Title: string; Message: string }): Promise<Proposal> => postJson(`${list(id)}/proposals`, body);

export async function listProposals(ask: { state?: string | undefined; list?: string | undefined }, signal?: AbortSignal): Promise<readonly Proposal[]> {
  return (await getJson<{ Proposals: readonly Proposal[] }>(`/mr/proposals${query(ask)}`, signal)).Proposals;
}

export const getProposal = (number: number, signal?: AbortSignal): Promise<Proposal> => getJson(proposal(number), signal);

export const proposalRows = (number: number, kind: DiffKind | undefined, from: number, limit: number, signal?: AbortSignal): Promise<Diff> =>
  getJson(`${proposal(number)}/rows${query({ kind, from, limit })}`, signal);

export const commentProposal = (number: number, text: string, row?: number): Promise<Proposal> =>
  postJson(`${proposal(number)}/comments`, { Text: text, ...(row === undefined ? {} : { Row: row }) });

export const approveProposal = (number: number): Promise<Proposal> => postJson(`${proposal(number)}/approve`, {});

export const rejectProposal = (number: number, text: string): Promise<Proposal> => postJson(`${proposal(number)}/reject`, text === '' ? {} : { Text: text });

export const withdrawProposal = (number: number): Promise<Proposal> => postJson(`${proposal(number)}/withdraw`, {});

export const mergeProposal = (number: number, take?: Side): Promise<Proposal> => postJson(`${proposal(number)}/merge`, take === undefined ? {} : { Take: take });

export const getImpact = (a: string, b: string, signal?: AbortSignal): Promise<Impact> => getJson(`/mr/impact${query({ a, b })}`, signal);
