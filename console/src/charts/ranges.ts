/** A stretch of a chart's x axis. */
export interface AxisRange {
  readonly from: number;
  readonly to: number;
}

/** A millionth of everything is as near as one gets. */
const nearest = 1e-6;

/**
 * What the axis spans to show points from `first` to `last`. It ends a hair beyond the last: of points that share the last
 * time uPlot would take the first for the end of what is seen and draw no other.
 */
export function axisOver(first: number, last: number): readonly [number, number] {
  if (!(last > first)) return [first - 0.5, first + 0.5];
  return [first, last + Math.max((last - first) * nearest, Math.abs(last) * Number.EPSILON)];
}

/** The stretch moved into what there is; null where it is all of it. */
function within({ from, to }: AxisRange, whole: AxisRange): AxisRange | null {
  const width = to - from;
  if (width >= whole.to - whole.from) return null;
  const start = Math.min(Math.max(from, whole.from), whole.to - width);
  return { from: start, to: start + width };
}

/** Half or twice as wide about its middle, or any other factor; null is everything. */
export function zoomed(range: AxisRange | null, whole: AxisRange, factor: number): AxisRange | null {
  const { from, to } = range ?? whole;
  const width = Math.max((to - from) * factor, (whole.to - whole.from) * nearest);
  const middle = (from + to) / 2;
  return within({ from: middle - width / 2, to: middle + width / 2 }, whole);
}

/** Further right or, where `share` is negative, left, by a share of what is seen. */
export function panned(range: AxisRange | null, whole: AxisRange, share: number): AxisRange | null {
  if (range === null) return null;
  const by = (range.to - range.from) * share;
  return within({ from: range.from + by, to: range.to + by }, whole);
}

/** What a key does to the stretch that a chart shows; undefined for keys that do nothing to it. */
export function keyed(key: string, range: AxisRange | null, whole: AxisRange): AxisRange | null | undefined {
  switch (key) {
    case '+':
    case '=':
      return zoomed(range, whole, 0.5);
    case '-':
      return zoomed(range, whole, 2);
    case 'ArrowLeft':
      return panned(range, whole, -0.2);
    case 'ArrowRight':
      return panned(range, whole, 0.2);
    case 'Home':
      return range && within({ from: whole.from, to: whole.from + (range.to - range.from) }, whole);
    case 'End':
      return range && within({ from: whole.to - (range.to - range.from), to: whole.to }, whole);
    case '0':
      return null;
    default:
      return undefined;
  }
}
