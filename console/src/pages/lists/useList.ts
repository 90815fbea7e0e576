import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { diffDraft, getList, type Change, type Edit, type ImageList, type ListDraft, type ListState, type RowPage } from '../../api/lists';
import { useNotifications } from '../../app/Notifications';
import { useI18n } from '../../i18n/I18n';
import { EditQueue } from './editQueue';
import { edited } from './edits';
import { listKey } from './listKey';

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
  /** One step: shown at once, sent in the order of the calls, undone as one. What the daemon says against it is told. */
  edit(edit: Edit): void;
  /** The same for a dialog, which tells itself what it rejects with. */
  tryEdit(edit: Edit): Promise<void>;
  undo(): void;
  /** After what changed the list by another way. */
  refresh(): void;
  /** After the draft was saved as a version of the list, proposed or discarded. */
  ended(version?: number): void;
}

export function useEdits(list: ImageList): Edits {
  const { t } = useI18n();
  const client = useQueryClient();
  const notify = useNotifications();
  const { Id: id } = list;

  const reload = useCallback(() => {
    void client.invalidateQueries({ queryKey: ['list-rows', id] });
    void client.invalidateQueries({ queryKey: ['list-problems', id] });
    // As many edits in the draft are not the same edits.
    void client.invalidateQueries({ queryKey: ['list-diff'] });
  }, [client, id]);

  const refresh = useCallback(() => {
    for (const key of [['list', id], ['list-history', id], ['lists']]) void client.invalidateQueries({ queryKey: key });
    reload();
  }, [client, id, reload]);

  // Rows are asked for again once what was typed ahead has gone out, not after every key.
  const queue = useMemo(() => new EditQueue(client, id, reload), [client, id, reload]);

  return useMemo<Edits>(() => {
    const tryEdit = (edit: Edit): Promise<void> => {
      void client.cancelQueries({ queryKey: ['list-rows', id] });
      client.setQueriesData<RowPage>({ queryKey: ['list-rows', id] }, (page) => page && edited(page, edit));
      return queue.edit(edit);
    };
    return {
      tryEdit,
      edit: (edit) => void tryEdit(edit).catch((error: unknown) => notify.failure(t('lists.editFailed'), error)),
      undo: () => void queue.undo(t('lists.nothingToUndo')).catch((error: unknown) => notify.failure(t('lists.undoFailed'), error)),
      refresh,
      ended: (version) => {
        queue.ended(version);
        refresh();
      },
    };
  }, [client, id, queue, notify, refresh, t]);
}
