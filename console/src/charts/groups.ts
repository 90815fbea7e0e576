import type { Series } from '../api/mr';

/** Metrics of the machine, not of the training; the daemon publishes them under these names. */
const instanceMetrics = /^(CPU|Memory|Disk|GPU|GPUMemory)Utilization$/;

export function isInstanceMetric(series: Series): boolean {
  return instanceMetrics.test(series.Name);
}

export interface Group {
  readonly title: string;
  readonly series: readonly Series[];
}

/** "train:loss", "validation:loss" and "test:loss" are one chart, so that over-fitting is seen; others are one each. */
export function groupsOf(series: readonly Series[]): Group[] {
  const groups = new Map<string, Series[]>();
  for (const one of [...series].sort((a, b) => a.Name.localeCompare(b.Name, 'en') || (a.Host ?? '').localeCompare(b.Host ?? '', 'en'))) {
    const title = one.Name.replace(/^(train|training|validation|valid|val|test|eval):/, '');
    groups.set(title, [...(groups.get(title) ?? []), one]);
  }
  return [...groups].map(([title, members]) => ({ title, series: members }));
}

/** From the first point of all to the last, by time or by number. */
export function extentOf(series: readonly Series[], byNumber: boolean): { readonly from: number; readonly to: number } {
  if (byNumber) return { from: 1, to: series.reduce((most, one) => Math.max(most, one.Points), 2) };
  const from = series.reduce((least, one) => Math.min(least, one.First), Number.POSITIVE_INFINITY);
  const to = series.reduce((most, one) => Math.max(most, one.Last), Number.NEGATIVE_INFINITY);
  return to > from ? { from, to } : { from, to: from + 1 };
}
