import type { QueryClient } from '@tanstack/react-query';
import { ServiceError } from '../../api/errors';
import { beginDraft, discardDraft, editDraft, undoDraft, type Edit, type ImageList, type ListDraft } from '../../api/lists';
import { patiently } from '../../api/patiently';
import { currentSession, identityOf } from '../../session/session';
import { listKey } from './listKey';

function whoIsSignedIn(): string | undefined {
  const state = currentSession();
  return state.kind === 'signed-in' ? identityOf(state.session) : undefined;
}

/** Steps that change the caller's draft of a list, sent one after the other; the cached list has the draft as each of them left it. */
export class EditQueue {
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;
  /** A refetch of the list was given up, and with it perhaps news of its versions. */
  private outdated = false;
  private owner = whoIsSignedIn();

  /** `onRest` hears when all that was asked for has come to an end. */
  constructor(
    private readonly client: QueryClient,
    private readonly id: string,
    private readonly onRest: () => void,
  ) {}

  /** Rejects with the daemon's refusal. */
  edit(edit: Edit): Promise<void> {
    return this.step(async () => editDraft((await this.draft()).Id, [edit]));
  }

  /** Rejects where there is nothing to undo, for the reason given. */
  undo(nothingToUndo: string): Promise<void> {
    return this.step(() => {
      const draft = this.list()?.Draft;
      if (!draft || draft.Edits === 0) throw new ServiceError('ValidationException', nothingToUndo, 0, '');
      return undoDraft(draft.Id);
    });
  }

  /** The draft has come to an end: nothing more goes into it. `version` is the list's newest where it became one. */
  ended(version: number | undefined): void {
    this.client.setQueryData<ImageList>(listKey(this.id), (old) => old && { ...old, Version: version ?? old.Version, Draft: undefined });
  }

  private list(): ImageList | undefined {
    return this.client.getQueryData<ImageList>(listKey(this.id));
  }

  /** The draft that an edit goes into. */
  private async draft(): Promise<ListDraft> {
    const list = this.list();
    if (list?.Draft) {
      if (list.Draft.Edits > 0 || list.Draft.Base === list.Version) return list.Draft;
      // One that was emptied long ago would bring its old base back.
      await discardDraft(list.Draft.Id);
      await this.hold(undefined);
    }
    const begun = await beginDraft(this.id);
    await this.hold(begun);
    return begun;
  }

  /** A refetch that is under way may have been answered before this draft and would put the old one back: it is given up, and made again at rest. */
  private async hold(draft: ListDraft | undefined): Promise<void> {
    const queryKey = listKey(this.id);
    if (this.client.isFetching({ queryKey }) > 0) this.outdated = true;
    await this.client.cancelQueries({ queryKey });
    this.client.setQueryData<ImageList>(queryKey, (old) => old && { ...old, Draft: draft });
  }

  private step(send: () => Promise<ListDraft>): Promise<void> {
    ++this.waiting;
    const next = this.last.then(async () => {
      try {
        // A session that has ended meanwhile is waited for, unless it is another user who comes back.
        await this.hold(
          await patiently(new AbortController().signal, 0, async () => {
            const now = whoIsSignedIn();
            this.owner ??= now;
            if (now !== undefined && now !== this.owner) throw new DOMException('', 'AbortError');
            return send();
          }),
        );
      } finally {
        if (--this.waiting === 0) this.rest();
      }
    });
    // What comes after a refusal goes into the draft that there is.
    this.last = next.catch(() => this.client.invalidateQueries({ queryKey: ['list', this.id] }));
    return next;
  }

  private rest(): void {
    if (this.outdated) void this.client.invalidateQueries({ queryKey: ['list', this.id] });
    this.outdated = false;
    this.onRest();
  }
}
