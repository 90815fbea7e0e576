import { describe, expect, it } from 'vitest';
import { axisOver, keyed, panned, zoomed } from './ranges';

const whole = { from: 100, to: 200 };

describe('a chart under the keys', () => {
  it('zooms about its middle, never nearer than sense has it and never beyond everything', () => {
    expect(zoomed(null, whole, 0.5)).toEqual({ from: 125, to: 175 });
    expect(zoomed({ from: 190, to: 200 }, whole, 2)).toEqual({ from: 180, to: 200 });
    expect(zoomed({ from: 140, to: 190 }, whole, 2)).toBeNull();
    const close = zoomed({ from: 150, to: 150 }, whole, 0.5);
    expect((close?.to ?? 0) - (close?.from ?? 0)).toBeCloseTo(1e-4);
  });

  it('moves by a share of what is seen and stops at the ends', () => {
    expect(panned({ from: 120, to: 140 }, whole, 0.5)).toEqual({ from: 130, to: 150 });
    expect(panned({ from: 190, to: 199 }, whole, 0.5)).toEqual({ from: 191, to: 200 });
    expect(panned(null, whole, 0.5)).toBeNull();
  });

  it('goes to the ends, shows everything, and leaves other keys alone', () => {
    expect(keyed('Home', { from: 150, to: 160 }, whole)).toEqual({ from: 100, to: 110 });
    expect(keyed('End', { from: 150, to: 160 }, whole)).toEqual({ from: 190, to: 200 });
    expect(keyed('0', { from: 150, to: 160 }, whole)).toBeNull();
    expect(keyed('g', null, whole)).toBeUndefined();
  });
});

describe('an axis', () => {
  it('ends beyond the last point, however close together the points are', () => {
    const [from, to] = axisOver(100, 200);
    expect(from).toBe(100);
    expect(to).toBeCloseTo(200.0001);
    const now = 1_800_000_000;
    expect(axisOver(now, now + 1e-6)[1]).toBeGreaterThan(now + 1e-6);
  });

  it('has points of one time in its middle', () => {
    expect(axisOver(7, 7)).toEqual([6.5, 7.5]);
  });
});
