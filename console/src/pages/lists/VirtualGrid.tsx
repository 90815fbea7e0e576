import { useCallback, useEffect, useId, useImperativeHandle, useLayoutEffect, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactNode, type Ref } from 'react';
import { scrollHeight, scrollTo, windowAt, type GridShape } from '../../components/gridWindow';
import { moved } from './selection';
import type { Range } from '../../components/usePages';

export interface GridHandle {
  focus(): void;
}

interface Properties {
  readonly label: string;
  readonly count: number;
  /** Width that a cell has at least; undefined: one cell a row. */
  readonly cellWidth?: number | undefined;
  readonly rowHeight: number;
  readonly cursor: number;
  readonly onCursor: (position: number, how: { readonly extend: boolean; readonly keep: boolean }) => void;
  readonly isSelected?: ((position: number) => boolean) | undefined;
  readonly cellLabel: (position: number) => string;
  readonly renderCell: (position: number) => ReactNode;
  /** What is in view, and with two screens around it. */
  readonly onRange: (view: Range, near: Range) => void;
  readonly onCellClick?: (position: number, event: MouseEvent) => void;
  readonly onCellDoubleClick?: (position: number) => void;
  /** Keys beside those that move; says whether it took the key. */
  readonly onKey?: (event: KeyboardEvent) => boolean;
  readonly handle?: Ref<GridHandle>;
}

/** Rows of cells drawn beyond the screen's edges, so that slow scrolling shows no gap. */
const overscan = 2;

/** A grid of very many equal cells. Focus stays on the grid itself: the cell that has the cursor may be scrolled away. */
export function VirtualGrid({ label, count, cellWidth, rowHeight, cursor, onCursor, isSelected, cellLabel, renderCell, onRange, onCellClick, onCellDoubleClick, onKey, handle }: Properties) {
  const id = useId();
  const element = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [top, setTop] = useState(0);
  const columns = cellWidth === undefined ? 1 : Math.max(1, Math.floor(size.width / cellWidth));
  const shape: GridShape = { count, columns, rowHeight, viewHeight: size.height };
  const { first, end, offset } = windowAt(shape, top, overscan);

  useImperativeHandle(handle, () => ({ focus: () => element.current?.focus({ preventScroll: true }) }), []);

  useLayoutEffect(() => {
    const grid = element.current;
    if (!grid) return;
    const measure = (): void => setSize({ width: grid.clientWidth, height: grid.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(grid);
    return () => observer.disconnect();
  }, []);

  // The same cell stays in view when cells become fewer or the window another.
  useEffect(() => {
    const grid = element.current;
    if (!grid || size.height === 0) return;
    setTop(grid.scrollTop);
  }, [count, columns, size.height]);

  const inView = windowAt(shape, top, 0);
  const screens = Math.ceil(size.height / rowHeight) * 2;
  const near = windowAt(shape, top, screens);
  const report = useRef(onRange);
  report.current = onRange;
  useEffect(() => {
    if (size.height > 0) report.current({ first: inView.first, end: inView.end }, { first: near.first, end: near.end });
  }, [inView.first, inView.end, near.first, near.end, size.height]);

  const reveal = useCallback(
    (position: number) => {
      const grid = element.current;
      if (!grid || size.height === 0 || count === 0) return;
      const wanted = scrollTo(shape, grid.scrollTop, position);
      if (wanted !== grid.scrollTop) {
        grid.scrollTop = wanted;
        setTop(grid.scrollTop);
      }
    },
    [count, columns, rowHeight, size.height],
  );
  useEffect(() => reveal(cursor), [cursor, reveal]);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.defaultPrevented) return;
    const command = event.ctrlKey || event.metaKey;
    const target = event.altKey ? null : moved(event.key, cursor, { count, columns, rowsInView: Math.floor(size.height / rowHeight) }, command || columns === 1);
    if (target !== null) onCursor(target, { extend: event.shiftKey, keep: command });
    else if (!onKey?.(event)) return;
    event.preventDefault();
    // The console's own shortcuts are for where no grid has the focus.
    event.stopPropagation();
  };

  const lines: ReactNode[] = [];
  for (let start = first; start < end; start += columns) {
    const cells: ReactNode[] = [];
    for (let position = start; position < Math.min(count, start + columns); ++position) {
      const selected = isSelected?.(position);
      cells.push(
        <div
          key={position}
          id={`${id}-${position}`}
          role="gridcell"
          aria-colindex={position - start + 1}
          {...(selected === undefined ? {} : { 'aria-selected': selected })}
          className={`mr-cell${selected ? ' mr-cell-selected' : ''}${position === cursor ? ' mr-cell-cursor' : ''}`}
          onClick={(event) => onCellClick?.(position, event)}
          onDoubleClick={() => onCellDoubleClick?.(position)}
        >
          <span className="mr-said">{cellLabel(position)}</span>
          {/* What is drawn would be read a second time. */}
          <div aria-hidden>{renderCell(position)}</div>
        </div>,
      );
    }
    lines.push(
      <div key={start} role="row" aria-rowindex={start / columns + 1} className="mr-grid-row" style={{ blockSize: rowHeight, gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
        {cells}
      </div>,
    );
  }
  return (
    <div
      ref={element}
      className="mr-grid"
      style={{ maxBlockSize: scrollHeight(shape) + 2 }}
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={Math.ceil(count / columns)}
      aria-colcount={columns}
      {...(isSelected ? { 'aria-multiselectable': true } : {})}
      {...(cursor >= first && cursor < end ? { 'aria-activedescendant': `${id}-${cursor}` } : {})}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
      onMouseDown={(event) => {
        // Shift and a click choose a range, not text.
        if (event.shiftKey) event.preventDefault();
        element.current?.focus({ preventScroll: true });
      }}
    >
      <div className="mr-grid-area" style={{ blockSize: scrollHeight(shape) }} role="presentation">
        <div className="mr-grid-window" style={{ transform: `translateY(${offset}px)` }} role="presentation">
          {lines}
        </div>
      </div>
    </div>
  );
}
