import { describe, expect, it } from 'vitest';
import { scrollHeight, scrollTo, windowAt } from './gridWindow';

const small = { count: 95, columns: 10, rowHeight: 100, viewHeight: 300 };
const million = { count: 1_000_000, columns: 3, rowHeight: 140, viewHeight: 700 };

describe('the window of a grid', () => {
  it('holds the cells in view and as many rows around them as asked', () => {
    expect(windowAt(small, 0, 0)).toEqual({ first: 0, end: 30, offset: 0 });
    expect(windowAt(small, 250, 1)).toEqual({ first: 10, end: 70, offset: 100 });
  });

  it('ends with the last cell', () => {
    expect(windowAt(small, 700, 5)).toEqual({ first: 20, end: 95, offset: 200 });
  });

  it('is empty where there is nothing', () => {
    expect(windowAt({ ...small, count: 0 }, 0, 2)).toEqual({ first: 0, end: 0, offset: 0 });
  });

  it('reaches the first and the last of a million cells though no browser lays out so tall an area', () => {
    expect(scrollHeight(million)).toBeLessThan(17_000_000);
    expect(windowAt(million, 0, 0).first).toBe(0);
    const bottom = windowAt(million, scrollHeight(million) - million.viewHeight, 0);
    expect(bottom.end).toBe(1_000_000);
    // The last row of cells ends where the scrolled area does.
    const rows = Math.ceil((bottom.end - bottom.first) / 3);
    expect(bottom.offset + rows * 140).toBeCloseTo(scrollHeight(million), 3);
  });
});

describe('scrolling to a cell', () => {
  it('does nothing while the cell is in view', () => {
    expect(scrollTo(small, 100, 25)).toBe(100);
  });

  it('moves up or down just as far as needed', () => {
    expect(scrollTo(small, 250, 15)).toBe(100);
    expect(scrollTo(small, 0, 45)).toBe(200);
  });

  it('brings every cell of a million into view', () => {
    for (const cell of [0, 1, 2, 3, 500_000, 999_998, 999_999]) {
      const { first, end } = windowAt(million, scrollTo(million, 6_000_000, cell), 0);
      expect(cell).toBeGreaterThanOrEqual(first);
      expect(cell).toBeLessThan(end);
    }
  });
});
