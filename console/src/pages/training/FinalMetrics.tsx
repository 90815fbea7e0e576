import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import type { Series } from '../../api/mr';
import { useI18n } from '../../i18n/I18n';

/** The last value of every metric, with its extremes over the run. */
export function FinalMetrics({ series }: { series: readonly Series[] }) {
  const { t, measure, number } = useI18n();
  const cell = (value: number): React.ReactNode => <span className="mr-number">{measure(value)}</span>;
  return (
    <Table
      header={<Header variant="h2">{t('job.metrics')}</Header>}
      items={series}
      trackBy="Id"
      contentDensity="compact"
      ariaLabels={{ tableLabel: t('job.metrics') }}
      columnDefinitions={[
        { id: 'name', header: t('common.name'), cell: (one) => (one.Host === undefined ? one.Name : `${one.Name} · ${one.Host}`), isRowHeader: true },
        { id: 'last', header: t('metric.last'), cell: (one) => cell(one.LastValue) },
        { id: 'min', header: t('metric.min'), cell: (one) => cell(one.Min) },
        { id: 'max', header: t('metric.max'), cell: (one) => cell(one.Max) },
        { id: 'points', header: t('metric.points'), cell: (one) => <span className="mr-number">{number(one.Points)}</span> },
      ]}
      empty={t('chart.noMetrics')}
    />
  );
}
