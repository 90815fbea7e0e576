import { getJson, postJson, query, request } from './http';
import { rememberPlaces } from './listImages';

/** Image lists, their drafts, proposals and the impact of changes (docs/reference/console-api.md). */

export interface ClassCount {
  readonly Label: number;
  /** The folder that most of its pictures lie in; lists themselves have numbers only. */
  readonly Name?: string;
  readonly Count: number;
}

export interface Counts {
  readonly Added: number;
  readonly Removed: number;
  readonly Relabelled: number;
  readonly Moved: number;
  readonly Replaced: number;
  readonly Renumbered: number;
}

export interface ListDraft extends Counts {
  readonly Id: string;
  /** The version that the draft changes. */
  readonly Base: number;
  readonly Edits: number;
}

export interface ListEntry {
  readonly Id: string;
  /** "s3://bucket/train.lst" or "fs-…:/path/train.lst" */
  readonly Source: string;
  readonly Version: number;
  readonly Rows: number;
  readonly Author: string;
  readonly ModifiedTime: string;
}

/** What labels are: one class, a column for each class, boxes, or none of these. */
export type Form = 'none' | 'class' | 'columns' | 'boxes' | 'uneven';

export interface ImageList extends ListEntry {
  readonly Form: Form;
  /** Most labels that a row has. */
  readonly LabelWidth: number;
  readonly Classes: readonly ClassCount[];
  /** The caller's own; only of the newest version. */
  readonly Draft?: ListDraft;
}

export type Change = 'added' | 'relabelled';

export interface ListRow {
  /** Where it stands in its version, from 1; rows that a draft adds have none. */
  readonly Line?: number;
  readonly Index: number;
  readonly Labels: readonly number[];
  /** Names the row: edits are of paths. */
  readonly Path: string;
  readonly Changed?: Change;
  readonly Was?: readonly number[];
}

/** Which state of a list: a version, or the caller's draft on top of it. */
export interface ListState {
  readonly id: string;
  readonly version: number;
  /** Its id. */
  readonly draft: string | undefined;
}

export interface RowQuery {
  /** The query language of `millrace lst`. */
  readonly where?: string | undefined;
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
}

export type Edit =
  | { readonly Do: 'relabel'; readonly Paths: readonly string[]; readonly Labels: readonly number[] }
  | { readonly Do: 'remove'; readonly Paths: readonly string[] }
  | { readonly Do: 'add'; readonly Rows: readonly { readonly path: string; readonly labels: readonly number[] }[] };

export interface ListVersion {
  readonly Version: number;
  readonly Parent?: number;
  readonly Who: string;
  readonly When: string;
  readonly Message: string;
  readonly Rows: number;
  /** What it changed; the first version has none. */
  readonly Changes?: Counts;
}

export const diffKinds = ['relabelled', 'added', 'removed', 'moved', 'replaced', 'renumbered'] as const;
export type DiffKind = (typeof diffKinds)[number];

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
  readonly Flow: readonly Flow[];
}

export interface Diff extends DiffCounts {
  /** Of the kind asked for. */
  readonly Total: number;
  readonly Rows: readonly DiffRow[];
}

/** A row that both sides changed since the base; no labels: the side does not have it. */
export interface Conflict {
  readonly Path: string;
  readonly Base?: readonly number[];
  readonly Yours?: readonly number[];
  readonly Theirs?: readonly number[];
}

export type Side = 'yours' | 'theirs';

export type ProposalState = 'Open' | 'Approved' | 'Rejected' | 'Merged' | 'Withdrawn';

export interface ProposalComment {
  readonly Who: string;
  readonly When: string;
  readonly Text: string;
  readonly Path?: string;
}

export interface ProposalEntry {
  readonly Number: number;
  /** The id of the list. */
  readonly List: string;
  readonly Title: string;
  readonly Author: string;
  readonly When: string;
  readonly State: ProposalState;
  readonly Changes: Counts;
}

