import Checkbox from '@cloudscape-design/components/checkbox';
import Icon from '@cloudscape-design/components/icon';
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { scrollHeight, scrollTo, windowAt, type GridShape } from './gridWindow';
import type { Range } from './usePages';

export interface TableColumn<T> {
  readonly id: string;
  readonly header: string;
  /** In pixels; the first column takes what is left. */
  readonly width: number;
  /** What the column is sorted by; undefined where it cannot be. */
  readonly sortedBy?: string;
  readonly cell: (row: T) => ReactNode;
}

interface Properties<T> {
  readonly label: string;
  readonly total: number;
  readonly columns: readonly TableColumn<T>[];
  /** The row at a position; undefined while it is on its way. */
  readonly at: (position: number) => T | undefined;
  readonly nameOf: (row: T) => string;
  readonly onRange: (near: Range) => void;
  readonly sort: string;
  readonly descending: boolean;
  readonly onSort: (by: string, descending: boolean) => void;
  readonly selected: ReadonlySet<string>;
  /** Rows that were selected or no longer are. */
  readonly onSelect: (rows: readonly T[], selected: boolean) => void;
  readonly selectLabel: (name: string) => string;
  readonly selectionHeader: string;
  /** The first row that is shown at the beginning, and is told when the scrolling rests. */
  readonly start: number;
  readonly onStart: (position: number) => void;
  /** Another filter or order: the table begins at its top again. */
  readonly subject: string;
}

const rowHeight = 56;
const headerHeight = 41;
const selectionWidth = 44;
/** Rows drawn beyond the view's edges. */
const overscan = 8;
/** What is near is told in so many rows at once. */
const block = 50;
/** How long scrolling rests before the address takes up where. */
const rest = 400;

/**
 * A table of any number of rows of equal height in a view of its own: only what is near the view is fetched and drawn,
 * and what comes in live moves nothing that is being read.
 */
export function WindowedTable<T>({ label, total, columns, at, nameOf, onRange, sort, descending, onSort, selected, onSelect, selectLabel, selectionHeader, start, onStart, subject }: Properties<T>) {
  const element = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(0);
  const [top, setTop] = useState(0);
  const anchor = useRef<number | null>(null);
  const withShift = useRef(false);
  const shape: GridShape = { count: total, columns: 1, rowHeight, viewHeight: Math.max(0, height - headerHeight) };
  const { first, end, offset } = windowAt(shape, top, overscan);

  useLayoutEffect(() => {
    const view = element.current;
    if (!view) return undefined;
    const measure = (): void => setHeight(view.clientHeight);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(view);
    return () => observer.disconnect();
  }, []);

  const go = (wanted: number): void => {
    const view = element.current;
    if (!view) return;
    view.scrollTop = wanted;
    setTop(view.scrollTop);
  };
  const shown = useRef<string | null>(null);
  useLayoutEffect(() => {
    if (height === 0 || total === 0 || shown.current === subject) return;
    go(shown.current === null && start > 0 ? scrollTo(shape, scrollHeight(shape), start) : 0);
    shown.current = subject;
    anchor.current = null;
  }, [height, total, subject]);

  const report = useRef(onRange);
  report.current = onRange;
  // In blocks: whoever fetches has no need to be drawn anew with every row that goes by.
  const near = { first: Math.floor(first / block) * block, end: Math.ceil(end / block) * block };
  useEffect(() => {
    if (height > 0) report.current({ first: near.first, end: Math.min(total, near.end) });
  }, [near.first, near.end, total, height]);

  const firstInView = windowAt(shape, top, 0).first;
  const tellStart = useRef(onStart);
  tellStart.current = onStart;
  useEffect(() => {
    if (shown.current !== subject || firstInView === start) return undefined;
    const timer = window.setTimeout(() => tellStart.current(firstInView), rest);
    return () => window.clearTimeout(timer);
  }, [firstInView, start, subject]);

  const choose = (position: number, row: T, checked: boolean): void => {
    const from = withShift.current && anchor.current !== null ? anchor.current : position;
    anchor.current = position;
    const rows: T[] = [];
    for (let i = Math.min(from, position); i <= Math.max(from, position); ++i) {
      const each = i === position ? row : at(i);
      if (each !== undefined) rows.push(each);
    }
    onSelect(rows, checked);
  };

  /** The arrows go to the same control of the next row. */
  const onKeyDown = (event: KeyboardEvent<HTMLTableSectionElement>): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const cell = event.target instanceof Element ? event.target.closest('td, th') : null;
    const row = cell?.parentElement;
    if (step === 0 || !row || !(cell instanceof HTMLTableCellElement) || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = (step > 0 ? row.nextElementSibling : row.previousElementSibling)?.children[cell.cellIndex]?.querySelector<HTMLElement>('a, input, button');
    if (!next) return;
    event.preventDefault();
    next.focus();
  };

  const rows: ReactNode[] = [];
  for (let position = first; position < end; ++position) {
    const row = at(position);
    const name = row === undefined ? '' : nameOf(row);
    rows.push(
      <tr key={position} aria-rowindex={position + 2} className={selected.has(name) ? 'mr-row mr-row-selected' : 'mr-row'} style={{ blockSize: rowHeight }}>
        <td onClickCapture={(event) => (withShift.current = event.shiftKey)}>
          {row !== undefined && (
            <Checkbox checked={selected.has(name)} ariaLabel={selectLabel(name)} onChange={({ detail }) => choose(position, row, detail.checked)} />
          )}
        </td>
        {columns.map((column, index) => {
          const content = row === undefined ? index === 0 && '…' : column.cell(row);
          return index === 0 ? (
            <th key={column.id} scope="row">
              {content}
            </th>
          ) : (
            <td key={column.id}>{content}</td>
          );
        })}
      </tr>,
    );
  }
  const below = Math.max(0, scrollHeight(shape) - offset - (end - first) * rowHeight);
  const least = columns.reduce((sum, column) => sum + column.width, selectionWidth);
  const spacer = (key: string, pixels: number): ReactNode => (
    <tbody key={key} aria-hidden>
      <tr style={{ blockSize: pixels }}>
        <td colSpan={columns.length + 1} />
      </tr>
    </tbody>
  );
  return (
    <div ref={element} className="mr-table" role="region" aria-label={label} tabIndex={0} data-first={firstInView} onScroll={(event) => setTop(event.currentTarget.scrollTop)}>
      <table aria-label={label} aria-rowcount={total + 1} style={{ minInlineSize: least }}>
        <colgroup>
          <col style={{ inlineSize: selectionWidth }} />
          {columns.map((column, index) => (
            <col key={column.id} {...(index === 0 ? {} : { style: { inlineSize: column.width } })} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1} style={{ blockSize: headerHeight }}>
            <td>
              <span className="mr-said">{selectionHeader}</span>
            </td>
            {columns.map((column) => {
              const { sortedBy } = column;
              const active = sortedBy === sort;
              return (
                <th key={column.id} scope="col" {...(active ? { 'aria-sort': descending ? ('descending' as const) : ('ascending' as const) } : {})}>
                  {sortedBy === undefined ? (
                    column.header
                  ) : (
                    <button type="button" onClick={() => onSort(sortedBy, active ? !descending : false)}>
                      {column.header} <Icon name={active ? (descending ? 'caret-down-filled' : 'caret-up-filled') : 'caret-down'} size="small" />
                    </button>
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        {offset > 0 && spacer('above', offset)}
        <tbody onKeyDown={onKeyDown}>{rows}</tbody>
        {below > 0 && spacer('below', below)}
      </table>
    </div>
  );
}
