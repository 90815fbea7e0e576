import { describe, expect, it } from 'vitest';
import { aligned, curveOf, decodeTile, numbered, smoothed } from './tiles';

function encoded(exact: boolean, buckets: readonly (readonly [number, number, number, number, number])[]): ArrayBuffer {
  const bytes = new ArrayBuffer(16 + 24 * buckets.length);
  const view = new DataView(bytes);
  view.setUint32(0, buckets.length, true);
  view.setUint32(8, exact ? 1 : 0, true);
  buckets.forEach(([x, ...values], i) => {
    view.setFloat64(16 + 24 * i, x, true);
    values.forEach((value, k) => view.setFloat32(16 + 24 * i + 8 + 4 * k, value, true));
  });
  return bytes;
}

describe('a tile', () => {
  it('is read from its bytes', () => {
    const tile = decodeTile(encoded(false, [[1000.25, -1, 2, 0.5, 1]]));
    expect(tile.exact).toBe(false);
    expect([tile.x[0], tile.min[0], tile.max[0], tile.first[0], tile.last[0]]).toEqual([1000.25, -1, 2, 0.5, 1]);
  });

  it('that is cut short is refused', () => {
    expect(() => decodeTile(encoded(true, [[1, 1, 1, 1, 1]]).slice(0, 30))).toThrow(/1 buckets has 30 bytes instead of 40/);
  });

  it('is drawn point by point where it is exact', () => {
    const curve = curveOf(decodeTile(encoded(true, [[1, 5, 5, 5, 5], [2, 7, 7, 7, 7]])));
    expect([...curve.xs]).toEqual([1, 2]);
    expect([...curve.ys]).toEqual([5, 7]);
  });

  it('keeps the peaks of every bucket, at ascending times', () => {
    const curve = curveOf(decodeTile(encoded(false, [[0, -9, 9, 1, 2], [4, -8, 8, 2, 1]])));
    expect([...curve.ys]).toEqual([1, -9, 9, 2, 2, 8, -8, 1]);
    expect([...curve.xs]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

it('values by number run from one to the number of points, however many are drawn', () => {
  const curve = { xs: Float64Array.of(7, 7, 7), ys: Float64Array.of(1, 2, 3) };
  expect([...numbered(curve, 3).xs]).toEqual([1, 2, 3]);
  expect([...numbered(curve, 101).xs]).toEqual([1, 51, 101]);
  expect([...numbered({ xs: Float64Array.of(7), ys: Float64Array.of(1) }, 1).xs]).toEqual([1]);
});

describe('smoothing', () => {
  it('leaves a constant and steps over what is no number', () => {
    expect([...smoothed(Float64Array.of(3, 3, Number.NaN, 3), 0.9)].map((y) => Number(y.toFixed(9)))).toEqual([3, 3, 3, 3]);
  });

  it('is the weighted mean of what came before', () => {
    expect(smoothed(Float64Array.of(0, 1), 0.5)[1]).toBeCloseTo(2 / 3);
  });
});

describe('alignment', () => {
  it('puts curves on one column of times, with gaps', () => {
    const [xs, a, b] = aligned([
      { xs: Float64Array.of(1, 3), ys: Float64Array.of(10, 30) },
      { xs: Float64Array.of(2, 3), ys: Float64Array.of(20, Number.NaN) },
    ]);
    expect([...xs]).toEqual([1, 2, 3]);
    expect(a).toEqual([10, null, 30]);
    expect(b).toEqual([null, 20, null]);
  });

  it('keeps every value of a time that several have', () => {
    const [xs, a, b] = aligned([
      { xs: Float64Array.of(1, 1, 1, 2), ys: Float64Array.of(5, 9, 6, 7) },
      { xs: Float64Array.of(1, 2, 2), ys: Float64Array.of(0, 3, 4) },
    ]);
    expect([...xs]).toEqual([1, 1, 1, 2, 2]);
    expect(a).toEqual([5, 9, 6, 7, null]);
    expect(b).toEqual([0, null, null, 3, 4]);
  });
});
