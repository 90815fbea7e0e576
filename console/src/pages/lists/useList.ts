import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useRef } from 'react';
import { editDraft, getList, undoDraft, type Edit, type ImageList, type ListState, type RowPage } from '../../api/lists';
import { useNotifications } from '../../app/Notifications';
import { useI18n } from '../../i18n/I18n';
import { edited } from './edits';

export const listKey = (id: string, version?: number): readonly unknown[] => ['list', id, version ?? 'newest'];

/** A list in its newest version, or in the one that the address names. */
export function useList(id: string, version: number | undefined) {
  return useQuery({ queryKey: listKey(id, version), queryFn: ({ signal }) => getList(id, version, signal), placeholderData: (previous) => (previous?.Id === id ? previous : undefined) });
}

/** What the page shows of a list: the caller's draft where there is one, unless a version was asked for. */
export function stateOf(list: ImageList, version: number | undefined): ListState {
  const draft = version === undefined && list.Draft !== undefined;
  return { id: list.Id, version: draft ? (list.Draft?.Base ?? list.Version) : list.Version, draft };
}

export interface Edits {
  /** One step: shown at once, sent in the order of the calls, undone as one. */
  edit(edits: readonly Edit[]): Promise<void>;
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
  const base = list.Draft?.Base ?? list.Version;

  const reload = useCallback(() => {
    void client.invalidateQueries({ queryKey: ['list-rows', id] });
    void client.invalidateQueries({ queryKey: ['list-problems', id] });
  }, [client, id]);

  const refresh = useCallback(() => {
    void client.invalidateQueries({ queryKey: ['list', id] });
    void client.invalidateQueries({ queryKey: ['list-history', id] });
    void client.invalidateQueries({ queryKey: ['lists'] });
    void client.invalidateQueries({ queryKey: ['list-diff'] });
    reload();
  }, [client, id, reload]);

  const enqueue = useCallback(
    (what: string, send: () => Promise<ImageList>): Promise<void> => {
      ++waiting.current;
      const next = queue.current.then(async () => {
        try {
          const answer = await send();
          client.setQueryData(listKey(id), answer);
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
      edit: (edits) => {
        void client.cancelQueries({ queryKey: ['list-rows', id] });
        client.setQueriesData<RowPage>({ queryKey: ['list-rows', id] }, (page) => page && { ...page, Rows: page.Rows.map((row) => edits.reduce(edited, row)) });
        return enqueue(t('lists.editFailed'), () => editDraft(id, base, edits));
      },
      undo: () => enqueue(t('lists.undoFailed'), () => undoDraft(id)),
      refresh,
    }),
    [client, id, base, enqueue, refresh, t],
  );
}
