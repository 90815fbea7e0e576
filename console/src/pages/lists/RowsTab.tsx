import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import Spinner from '@cloudscape-design/components/spinner';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { asServiceError, ServiceError } from '../../api/errors';
import { listRows, type ClassCount, type ImageList, type ListRow, type ListState, type RowQuery } from '../../api/lists';
import { useNotifications } from '../../app/Notifications';
import { useAddress } from '../../app/useRoute';
import { LoadError } from '../../components/ErrorText';
import { useI18n } from '../../i18n/I18n';
import { AddRowDialog } from './AddRowDialog';
import type { ClassNames } from './classNames';
import { FilterBar } from './FilterBar';
import { RelabelBox } from './RelabelBox';
import { RelabelDialog } from './RelabelDialog';
import { RowPanel } from './RowPanel';
import { RowLine, RowTile } from './RowTile';
import { choose, chooseRange, emptySelection, moveTo, rangeTo, selectionLimit, toggle } from './selection';
import { readTyped } from './typeAhead';
import { thumbnailSize, useAtlases } from './useAtlases';
import { listKey } from './listKey';
import { draftOf, stateOf, useMarks, type Edits } from './useList';
import { usePages, type Range } from '../../components/usePages';
import { whereOf } from './where';
import { VirtualGrid, type GridHandle } from './VirtualGrid';

interface Properties {
  readonly list: ImageList;
  readonly state: ListState;
  /** The folder that paths begin from. */
  readonly root: string;
  readonly classes: readonly ClassCount[];
  readonly names: ClassNames;
  /** Undefined for a version that is only looked at. */
  readonly edits: Edits | undefined;
}

const tile = { width: thumbnailSize + 24, height: thumbnailSize + 54 };
const lineHeight = 40;
/** How many rows one request gives. */
const bulk = 5000;
/** How long typed digits wait for another. */
const typingTime = 900;