export interface Proposal extends ProposalEntry {
  readonly Source: string;
  readonly Message: string;
  readonly Base: number;
  readonly Approvals: readonly string[];
  readonly Comments: readonly ProposalComment[];
}

/** A number of two jobs; left out where a job has none. */
export interface Pair<T> {
  readonly A?: T;
  readonly B?: T;
}

export interface ListAt {
  readonly Id: string;
  readonly Source: string;
  readonly Version: number;
}

export interface Impact {
  readonly Lists: readonly { readonly Channel: string; readonly A: ListAt; readonly B: ListAt; readonly Diff: DiffCounts }[];
  /** Those that differ. */
  readonly Parameters: readonly (Pair<string> & { readonly Name: string })[];
  readonly Metrics: readonly (Pair<number> & { readonly Name: string })[];
  readonly Classes: readonly (Pair<number> & { readonly Class: string; readonly Metric: string })[];
}

// What the daemon says, in its own words.
interface WireRow {
  readonly index: number;
  readonly labels: readonly number[];
  readonly path: string;
  readonly line?: number;
}
interface WireCounts {
  readonly added: number;
  readonly removed: number;
  readonly relabelled: number;
  readonly moved: number;
  readonly replaced: number;
  readonly renumbered: number;
}
interface WireVersion {
  readonly Number: number;
  readonly Parent?: number;
  readonly Author: string;
  readonly Message: string;
  readonly CreatedAt: string;
  readonly Rows: number;
  readonly Counts?: WireCounts;
}
interface WireList {
  readonly Id: number;
  readonly Place: string;
  readonly Version: WireVersion;
}
interface WireDraft {
  readonly Id: string;
  readonly Base: number;
  readonly Edits: number;
  readonly Counts: WireCounts;
}
interface WireDiff {
  readonly Counts: WireCounts;
  readonly Classes: readonly { readonly from: number; readonly to: number; readonly rows: number }[];
  readonly Changes: readonly { readonly before?: WireRow; readonly after?: WireRow }[];
  readonly Total: number;
}
interface WireProposal {
  readonly Id: number;
  readonly List: number;
  readonly Author: string;
  readonly Title: string;
  readonly Status: 'open' | 'merged' | 'closed';
  readonly Approved?: boolean;
  readonly ClosedBy?: string;
  readonly Counts: WireCounts;
  readonly CreatedAt: string;
}
interface WireFullProposal extends WireProposal {
  readonly Place: string;
  readonly Text: string;
  readonly Base: number;
  readonly Comments: readonly { readonly Author: string; readonly At: string; readonly Text: string; readonly Path?: string }[];
  readonly Approvals: readonly { readonly Author: string }[];
}

const rowOf = ({ index, labels, path, line }: WireRow): ListRow => ({ Index: index, Labels: labels, Path: path, ...(line === undefined ? {} : { Line: line }) });

const countsOf = (counts: WireCounts): Counts => ({
  Added: counts.added,
  Removed: counts.removed,
  Relabelled: counts.relabelled,
  Moved: counts.moved,
  Replaced: counts.replaced,
  Renumbered: counts.renumbered,
});

const entryOf = (list: WireList): ListEntry => ({
  Id: String(list.Id),
  Source: list.Place,
  Version: list.Version.Number,
  Rows: list.Version.Rows,
  Author: list.Version.Author,
  ModifiedTime: list.Version.CreatedAt,
});

const draftOf = (draft: WireDraft): ListDraft => ({ Id: draft.Id, Base: draft.Base, Edits: draft.Edits, ...countsOf(draft.Counts) });

const flowOf = (classes: WireDiff['Classes']): Flow[] => classes.map((one) => ({ From: one.from, To: one.to, Count: one.rows }));

