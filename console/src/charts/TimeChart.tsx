import 'uplot/dist/uPlot.min.css';
import { useEffect, useId, useLayoutEffect, useRef, type KeyboardEvent } from 'react';
import uPlot from 'uplot';
import { useAppearance } from '../app/useAppearance';
import { useI18n } from '../i18n/I18n';
import { colourOf, dashOf } from './palette';
import { axisOver, keyed, type AxisRange } from './ranges';
import { aligned, type Curve } from './tiles';

export interface NamedCurve extends Curve {
  readonly label: string;
}

export type TimeRange = AxisRange;

interface Properties {
  readonly label: string;
  /** What the curves are like, in words. */
  readonly description: string;
  /** What the legend calls the time under the cursor. */
  readonly timeLabel: string;
  readonly curves: readonly NamedCurve[];
  /** What is shown; null is everything. */
  readonly range: TimeRange | null;
  /** Everything that there is, loaded or not. */
  readonly whole: TimeRange;
  readonly onRange: (range: TimeRange | null) => void;
  readonly onWidth?: (pixels: number) => void;
  /** The x axis counts points; else it is seconds. */
  readonly byNumber: boolean;
  /** Charts with the same key share their cursor; an axis of another kind has another. */
  readonly syncKey: string;
  readonly logarithmic: boolean;
  readonly height?: number;
  /** What the axis shows at least; values above it, as of several busy cores, raise it. */
  readonly yRange?: readonly [number, number];
  readonly formatX: (x: number) => string;
  readonly formatY: (y: number) => string;
}

/** Steps of an axis of numbers of points, of which there are no halves. */
const wholeSteps = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

/** Pixels that an axis needs for its longest label: of the usual 12 pixel font, with the tick and a gap. */
function axisSize(labels: readonly string[]): number {
  return Math.max(50, 22 + 7 * labels.reduce((longest, label) => Math.max(longest, label.length), 0));
}

/** uPlot's own rule, points where they have room, but for points that all have one time: no line shows those. */
function pointsShown(plot: uPlot, series: number, from: number, to: number): boolean {
  const [first, last] = [plot.data[0][from] ?? 0, plot.data[0][to] ?? 0];
  const space = plot.series[series]?.points?.space ?? 1;
  return first === last || to - from <= (plot.valToPos(last, 'x') - plot.valToPos(first, 'x')) / space;
}

/** Steps of a time axis whose labels are clock-like: seconds, minutes, hours, days. */
const timeSteps = [0.001, 0.01, 0.1, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 172800, 604800, 1e6, 2e6, 5e6, 1e7];

/**
 * Curves over time on a canvas: drag to zoom, double click to see everything again; with the focus on it plus, minus and
 * the arrows do the same. What it shows is said in words, and its legend is a table.
 */
export function TimeChart(properties: Properties) {
  const { t } = useI18n();
  const { label, description, curves, range, syncKey, logarithmic, height = 260, yRange } = properties;
  const id = useId();
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef(properties);
  latest.current = properties;
  const { dark } = useAppearance();
  const names = curves.map((curve) => curve.label).join('\n');
  // A range that was set from outside is not told back as the user's.
  const applying = useRef(false);

  useLayoutEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const axisColour = dark ? '#c6d0da' : '#424f5c';
    const gridColour = dark ? '#2b3644' : '#e6eaee';
    const axis = { stroke: axisColour, grid: { stroke: gridColour, width: 1 }, ticks: { stroke: gridColour, width: 1 } };
    const made = new uPlot(
      {
        width: Math.max(200, element.clientWidth),
        height,
        cursor: {
          sync: { key: syncKey, setSeries: false },
          drag: { x: true, y: false, setScale: true },
          bind: {
            dblclick: () => () => {
              latest.current.onRange(null);
              return null;
            },
          },
        },
        scales: {
          x: { time: false },
          y: logarithmic ? { distr: 3 } : yRange ? { range: (_chart, _least, most) => [yRange[0], Math.max(yRange[1], most ?? yRange[1])] } : {},
        },
        axes: [
          { ...axis, incrs: latest.current.byNumber ? wholeSteps : timeSteps, values: (_, ticks) => ticks.map((tick) => latest.current.formatX(tick)) },
          { ...axis, size: (_, values) => axisSize(values ?? []), values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : latest.current.formatY(tick))) },
        ],
        series: [
          { label: latest.current.timeLabel, value: (_, x) => (x === null ? '–' : latest.current.formatX(x)) },
          ...latest.current.curves.map((curve, index) => ({
            label: curve.label,
            stroke: colourOf(index, dark),
            dash: dashOf(index),
            width: 1.5,
            spanGaps: true,
            points: { size: 4, show: pointsShown },
            value: (_: uPlot, y: number | null) => (y === null ? '–' : latest.current.formatY(y)),
          })),
        ],
        hooks: {
          setScale: [
            (plot, key) => {
              if (key !== 'x' || applying.current) return;
              const { min, max } = plot.scales['x'] ?? {};
              if (min === undefined || max === undefined || min === null || max === null) return;
              const xs = plot.data[0];
              const whole = xs.length === 0 || (min <= (xs[0] ?? 0) && max >= (xs[xs.length - 1] ?? 0) && latest.current.range === null);
              if (!whole) latest.current.onRange({ from: min, to: max });
            },
          ],
        },
      },
      dataOf(latest.current),
      element,
    );
    chart.current = made;
    latest.current.onWidth?.(element.clientWidth);
    const observer = new ResizeObserver(() => {
      if (element.clientWidth === 0 || element.clientWidth === made.width) return;
      made.setSize({ width: element.clientWidth, height });
      latest.current.onWidth?.(element.clientWidth);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [dark, names, logarithmic, height, syncKey, yRange]);

  useEffect(() => {
    const plot = chart.current;
    if (!plot) return;
    applying.current = true;
    plot.batch(() => {
      plot.setData(dataOf(latest.current), false);
      const xs = plot.data[0];
      const [min, max] = range ? axisOver(range.from, range.to) : axisOver(xs[0] ?? 0, xs[xs.length - 1] ?? 1);
      plot.setScale('x', { min, max });
    });
    // The hooks of a batch run before it returns; the user's own zooms come later.
    applying.current = false;
  }, [curves, range, logarithmic, names, dark]);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = keyed(event.key, range, properties.whole);
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    properties.onRange(next);
  };
  return (
    <div className="mr-chart-frame" role="group" aria-roledescription={t('chart.role')} aria-label={label} aria-describedby={`${id}-text ${id}-keys`} aria-keyshortcuts="+ - ArrowLeft ArrowRight 0" tabIndex={0} onKeyDown={onKeyDown}>
      <span id={`${id}-text`} className="mr-said">
        {description}
      </span>
      <span id={`${id}-keys`} className="mr-said">
        {t('chart.keys')}
      </span>
      <div ref={host} className="mr-chart" data-points={curves.reduce((sum, curve) => sum + curve.xs.length, 0)} />
    </div>
  );
}

function dataOf({ curves, logarithmic }: Properties): uPlot.AlignedData {
  // A logarithmic axis has no place for zero and below.
  const shown = logarithmic ? curves.map((curve) => ({ xs: curve.xs, ys: curve.ys.map((y) => (y > 0 ? y : Number.NaN)) })) : curves;
  return aligned(shown) as uPlot.AlignedData;
}
