import type { Flow } from '../../api/lists';

export interface Matrix {
  readonly from: readonly number[];
  readonly to: readonly number[];
  count(from: number, to: number): number;
  /** Rows that went between classes that the matrix has no room for. */
  readonly more: number;
}

/** More lines or columns cannot be read at a glance. */
const widest = 20;

function strongest(flow: readonly Flow[], side: 'From' | 'To'): number[] {
  const sums = new Map<number, number>();
  for (const one of flow) sums.set(one[side], (sums.get(one[side]) ?? 0) + one.Count);
  const most = [...sums].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, widest);
  return most.map(([label]) => label).sort((a, b) => a - b);
}

/** The flow between classes as a matrix of those that most rows left and went to, in the order of their labels. */
export function flowMatrix(flow: readonly Flow[]): Matrix {
  const from = strongest(flow, 'From');
  const to = strongest(flow, 'To');
  const counts = new Map(flow.map((one) => [`${one.From} ${one.To}`, one.Count]));
  const more = flow.filter((one) => !from.includes(one.From) || !to.includes(one.To)).reduce((sum, one) => sum + one.Count, 0);
  return { from, to, more, count: (a, b) => counts.get(`${a} ${b}`) ?? 0 };
}
