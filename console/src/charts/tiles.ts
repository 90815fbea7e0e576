/** Columns of one curve: `xs` ascending, seconds since the epoch. */
export interface Curve {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
}

/** A piece of a series as the server's pyramid tells it: per bucket its time, extremes, first and last value. */
export interface Tile {
  /** Every point is there, one per bucket: what is drawn is the full resolution. */
  readonly exact: boolean;
  readonly x: Float64Array;
  readonly min: Float32Array;
  readonly max: Float32Array;
  readonly first: Float32Array;
  readonly last: Float32Array;
}

const headerBytes = 16;
const bucketBytes = 24;

/** Throws RangeError where the bytes are fewer than the header promises. */
export function decodeTile(bytes: ArrayBuffer): Tile {
  const view = new DataView(bytes);
  const n = view.getUint32(0, true);
  if (bytes.byteLength < headerBytes + n * bucketBytes) {
    throw new RangeError(`a tile of ${n} buckets has ${bytes.byteLength} bytes instead of ${headerBytes + n * bucketBytes}`);
  }
  const x = new Float64Array(n);
  const [min, max, first, last] = [new Float32Array(n), new Float32Array(n), new Float32Array(n), new Float32Array(n)] as const;
  for (let i = 0, at = headerBytes; i < n; ++i, at += bucketBytes) {
    x[i] = view.getFloat64(at, true);
    min[i] = view.getFloat32(at + 8, true);
    max[i] = view.getFloat32(at + 12, true);
    first[i] = view.getFloat32(at + 16, true);
    last[i] = view.getFloat32(at + 20, true);
  }
  return { exact: view.getUint32(8, true) !== 0, x, min, max, first, last };
}

/**
 * What is drawn of a tile: its points where it is exact; else first, both extremes and last of every bucket, spread over
 * the bucket so that no two share a time and no peak is lost.
 */
export function curveOf(tile: Tile): Curve {
  if (tile.exact) return { xs: tile.x, ys: Float64Array.from(tile.last) };
  const n = tile.x.length;
  const xs = new Float64Array(4 * n);
  const ys = new Float64Array(4 * n);
  for (let i = 0; i < n; ++i) {
    const x = tile.x[i] ?? 0;
    const next = tile.x[i + 1] ?? x + (x - (tile.x[i - 1] ?? x - 1));
    const rising = (tile.first[i] ?? 0) <= (tile.last[i] ?? 0);
    const [low, high] = [tile.min[i] ?? 0, tile.max[i] ?? 0];
    const values = [tile.first[i] ?? 0, rising ? low : high, rising ? high : low, tile.last[i] ?? 0];
    for (let k = 0; k < 4; ++k) {
      xs[4 * i + k] = x + ((next - x) * k) / 4;
      ys[4 * i + k] = values[k] ?? 0;
    }
  }
  return { xs, ys };
}

/** The same values by their number instead of their time: the first is 1, the last `points`. */
export function numbered(curve: Curve, points: number): Curve {
  const last = curve.xs.length - 1;
  const xs = Float64Array.from(curve.xs, (_, i) => (last <= 0 ? 1 : 1 + (i * (points - 1)) / last));
  return { xs, ys: curve.ys };
}

/** Exponential moving average, corrected for its start, so that a constant stays that constant. `weight` is 0 (none) to below 1. */
export function smoothed(ys: Float64Array, weight: number): Float64Array {
  if (weight <= 0) return ys;
  const out = new Float64Array(ys.length);
  let sum = 0;
  let norm = 0;
  for (let i = 0; i < ys.length; ++i) {
    const y = ys[i] ?? Number.NaN;
    if (Number.isFinite(y)) {
      sum = weight * sum + (1 - weight) * y;
      norm = weight * norm + (1 - weight);
    }
    out[i] = norm === 0 ? Number.NaN : sum / norm;
  }
  return out;
}

/**
 * Curves on one shared x column, as uPlot wants them; a curve without a value there has null. Where a curve has several
 * values at one time the time stands in as many rows, so that none of them is lost.
 */
export function aligned(curves: readonly Curve[]): [Float64Array, ...(number | null)[][]] {
  const at = curves.map(() => 0);
  const xs: number[] = [];
  const columns: (number | null)[][] = curves.map(() => []);
  for (;;) {
    let x = Number.POSITIVE_INFINITY;
    curves.forEach((curve, i) => {
      x = Math.min(x, curve.xs[at[i] ?? 0] ?? Number.POSITIVE_INFINITY);
    });
    if (!(x < Number.POSITIVE_INFINITY)) break;
    xs.push(x);
    curves.forEach((curve, i) => {
      const row = at[i] ?? 0;
      const here = curve.xs[row] === x;
      const y = curve.ys[row] ?? Number.NaN;
      columns[i]?.push(here && Number.isFinite(y) ? y : null);
      if (here) at[i] = row + 1;
    });
  }
  return [Float64Array.from(xs), ...columns];
}