function stateOf(proposal: WireProposal): ProposalState {
  if (proposal.Status === 'merged') return 'Merged';
  if (proposal.Status === 'open') return proposal.Approved === true ? 'Approved' : 'Open';
  return proposal.ClosedBy !== undefined && proposal.ClosedBy !== proposal.Author ? 'Rejected' : 'Withdrawn';
}

const proposalEntryOf = (proposal: WireProposal): ProposalEntry => ({
  Number: proposal.Id,
  List: String(proposal.List),
  Title: proposal.Title,
  Author: proposal.Author,
  When: proposal.CreatedAt,
  State: stateOf(proposal),
  Changes: countsOf(proposal.Counts),
});

const proposalOf = (proposal: WireFullProposal): Proposal => ({
  ...proposalEntryOf(proposal),
  Source: proposal.Place,
  Message: proposal.Text,
  Base: proposal.Base,
  Approvals: proposal.Approvals.map((one) => one.Author),
  Comments: proposal.Comments.map((one) => ({ Who: one.Author, When: one.At, Text: one.Text, ...(one.Path === undefined ? {} : { Path: one.Path }) })),
});

const forms: Readonly<Record<string, Form>> = { 'no rows': 'none', 'one class a row': 'class', 'a column a class': 'columns', boxes: 'boxes' };

const list = (id: string): string => `/mr/lists/${encodeURIComponent(id)}`;
const draft = (id: string): string => `/mr/drafts/${encodeURIComponent(id)}`;
const proposal = (number: number): string => `/mr/proposals/${number}`;
/** Where the rows of a state are. */
const at = (state: ListState): string => (state.draft === undefined ? list(`${state.id}@${state.version}`) : draft(state.draft));
const prefer = (side: Side | undefined): { Prefer?: string } => (side === undefined ? {} : { Prefer: side === 'yours' ? 'ours' : 'theirs' });

export async function openList(source: string, images = ''): Promise<string> {
  const id = String((await postJson<{ Id: number }>('/mr/lists', { Place: source })).Id);
  if (images !== '') rememberPlaces(id, images);
  return id;
}

export async function listLists(signal?: AbortSignal): Promise<readonly ListEntry[]> {
  return (await getJson<{ Lists: readonly WireList[] }>('/mr/lists', signal)).Lists.map(entryOf);
}

async function myDraft(id: string, signal?: AbortSignal): Promise<ListDraft | undefined> {
  const [newest] = (await getJson<{ Drafts: readonly { Id: string }[] }>(`${list(id)}/drafts`, signal)).Drafts;
  return newest && draftOf(await getJson<WireDraft>(draft(newest.Id), signal));
}

/** A list in its newest version, with the caller's draft of it, or in another version. */
export async function getList(id: string, version?: number, signal?: AbortSignal): Promise<ImageList> {
  const [found, mine] = await Promise.all([
    getJson<WireList & { Form: string; Rows: number; Labels: number; Classes: readonly { class: number; rows: number; name?: string }[] }>(list(version === undefined ? id : `${id}@${version}`), signal),
    version === undefined ? myDraft(id, signal) : undefined,
  ]);
  return {
    ...entryOf(found),
    Rows: found.Rows,
    Form: forms[found.Form] ?? 'uneven',
    LabelWidth: found.Labels,
    Classes: found.Classes.map((one) => ({ Label: one.class, Count: one.rows, ...(one.name === undefined ? {} : { Name: one.name }) })),
    ...(mine === undefined ? {} : { Draft: mine }),
  };
}

export async function listRows(state: ListState, ask: RowQuery, from: number, limit: number, signal?: AbortSignal): Promise<RowPage> {
  const page = await getJson<{ Total: number; Rows: readonly WireRow[] }>(`${at(state)}/rows${query({ where: ask.where, sort: ask.sort, order: ask.order, from, limit })}`, signal);
  return { Total: page.Total, Rows: page.Rows.map(rowOf) };
}

