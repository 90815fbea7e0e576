/** A grid of equal cells, of which only those near the screen are drawn. Lengths are pixels. */
export interface GridShape {
  readonly count: number;
  readonly columns: number;
  readonly rowHeight: number;
  /** Of what is visible. */
  readonly viewHeight: number;
}

/** What to draw: cells from `first` up to `end`, pushed down by `offset` from the top of the scrolled area. */
export interface GridWindow {
  readonly first: number;
  readonly end: number;
  readonly offset: number;
}

/** Browsers do not lay out elements of more than 17 (Firefox) to 33 million pixels; taller grids are scrolled faster instead. */
const tallest = 12_000_000;

const contentHeight = (shape: GridShape): number => Math.ceil(shape.count / shape.columns) * shape.rowHeight;

/** How tall the scrolled area is. */
export const scrollHeight = (shape: GridShape): number => Math.min(contentHeight(shape), tallest);

/** How many pixels of the grid go by for each that is scrolled: 1 unless it is taller than a browser allows. */
export function stretch(shape: GridShape): number {
  const scrolled = scrollHeight(shape) - shape.viewHeight;
  return scrolled <= 0 ? 1 : (contentHeight(shape) - shape.viewHeight) / scrolled;
}

/** The cells in view at a scroll position, and `overscan` rows of cells around them. */
export function windowAt(shape: GridShape, scrollTop: number, overscan: number): GridWindow {
  const rows = Math.ceil(shape.count / shape.columns);
  const top = Math.max(0, scrollTop) * stretch(shape);
  const firstRow = Math.max(0, Math.floor(top / shape.rowHeight) - overscan);
  const endRow = Math.min(rows, Math.ceil((top + shape.viewHeight) / shape.rowHeight) + overscan);
  return { first: firstRow * shape.columns, end: Math.min(shape.count, endRow * shape.columns), offset: Math.max(0, scrollTop) + firstRow * shape.rowHeight - top };
}

/** Where to scroll so that a cell is wholly in view, moving no further than needed. */
export function scrollTo(shape: GridShape, scrollTop: number, cell: number): number {
  const factor = stretch(shape);
  const top = scrollTop * factor;
  const cellTop = Math.floor(cell / shape.columns) * shape.rowHeight;
  if (cellTop < top) return cellTop / factor;
  const lowest = cellTop + shape.rowHeight - shape.viewHeight;
  return lowest > top ? lowest / factor : scrollTop;
}
