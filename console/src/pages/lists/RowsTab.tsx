import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import Spinner from '@cloudscape-design/components/spinner';
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { asServiceError, ServiceError } from '../../api/errors';
import { atlasPath, listRows, type Edit, type ImageList, type ListRow, type ListState, type RowQuery } from '../../api/lists';
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
import type { Edits } from './useList';
import { usePages, type Range } from './usePages';
import { VirtualGrid, type GridHandle } from './VirtualGrid';

interface Properties {
  readonly list: ImageList;
  readonly state: ListState;
  readonly names: ClassNames;
  /** Undefined for a version that is only looked at. */
  readonly edits: Edits | undefined;
}

const tile = { width: thumbnailSize + 24, height: thumbnailSize + 54 };
const lineHeight = 40;
/** How many row numbers one request gives. */
const bulk = 1000;
/** How long typed digits wait for another. */
const typingTime = 900;

/** The rows of a list as pictures or as lines: looked through, chosen and changed by keyboard or mouse. */
export function RowsTab({ list, state, names, edits }: Properties) {
  const { t, tn, number } = useI18n();
  const notify = useNotifications();
  const [search, change] = useAddress();
  const grid = useRef<GridHandle>(null);
  const [selection, setSelection] = useState(emptySelection);
  const [near, setNear] = useState<Range>({ first: 0, end: 100 });
  const [view, setView] = useState<Range>({ first: 0, end: 0 });
  const [typing, setTyping] = useState('');
  const [dialog, setDialog] = useState<'add' | 'relabel' | null>(null);
  const asLines = search['as'] === 'table';

  const ask: RowQuery = useMemo(
    () => ({ class: search['class'], path: search['path'], query: search['query'], changed: search['changed'] === '1' && state.draft, sort: search['sort'], order: search['order'] }),
    [search, state.draft],
  );
  const askKey = JSON.stringify(ask);
  const pages = usePages<ListRow>(['list-rows', list.Id, state.version, askKey], near, (from, limit, signal) => listRows(state, ask, from, limit, signal));
  const total = pages.total ?? 0;

  // A row's picture may be in a place that only the draft knows; rows of versions never change theirs.
  const baseRows = list.Rows - (state.draft && list.Version === state.version ? (list.Draft?.Added ?? 0) : 0);
  const atlases = useAtlases(`${list.Id} ${state.version} ${list.Draft?.Added ?? 0}`, (rows, size) => atlasPath({ ...state, draft: state.draft && rows.some((row) => row >= baseRows) }, rows, size));
  useEffect(() => {
    const rows: number[] = [];
    const take = (from: number, end: number): void => {
      for (let position = from; position < end; ++position) {
        const row = pages.at(position);
        if (row) rows.push(row.Row);
      }
    };
    take(view.first, Math.min(view.end, total));
    take(view.end, Math.min(near.end, total));
    take(near.first, view.first);
    atlases.want(rows);
  }, [view.first, view.end, near.first, near.end, total, pages.at, atlases]);

  // Another filter or order: positions mean other rows.
  useEffect(() => setSelection((old) => ({ ...emptySelection, rows: old.rows })), [askKey]);
  // A row that another page points at.
  const wanted = search['row'];
  useEffect(() => {
    if (wanted === undefined || total === 0) return;
    setSelection(choose(Math.min(Number(wanted), total - 1), Number(wanted)));
    change({ row: undefined });
    grid.current?.focus();
  }, [wanted, total, change]);

  const cursor = Math.min(selection.cursor, Math.max(0, total - 1));
  const current = pages.at(cursor);
  const targets = selection.rows.size > 0 ? [...selection.rows] : current ? [current.Row] : [];

  const apply = (edit: Edit): void => {
    if (edits === undefined || targets.length === 0) return;
    const single = targets.length === 1 && current?.Row === targets[0];
    void edits.edit([edit]);
    if (!single) return;
    // One picture after the other: each change moves on to the next.
    const next = Math.min(total - 1, cursor + 1);
    const row = pages.at(next);
    setSelection(selection.rows.size > 0 && row ? choose(next, row.Row) : { ...emptySelection, cursor: next, anchor: next });
  };
  const relabel = (labels: readonly number[]): void => {
    setTyping('');
    apply({ Rows: targets, Labels: labels });
  };
  const typed = readTyped(typing, list.Classes, list.LabelWidth);
  const relabelNow = useRef<() => void>(() => undefined);
  relabelNow.current = () => (typed.labels === null ? undefined : relabel(typed.labels));
  useEffect(() => {
    // Digits that could go on wait a moment; names wait for Enter, since letters are easily hit.
    if (list.LabelWidth !== 1 || !/^\d+$/.test(typing) || !list.Classes.some((one) => String(one.Label) === typing)) return;
    const timer = window.setTimeout(() => relabelNow.current(), typingTime);
    return () => window.clearTimeout(timer);
  }, [typing, list.LabelWidth, list.Classes]);

  const chooseUpTo = async (position: number, from = rangeTo(selection, position)): Promise<void> => {
    const rows: number[] = [];
    for (let at = from.from; at < from.end; ++at) {
      const row = pages.at(at);
      if (!row) break;
      rows.push(row.Row);
    }
    if (rows.length < from.end - from.from) {
      try {
        rows.length = 0;
        for (let at = from.from; at < from.end; at += bulk) rows.push(...(await listRows(state, ask, at, Math.min(bulk, from.end - at))).Rows.map((row) => row.Row));
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
    else setSelection(selection.rows.size === 1 ? choose(position, row.Row) : moveTo(selection, position));
  };
  const onCellClick = (position: number, event: MouseEvent): void => {
    setTyping('');
    const row = pages.at(position);
    if (!row) return;
    if (event.shiftKey) void chooseUpTo(position);
    else setSelection(event.ctrlKey || event.metaKey ? toggle(selection, position, row.Row) : choose(position, row.Row));
  };
  const selectAll = (): void => {
    if (total > selectionLimit) notify.failure(t('lists.selectFailed'), new ServiceError('TooManyRows', t('lists.tooMany', { limit: number(selectionLimit) }), 0, ''));
    else void chooseUpTo(cursor, { from: 0, end: total });
  };

  const onKey = (event: KeyboardEvent): boolean => {
    if (event.altKey) return false;
    if (event.ctrlKey || event.metaKey) {
      if (event.key === 'a') selectAll();
      else if (event.key === 'z' && edits) void edits.undo();
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
      if (current) setSelection(toggle(selection, cursor, current.Row));
      return true;
    }
    if (edits === undefined) return false;
    if (typing === '' && (event.key === 'x' || event.key === 'Delete')) {
      apply(targets.length === 1 && current?.Changed === 'removed' ? { Rows: targets, Restore: true } : { Rows: targets, Remove: true });
      return true;
    }
    if (typing === '' && event.key === 'u') {
      void edits.undo();
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
    const meaning = readTyped(next, list.Classes, list.LabelWidth);
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
  const queryProblem = pages.error && ask.query !== undefined && asServiceError(pages.error).status === 400 ? asServiceError(pages.error).message : undefined;
  const Cell = asLines ? RowLine : RowTile;
  const anyRemoved = targets.some((target) => current?.Row === target && current.Changed === 'removed');

  return (
    <div className="mr-list">
      <FilterBar search={search} change={change} classes={list.Classes} names={names} hasDraft={state.draft} problem={queryProblem} />
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
              <Button disabled={targets.length === 0} onClick={() => apply(anyRemoved ? { Rows: targets, Restore: true } : { Rows: targets, Remove: true })}>
                {anyRemoved ? t('lists.restoreRow') : t('common.remove')}
              </Button>
              <Button iconName="undo" disabled={!state.draft} onClick={() => void edits.undo()}>
                {t('lists.undo')}
              </Button>
              <Button iconName="add-plus" onClick={() => setDialog('add')}>
                {t('lists.add')}
              </Button>
            </>
          )}
        </span>
      </div>
      {typing !== '' && <RelabelBox text={typing} typed={typed} names={names} count={targets.length} onChoose={relabel} onCancel={() => setTyping('')} />}
      {pages.error && queryProblem === undefined && <LoadError what={t('lists.rowsFailed')} error={pages.error} onRetry={pages.refetch} />}
      <div className="mr-list-body">
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
              return row !== undefined && selection.rows.has(row.Row);
            }}
            cellLabel={labelOf}
            renderCell={(position) => {
              const row = pages.at(position);
              return <Cell row={row} found={row && atlases.of(row.Row)} names={names} />;
            }}
            onRange={onRange}
            onCellClick={onCellClick}
            onCellDoubleClick={() => edits && setDialog('relabel')}
            onKey={onKey}
          />
        )}
        <RowPanel state={state} row={current} names={names} />
      </div>
      <p className="mr-hint">{edits ? t('lists.keys') : t('lists.keysReading')}</p>
      {dialog === 'relabel' && (
        <RelabelDialog
          list={list}
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
      {dialog === 'add' && edits && <AddRowDialog list={list} onClose={() => setDialog(null)} onAdd={(row) => edits.edit([{ Add: row }])} />}
    </div>
  );
}