export const listProblems = (state: ListState, from: number, limit: number, signal?: AbortSignal): Promise<{ Total: number; Problems: readonly ListProblem[] }> =>
  getJson(`${at(state)}/problems${query({ from, limit })}`, signal);

export const beginDraft = async (id: string): Promise<ListDraft> => draftOf(await postJson<WireDraft>(`${list(id)}/drafts`, {}));

/** Each edit is a step of undo. */
export const editDraft = async (id: string, edits: readonly Edit[]): Promise<ListDraft> => draftOf(await postJson<WireDraft>(`${draft(id)}/edits`, { Edits: edits }));

export const undoDraft = async (id: string): Promise<ListDraft> => draftOf(await postJson<WireDraft>(`${draft(id)}/undo`, {}));

export async function discardDraft(id: string): Promise<void> {
  await request(draft(id), { method: 'DELETE' });
}

/** Writes the draft into its list; the number of the new version. */
export const saveDraft = async (id: string, message: string, take?: Side): Promise<number> =>
  (await postJson<{ Version: WireVersion }>(`${draft(id)}/save`, { Message: message, ...prefer(take) })).Version.Number;

/** Writes what the draft makes of the list to a place where nothing is yet; the id of the list there. The draft stays. */
export const copyDraft = async (id: string, place: string, message: string): Promise<string> => String((await postJson<{ Id: number }>(`${draft(id)}/copy`, { Place: place, Message: message })).Id);

/** An earlier version, byte for byte, becomes the newest; its number. */
export const restoreVersion = async (id: string, version: number, message: string): Promise<number> =>
  (await postJson<{ Version: WireVersion }>(`${list(`${id}@${version}`)}/restore`, { Message: message })).Version.Number;

export async function listHistory(id: string, signal?: AbortSignal): Promise<readonly ListVersion[]> {
  const { Versions } = await getJson<{ Versions: readonly WireVersion[] }>(`${list(id)}/history`, signal);
  return Versions.map((one) => ({
    Version: one.Number,
    Who: one.Author,
    When: one.CreatedAt,
    Message: one.Message,
    Rows: one.Rows,
    ...(one.Parent === undefined ? {} : { Parent: one.Parent }),
    ...(one.Counts === undefined ? {} : { Changes: countsOf(one.Counts) }),
  }));
}

async function diffAt(path: string, parameters: Record<string, string>, kind: DiffKind | undefined, from: number, limit: number, signal?: AbortSignal): Promise<Diff> {
  const diff = await getJson<WireDiff>(`${path}${query({ ...parameters, kind, from, limit })}`, signal);
  const kindOf = (change: WireDiff['Changes'][number]): DiffKind => kind ?? (change.before === undefined ? 'added' : change.after === undefined ? 'removed' : 'relabelled');
  return {
    ...countsOf(diff.Counts),
    Flow: flowOf(diff.Classes),
    Total: diff.Total,
    Rows: diff.Changes.map((change) => ({ Kind: kindOf(change), ...(change.before ? { A: rowOf(change.before) } : {}), ...(change.after ? { B: rowOf(change.after) } : {}) })),
  };
}

/** What differs between two versions, "7@2" and "7@3", of one list or two. */
export const diffLists = (a: string, b: string, kind: DiffKind | undefined, from: number, limit: number, signal?: AbortSignal): Promise<Diff> =>
  diffAt('/mr/lists/diff', { a, b }, kind, from, limit, signal);

/** What a draft changes of its base. */
export const diffDraft = (id: string, kind: DiffKind | undefined, from: number, limit: number, signal?: AbortSignal): Promise<Diff> => diffAt(`${draft(id)}/diff`, {}, kind, from, limit, signal);

export const diffProposal = (number: number, kind: DiffKind | undefined, from: number, limit: number, signal?: AbortSignal): Promise<Diff> =>
  diffAt(`${proposal(number)}/diff`, {}, kind, from, limit, signal);

