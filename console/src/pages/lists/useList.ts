import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useRef } from 'react';
import { ServiceError } from '../../api/errors';
import { beginDraft, diffDraft, discardDraft, editDraft, getList, undoDraft, type Change, type Edit, type ImageList, type ListDraft, type ListState, type RowPage } from '../../api/lists';
import { useNotifications } from '../../app/Notifications';
import { useI18n } from '../../i18n/I18n';
import { edited } from './edits';

export const listKey = (id: string, version?: number): readonly unknown[] => ['list', id, version ?? 'newest'];

/** A list in its newest version, or in the one that the address names. */
export function useList(id: string, version?: number, enabled = true) {
  return useQuery({ queryKey: listKey(id, version), enabled, queryFn: ({ signal }) => getList(id, version, signal), placeholderData: (previous) => (previous?.Id === id ? previous : undefined) });
}

/** A draft with something in it; one from which everything was undone is as good as none. */
export function draftOf(list: ImageList): ListDraft | undefined {
  return list.Draft && list.Draft.Edits > 0 ? list.Draft : undefined;
}

/** What the page shows of a list: the caller's draft where there is one, unless a version was asked for. */
export function stateOf(list: ImageList, version: number | undefined): ListState {
  const draft = version === undefined ? draftOf(list) : undefined;
  return { id: list.Id, version: draft?.Base ?? list.Version, draft: draft?.Id };
}

/** Changes of a draft that are marked in its rows. */
const marked = 5000;

export interface Mark {
  readonly change: Change;
  readonly was?: readonly number[];
}

/** Which rows a draft has changed, by path. */
export function useMarks(draft: ListDraft | undefined): ReadonlyMap<string, Mark> | undefined {
  const marks = useQuery<ReadonlyMap<string, Mark>>({
    queryKey: ['list-marks', draft?.Id, JSON.stringify(draft)],
    enabled: draft !== undefined,
    placeholderData: (previous) => previous,
    queryFn: async ({ signal }) => {
      const { Rows } = await diffDraft(draft?.Id ?? '', undefined, 0, marked, signal);
      return new Map(Rows.flatMap(({ A, B }): [string, Mark][] => {
        if (!B) return [];
        if (!A) return [[B.Path, { change: 'added' }]];
        return String(A.Labels) === String(B.Labels) ? [] : [[B.Path, { change: 'relabelled', was: A.Labels }]];
      }));
    },
  });
  return draft === undefined ? undefined : marks.data;
}

export interface Edits {
  /** One step: shown at once, sent in the order of the calls, undone as one. */
  edit(edit: Edit): Promise<void>;
  undo(): Promise<void>;
  /** After what changed the list by another way. */
  refresh(): void;
}

export function useEdits(list: ImageList): Edits {
  const { t } = useI18n();
  const client = useQueryClient();
  const notify = useNotifications();
  const queue = useRef<Promise<void>>(Promise.resolve());
  const waiting = useRef(0);
  const { Id: id } = list;

  const reload = useCallback(() => {
    void client.invalidateQueries({ queryKey: ['list-rows', id] });
    void client.invalidateQueries({ queryKey: ['list-problems', id] });
  }, [client, id]);

  const refresh = useCallback(() => {
    for (const key of [['list', id], ['list-history', id], ['lists'], ['list-diff']]) void client.invalidateQueries({ queryKey: key });
    reload();
  }, [client, id, reload]);

  const enqueue = useCallback(
    (what: string, send: (draft: ListDraft | undefined) => Promise<ListDraft>): Promise<void> => {
      ++waiting.current;
      const next = queue.current.then(async () => {
        try {
          const answer = await send(client.getQueryData<ImageList>(listKey(id))?.Draft);
          client.setQueryData<ImageList>(listKey(id), (old) => old && { ...old, Draft: answer });
        } catch (error) {
          notify.failure(what, error);
          void client.invalidateQueries({ queryKey: ['list', id] });
        } finally {
          // Rows are asked for again once what was typed ahead has gone out, not after every key.
          if (--waiting.current === 0) reload();
        }
      });
      queue.current = next;
      return next;
    },
    [client, id, notify, reload],
  );

  return useMemo<Edits>(
    () => ({
      edit: (edit) => {
        void client.cancelQueries({ queryKey: ['list-rows', id] });
        client.setQueriesData<RowPage>({ queryKey: ['list-rows', id] }, (page) => page && edited(page, edit));
        return enqueue(t('lists.editFailed'), async (draft) => {
          const newest = client.getQueryData<ImageList>(listKey(id))?.Version;
          let current = draft;
          // One that was emptied long ago would bring its old base back.
          if (current && current.Edits === 0 && current.Base !== newest) {
            await discardDraft(current.Id);
            current = undefined;
          }
          return editDraft((current ?? (await beginDraft(id))).Id, [edit]);
        });
      },
      undo: () =>
        enqueue(t('lists.undoFailed'), (draft) => {
          if (!draft || draft.Edits === 0) throw new ServiceError('ValidationException', t('lists.nothingToUndo'), 0, '');
          return undoDraft(draft.Id);
        }),
      refresh,
    }),
    [client, id, enqueue, refresh, t],
  );
}
