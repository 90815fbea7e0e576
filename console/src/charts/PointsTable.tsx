import Pagination from '@cloudscape-design/components/pagination';
import Table from '@cloudscape-design/components/table';
import { useMemo, useState } from 'react';
import { useI18n } from '../i18n/I18n';
import type { NamedCurve } from './TimeChart';
import { aligned } from './tiles';

const pageSize = 20;

/** What a chart shows, as rows: for who cannot see it, and for copying. */
export function PointsTable({ curves, label, timeLabel, formatX }: { curves: readonly NamedCurve[]; label: string; timeLabel: string; formatX: (x: number) => string }) {
  const { t, measure } = useI18n();
  const [page, setPage] = useState(1);
  const [xs, ...columns] = useMemo(() => aligned(curves), [curves]);
  const pages = Math.max(1, Math.ceil(xs.length / pageSize));
  const from = (Math.min(page, pages) - 1) * pageSize;
  const rows = Array.from({ length: Math.min(pageSize, xs.length - from) }, (_, i) => from + i);
  return (
    <Table
      variant="embedded"
      contentDensity="compact"
      items={rows}
      trackBy={String}
      ariaLabels={{ tableLabel: label }}
      columnDefinitions={[
        { id: 'time', header: timeLabel, cell: (row) => <span className="mr-number">{formatX(xs[row] ?? 0)}</span>, isRowHeader: true },
        ...curves.map((curve, index) => ({
          id: curve.label,
          header: curve.label,
          cell: (row: number) => {
            const value = columns[index]?.[row];
            return <span className="mr-number">{value === null || value === undefined ? '–' : measure(value)}</span>;
          },
        })),
      ]}
      pagination={<Pagination currentPageIndex={Math.min(page, pages)} pagesCount={pages} onChange={({ detail }) => setPage(detail.currentPageIndex)} />}
      empty={t('chart.none')}
    />
  );
}
