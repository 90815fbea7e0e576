import { useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import { scrollHeight, stretch, windowAt, type GridShape } from './gridWindow';

export interface LineScrollerHandle {
  /** Brings a line into the middle of the view. */
  reveal(line: number): void;
}

interface Properties {
  readonly label: string;
  readonly count: number;
  readonly lineHeight: number;
  /** Stays at the end while lines are added. */
  readonly follow: boolean;
  /** The reader has gone away from the end. */
  readonly onLeave: () => void;
  /** The lines that are drawn, from `first` up to `end`. */
  readonly onRange: (first: number, end: number) => void;
  readonly renderLine: (line: number) => ReactNode;
  readonly handle?: Ref<LineScrollerHandle>;
}

/** Lines drawn beyond the view's edges. */
const overscan = 30;

/** How far a key scrolls: in lines, in views, or to an end. */
const keys: Readonly<Record<string, readonly [number, 'lines' | 'views' | 'ends']>> = {
  ArrowUp: [-1, 'lines'],
  ArrowDown: [1, 'lines'],
  PageUp: [-0.9, 'views'],
  PageDown: [0.9, 'views'],
  Home: [-1, 'ends'],
  End: [1, 'ends'],
};

/**
 * Very many lines of equal height, of which only those near the view are drawn. Beyond the height that browsers lay out
 * the scroll bar is a coarse one; the wheel and the keys then still go line by line.
 */
export function LineScroller({ label, count, lineHeight, follow, onLeave, onRange, renderLine, handle }: Properties) {
  const element = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(0);
  // Of the scrolled area, with a fraction that the browser's own value may not have.
  const [top, setTop] = useState(0);
  const shape: GridShape = { count, columns: 1, rowHeight: lineHeight, viewHeight: height };
  const { first, end, offset } = windowAt(shape, top, overscan);
  const latest = useRef({ shape, top, onLeave });
  latest.current = { shape, top, onLeave };

  const scrollTo = useCallback((wanted: number) => {
    const view = element.current;
    if (!view) return;
    const most = Math.max(0, scrollHeight(latest.current.shape) - latest.current.shape.viewHeight);
    const next = Math.min(most, Math.max(0, wanted));
    latest.current.top = next;
    view.scrollTop = next;
    setTop(next);
  }, []);
  /** By so many pixels of the lines, however much faster the scroll bar goes. */
  const scrollBy = useCallback(
    (pixels: number) => {
      if (pixels < 0) latest.current.onLeave();
      scrollTo(latest.current.top + pixels / stretch(latest.current.shape));
    },
    [scrollTo],
  );

  useImperativeHandle(
    handle,
    () => ({ reveal: (line) => scrollTo(((line + 0.5) * lineHeight - latest.current.shape.viewHeight / 2) / stretch(latest.current.shape)) }),
    [scrollTo, lineHeight],
  );

  useLayoutEffect(() => {
    const view = element.current;
    if (!view) return undefined;
    const measure = (): void => setHeight(view.clientHeight);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(view);
    const onWheel = (event: WheelEvent): void => {
      if (event.deltaY < 0) latest.current.onLeave();
      if (event.ctrlKey || event.deltaY === 0 || stretch(latest.current.shape) <= 1) return;
      event.preventDefault();
      scrollBy(event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * lineHeight : event.deltaY);
    };
    // React's own listeners of the wheel cannot keep the browser from scrolling.
    view.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      observer.disconnect();
      view.removeEventListener('wheel', onWheel);
    };
  }, [scrollBy, lineHeight]);

  useLayoutEffect(() => {
    if (follow && height > 0) scrollTo(Number.POSITIVE_INFINITY);
  }, [follow, count, height, scrollTo]);

  const report = useRef(onRange);
  report.current = onRange;
  useEffect(() => report.current(first, end), [first, end]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const move = keys[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const [amount, unit] = move;
    if (unit === 'ends') {
      if (amount < 0) onLeave();
      scrollTo(amount < 0 ? 0 : Number.POSITIVE_INFINITY);
    } else scrollBy(amount * (unit === 'lines' ? lineHeight : height));
  };

  const lines: ReactNode[] = [];
  for (let line = first; line < end; ++line) lines.push(renderLine(line));
  return (
    <div
      ref={element}
      className="mr-log"
      tabIndex={0}
      role="log"
      aria-label={label}
      aria-live="off"
      data-top={Math.floor((top * stretch(shape)) / lineHeight)}
      onKeyDown={onKeyDown}
      onScroll={(event) => {
        // The browser's echo of what was set here is rounded.
        const told = event.currentTarget.scrollTop;
        if (Math.abs(told - latest.current.top) < 1) return;
        if (told < latest.current.top) onLeave();
        setTop(told);
      }}
    >
      <div className="mr-log-area" style={{ blockSize: scrollHeight(shape) }}>
        <div className="mr-log-window" style={{ transform: `translateY(${offset}px)` }}>
          {lines}
        </div>
      </div>
    </div>
  );
}
