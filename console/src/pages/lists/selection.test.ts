import { describe, expect, it } from 'vitest';
import { choose, chooseRange, emptySelection, moved, rangeTo, selectionLimit, toggle } from './selection';

describe('a selection', () => {
  it('gains and loses single rows', () => {
    const two = toggle(choose(4, 'a'), 6, 'b');
    expect([...two.rows]).toEqual(['a', 'b']);
    expect([...toggle(two, 4, 'a').rows]).toEqual(['b']);
  });

  it('ranges from where it began, in both directions', () => {
    const start = choose(5, 'f');
    expect(rangeTo(start, 8)).toEqual({ from: 5, end: 9 });
    expect(rangeTo(start, 2)).toEqual({ from: 2, end: 6 });
    const ranged = chooseRange(start, 8, ['f', 'g', 'h', 'i']);
    expect(ranged.anchor).toBe(5);
    expect(rangeTo(ranged, 3)).toEqual({ from: 3, end: 6 });
  });

  it('is never of more rows than can be sent', () => {
    const { from, end } = rangeTo(emptySelection, 900_000);
    expect(end - from).toBe(selectionLimit);
  });
});

describe('keys', () => {
  const shape = { count: 23, columns: 5, rowsInView: 2 };
  it('move by one, by a row, by a screen, and to the ends', () => {
    expect(moved('ArrowRight', 3, shape, false)).toBe(4);
    expect(moved('ArrowDown', 3, shape, false)).toBe(8);
    expect(moved('PageDown', 3, shape, false)).toBe(13);
    expect(moved('Home', 8, shape, false)).toBe(5);
    expect(moved('End', 8, shape, false)).toBe(9);
    expect(moved('End', 8, shape, true)).toBe(22);
    expect(moved('Home', 8, shape, true)).toBe(0);
  });

  it('stay within the grid', () => {
    expect(moved('ArrowLeft', 0, shape, false)).toBe(0);
    expect(moved('ArrowUp', 3, shape, false)).toBe(3);
    expect(moved('ArrowDown', 19, shape, false)).toBe(22);
    expect(moved('ArrowDown', 21, shape, false)).toBe(21);
    expect(moved('ArrowRight', 22, shape, false)).toBe(22);
  });

  it('that are others move nothing', () => {
    expect(moved('q', 3, shape, false)).toBeNull();
    expect(moved('ArrowDown', 0, { ...shape, count: 0 }, false)).toBeNull();
  });
});