export const proposeDraft = async (id: string, title: string, text: string): Promise<number> => (await postJson<WireProposal>(`${draft(id)}/propose`, { Title: title, Text: text })).Id;

export async function listProposals(signal?: AbortSignal): Promise<readonly ProposalEntry[]> {
  return (await getJson<{ Proposals: readonly WireProposal[] }>('/mr/proposals', signal)).Proposals.map(proposalEntryOf);
}

export const getProposal = async (number: number, signal?: AbortSignal): Promise<Proposal> => proposalOf(await getJson<WireFullProposal>(proposal(number), signal));

const act = async (number: number, action: string, body: object): Promise<Proposal> => proposalOf(await postJson<WireFullProposal>(`${proposal(number)}/${action}`, body));

export const commentProposal = (number: number, text: string, path?: string): Promise<Proposal> => act(number, 'comments', { Text: text, ...(path === undefined ? {} : { Path: path }) });

export const approveProposal = (number: number): Promise<Proposal> => act(number, 'approve', {});

/** By its author: withdrawn. By somebody else: rejected. */
export const closeProposal = (number: number): Promise<Proposal> => act(number, 'close', {});

export const mergeProposal = (number: number, take?: Side): Promise<Proposal> => act(number, 'merge', prefer(take));

interface WireImpact {
  readonly Lists: readonly (WireDiff & { readonly Channel: string; readonly A: WireImpactList; readonly B: WireImpactList })[];
  readonly Parameters: Impact['Parameters'];
  readonly Metrics: Impact['Metrics'];
  readonly Classes?: Pair<unknown>;
}
interface WireImpactList {
  readonly List: number;
  readonly Place: string;
  readonly Version: WireVersion;
}

/** The numbers of each class, by metric; `name` or the position names the class. */
export function figuresByClass(classes: unknown): Map<string, ReadonlyMap<string, number>> {
  const figures = new Map<string, ReadonlyMap<string, number>>();
  const entries: readonly (readonly [string, unknown])[] = Array.isArray(classes)
    ? classes.map((one: { name?: unknown; class?: unknown; label?: unknown }, i) => [String(one.name ?? one.class ?? one.label ?? i), one] as const)
    : Object.entries((classes ?? {}) as Record<string, unknown>);
  for (const [name, one] of entries) {
    const numbers = Object.entries((one ?? {}) as Record<string, unknown>).filter((entry): entry is [string, number] => typeof entry[1] === 'number' && !['class', 'label'].includes(entry[0]));
    figures.set(name, new Map(numbers));
  }
  return figures;
}

/** Figures of two jobs side by side. */
export function classPairs(classes: Pair<unknown> | undefined): Impact['Classes'] {
  const [a, b] = [figuresByClass(classes?.A), figuresByClass(classes?.B)];
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((name) => {
    const [of, against] = [a.get(name), b.get(name)];
    return [...new Set([...(of?.keys() ?? []), ...(against?.keys() ?? [])])].map((metric) => {
      const [x, y] = [of?.get(metric), against?.get(metric)];
      return { Class: name, Metric: metric, ...(x === undefined ? {} : { A: x }), ...(y === undefined ? {} : { B: y }) };
    });
  });
}

export async function getImpact(a: string, b: string, signal?: AbortSignal): Promise<Impact> {
  const impact = await getJson<WireImpact>(`/mr/impact${query({ a, b })}`, signal);
  const atOf = (one: WireImpactList): ListAt => ({ Id: String(one.List), Source: one.Place, Version: one.Version.Number });
  return {
    Lists: impact.Lists.map((one) => ({ Channel: one.Channel, A: atOf(one.A), B: atOf(one.B), Diff: { ...countsOf(one.Counts), Flow: flowOf(one.Classes) } })),
    Parameters: impact.Parameters,
    Metrics: impact.Metrics,
    Classes: classPairs(impact.Classes),
  };
}