/** The rows of a list as pictures or as lines: looked through, chosen and changed by keyboard or mouse. */
export function RowsTab({ list, state, root, classes, names, edits }: Properties) {
  const { t, tn, number } = useI18n();
  const notify = useNotifications();
  const [search, change] = useAddress();
  const client = useQueryClient();
  const grid = useRef<GridHandle>(null);
  const [selection, setSelection] = useState(emptySelection);
  const [near, setNear] = useState<Range>({ first: 0, end: 100 });
  const [view, setView] = useState<Range>({ first: 0, end: 0 });
  const [typing, setTyping] = useState('');
  const [dialog, setDialog] = useState<'add' | 'relabel' | null>(null);
  const asLines = search['as'] === 'table';

  const ask: RowQuery = useMemo(
    () => ({ where: whereOf({ class: search['class'], path: search['path'], query: search['query'] }), sort: search['sort'] ?? (search['order'] === undefined ? undefined : 'index'), order: search['order'] }),
    [search],
  );
  const askKey = JSON.stringify(ask);
  // Rows are asked for again as soon as an edit is answered, which may be before this is drawn with its draft.
  const stateNow = (): ListState => (edits === undefined ? state : stateOf(client.getQueryData<ImageList>(listKey(list.Id)) ?? list, undefined));
  const found = usePages<ListRow>(['list-rows', list.Id, state.version, askKey], near, (from, limit, signal) => listRows(stateNow(), ask, from, limit, signal));
  const total = found.total ?? 0;
  const marks = useMarks(state.draft === undefined ? undefined : draftOf(list));
  const { at } = found;
  const rowAt = useCallback(
    (position: number): ListRow | undefined => {
      const row = at(position);
      const mark = row && marks?.get(row.Path);
      if (!row || !mark || row.Changed !== undefined) return row;
      return { ...row, Changed: mark.change, ...(mark.was === undefined ? {} : { Was: mark.was }) };
    },
    [at, marks],
  );
  const pages = { ...found, at: rowAt };
  const atlases = useAtlases(root);
  useEffect(() => {
    const files: string[] = [];
    const take = (from: number, end: number): void => {
      for (let position = from; position < end; ++position) {
        const row = pages.at(position);
        if (row) files.push(row.Path);
      }
    };
    take(view.first, Math.min(view.end, total));
    take(view.end, Math.min(near.end, total));
    take(near.first, view.first);
    atlases.want(files);
  }, [view.first, view.end, near.first, near.end, total, rowAt, atlases]);

  // Another filter or order: positions mean other rows.
  useEffect(() => setSelection((old) => ({ ...emptySelection, rows: old.rows })), [askKey]);
  // A line that the table of problems points at.
  const wanted = search['line'];
  useEffect(() => {
    if (wanted === undefined || total === 0) return;
    setSelection(moveTo(emptySelection, Math.max(0, Math.min(Number(wanted), total) - 1)));
    change({ line: undefined });
    grid.current?.focus();
  }, [wanted, total, change]);

  const cursor = Math.min(selection.cursor, Math.max(0, total - 1));
  const current = pages.at(cursor);
  const targets = selection.rows.size > 0 ? [...selection.rows] : current ? [current.Path] : [];

  const relabel = (labels: readonly number[]): void => {
    setTyping('');
    if (edits === undefined || targets.length === 0) return;
    edits.edit({ Do: 'relabel', Paths: targets, Labels: labels });
    if (targets.length > 1 || current?.Path !== targets[0]) return;
    // One picture after the other: each change moves on to the next.
    const next = Math.min(total - 1, cursor + 1);
    const row = pages.at(next);
    setSelection(selection.rows.size > 0 && row ? choose(next, row.Path) : moveTo(emptySelection, next));
  };
  const remove = (): void => {
    if (edits === undefined || targets.length === 0) return;
    edits.edit({ Do: 'remove', Paths: targets });
    // What comes after moves up to the cursor.
    setSelection(moveTo(emptySelection, cursor));
  };
  const typed = readTyped(typing, classes, list.Form);
  const relabelNow = useRef<() => void>(() => undefined);
  relabelNow.current = () => (typed.labels === null ? undefined : relabel(typed.labels));
  useEffect(() => {
    // Digits that could go on wait a moment; names wait for Enter, since letters are easily hit.
    if (list.Form !== 'class' || !/^\d+$/.test(typing) || !classes.some((one) => String(one.Label) === typing)) return;
    const timer = window.setTimeout(() => relabelNow.current(), typingTime);
    return () => window.clearTimeout(timer);
  }, [typing, list.Form, classes]);

  const chooseUpTo = async (position: number, from = rangeTo(selection, position)): Promise<void> => {
    const rows: string[] = [];
    for (let position = from.from; position < from.end; ++position) {
      const row = pages.at(position);
      if (!row) break;
      rows.push(row.Path);
    }
    if (rows.length < from.end - from.from) {
      try {
        rows.length = 0;
        for (let start = from.from; start < from.end; start += bulk) rows.push(...(await listRows(stateNow(), ask, start, Math.min(bulk, from.end - start))).Rows.map((row) => row.Path));
      } catch (error) {
        notify.failure(t('lists.selectFailed'), error);
        return;
      }
    }
    setSelection((old) => chooseRange(old, position, rows));
  };

  const onCursor = (position: number, how: { extend: boolean; keep: boolean }): void => {
    setTyping('');
    if (how.extend) {
      setSelection({ ...selection, cursor: position });
      void chooseUpTo(position);
      return;
    }
    const row = pages.at(position);
    if (how.keep || selection.rows.size > 1 || !row) setSelection(moveTo(selection, position));
    else setSelection(selection.rows.size === 1 ? choose(position, row.Path) : moveTo(selection, position));
  };
  const onCellClick = (position: number, event: MouseEvent): void => {
    setTyping('');
    const row = pages.at(position);
    if (!row) return;
    if (event.shiftKey) void chooseUpTo(position);
    else setSelection(event.ctrlKey || event.metaKey ? toggle(selection, position, row.Path) : choose(position, row.Path));
  };
  const selectAll = (): void => {
    if (total > selectionLimit) notify.failure(t('lists.selectFailed'), new ServiceError('TooManyRows', t('lists.tooMany', { limit: number(selectionLimit) }), 0, ''));
    else void chooseUpTo(cursor, { from: 0, end: total });
  };

  const onKey = (event: KeyboardEvent): boolean => {
    if (event.altKey) return false;
    if (event.ctrlKey || event.metaKey) {
      if (event.key === 'a') selectAll();
      else if (event.key === 'z' && edits) edits.undo();
      else return false;
      return true;
    }
    if (event.key === 'Escape') {
      if (typing === '' && selection.rows.size === 0) return false;
      if (typing === '') setSelection({ ...emptySelection, cursor, anchor: cursor });
      setTyping('');
      return true;
    }
    if (event.key === ' ' && typing === '') {
      if (current) setSelection(toggle(selection, cursor, current.Path));
      return true;
    }
    if (edits === undefined) return false;
    if (typing === '' && (event.key === 'x' || event.key === 'Delete')) {
      remove();
      return true;
    }
    if (typing === '' && event.key === 'u') {
      edits.undo();
      return true;
    }
    if (event.key === 'Enter') {
      if (typing === '') setDialog('relabel');
      else relabelNow.current();
      return true;
    }
    if (event.key === 'Backspace') {
      setTyping(typing.slice(0, -1));
      return true;
    }
    // "/" and "?" stay the console's own.
    if (event.key.length !== 1 || '/?'.includes(event.key)) return false;
    const next = typing + event.key;
    const meaning = readTyped(next, classes, list.Form);
    if (meaning.settled && meaning.labels !== null) relabel(meaning.labels);
    else setTyping(next);
    return true;
  };

  const onRange = useCallback((inView: Range, around: Range) => {
    setView(inView);
    setNear(around);
  }, []);
  const labelOf = (position: number): string => {
    const row = pages.at(position);
    if (!row) return t('common.loading');
    const said = t('lists.rowSaid', { label: names.all(row.Labels), path: row.Path, index: row.Index });
    return row.Changed === undefined ? said : `${said}, ${t(`lists.kind.${row.Changed}`)}`;
  };
  const queryProblem = pages.error && search['query'] !== undefined && asServiceError(pages.error).status === 400 ? asServiceError(pages.error).message : undefined;
  const Cell = asLines ? RowLine : RowTile;

  return (
    <div className="mr-list">
      <FilterBar search={search} change={change} classes={classes} names={names} problem={queryProblem} />
      <div className="mr-list-bar">
        <SegmentedControl
          label={t('lists.view')}
          selectedId={asLines ? 'table' : 'grid'}
          options={[
            { id: 'grid', text: t('lists.grid'), iconName: 'grid-view' },
            { id: 'table', text: t('lists.table'), iconName: 'list-view' },
          ]}
          onChange={({ detail }) => change({ as: detail.selectedId === 'table' ? 'table' : undefined })}
        />
        <span className="mr-number" role="status" data-testid="counts">
          {pages.total === undefined ? t('common.loading') : tn('lists.rows', total)}
          {selection.rows.size > 0 && ` · ${t('lists.selected', { count: number(selection.rows.size) })}`}
        </span>
        <span className="mr-list-actions">
          <Button disabled={total === 0} onClick={selectAll}>
            {t('lists.selectAll')}
          </Button>
          {edits && (
            <>
              <Button disabled={targets.length === 0} onClick={() => setDialog('relabel')}>
                {t('lists.relabel')}
              </Button>
              <Button disabled={targets.length === 0} onClick={remove}>
                {t('common.remove')}
              </Button>
              <Button iconName="undo" disabled={state.draft === undefined} onClick={() => edits.undo()}>
                {t('lists.undo')}
              </Button>
              <Button iconName="add-plus" onClick={() => setDialog('add')}>
                {t('lists.add')}
              </Button>
            </>
          )}
        </span>
      </div>
      {pages.error && queryProblem === undefined && <LoadError what={t('lists.rowsFailed')} error={pages.error} onRetry={pages.refetch} />}
      {atlases.error !== null && <LoadError what={t('lists.thumbnailsFailed')} error={atlases.error} onRetry={() => atlases.retry()} />}
      <div className="mr-list-body">
        {typing !== '' && <RelabelBox text={typing} typed={typed} names={names} count={targets.length} onChoose={relabel} onCancel={() => setTyping('')} />}
        {pages.total === undefined && !pages.error ? (
          <div className="mr-center">
            <Spinner size="large" />
          </div>
        ) : total === 0 ? (
          <Box textAlign="center" color="text-body-secondary" padding="xxl">
            {list.Rows === 0 ? t('lists.noRows') : t('table.noMatch')}
          </Box>
        ) : (
          <VirtualGrid
            key={`${askKey} ${asLines}`}
            handle={grid}
            label={t('lists.gridLabel', { source: list.Source })}
            count={total}
            cellWidth={asLines ? undefined : tile.width}
            rowHeight={asLines ? lineHeight : tile.height}
            cursor={cursor}
            onCursor={onCursor}
            isSelected={(position) => {
              const row = pages.at(position);
              return row !== undefined && selection.rows.has(row.Path);
            }}
            cellLabel={labelOf}
            renderCell={(position) => {
              const row = pages.at(position);
              return <Cell row={row} found={row && atlases.of(row.Path)} names={names} />;
            }}
            onRange={onRange}
            onCellClick={onCellClick}
            onCellDoubleClick={() => edits && setDialog('relabel')}
            onKey={onKey}
          />
        )}
        <RowPanel root={root} row={current} names={names} />
      </div>
      <p className="mr-hint">{edits ? t('lists.keys') : t('lists.keysReading')}</p>
      {dialog === 'relabel' && (
        <RelabelDialog
          list={list}
          classes={classes}
          names={names}
          count={targets.length}
          start={current?.Labels ?? []}
          onClose={() => {
            setDialog(null);
            grid.current?.focus();
          }}
          onRelabel={relabel}
        />
      )}
      {dialog === 'add' && edits && <AddRowDialog list={list} classes={classes} names={names} root={root} onClose={() => setDialog(null)} onAdd={(row) => edits.tryEdit({ Do: 'add', Rows: [row] })} />}
    </div>
  );
}
