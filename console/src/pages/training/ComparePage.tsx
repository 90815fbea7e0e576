import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Table from '@cloudscape-design/components/table';
import Toggle from '@cloudscape-design/components/toggle';
import { useState } from 'react';
import { Page } from '../../app/Page';
import { useAddress } from '../../app/useRoute';
import { duration } from '../../base/format';
import { paths } from '../../base/paths';
import { CopyAs } from '../../components/CopyAs';
import { LoadError } from '../../components/ErrorText';
import { RouteButton } from '../../components/RouteButton';
import { RouteLink } from '../../components/RouteLink';
import { useI18n } from '../../i18n/I18n';
import { differences, flattened, type Difference } from './compare';
import { requestOf } from './requestOf';
import { useJob } from './useJob';

/** Two jobs side by side: what they were asked, and what came of it. */
export function ComparePage() {
  const { t, measure } = useI18n();
  const [search] = useAddress();
  const [onlyDifferent, setOnlyDifferent] = useState(true);
  const names = [search['a'] ?? '', search['b'] ?? ''] as const;
  const a = useJob(names[0]);
  const b = useJob(names[1]);
  const crumbs = [{ text: t('nav.trainingJobs'), path: paths.jobs }, { text: t('compare.title') }];
  const failed = [a, b].find((side) => side.describe.isError);
  if (failed || !a.describe.data || !b.describe.data) {
    return (
      <Page title={t('compare.title')} crumbs={crumbs}>
        {failed ? <LoadError what={t('compare.loadFailed')} error={failed.describe.error} /> : <Spinner size="large" />}
      </Page>
    );
  }
  const sides = [a, b].map((side) => {
    const job = side.describe.data;
    const metrics = Object.fromEntries((side.series.data ?? []).map((one) => [one.Host === undefined ? one.Name : `${one.Name} · ${one.Host}`, measure(one.LastValue)]));
    const { TrainingJobName: _, ...request } = job ? requestOf(job, side.tags.data ?? [], side.algorithm !== undefined) : {};
    return {
      results: {
        [t('jobs.status')]: job?.SecondaryStatus ?? '',
        [t('job.trainingTime')]: job?.TrainingTimeInSeconds === undefined ? '' : duration(job.TrainingTimeInSeconds),
        ...metrics,
      },
      request: flattened(request),
    };
  });
  const [left, right] = sides;
  if (!left || !right) return null;
  // Where only differences are shown every value would be bold.
  const shown = (row: Difference, value: string): React.ReactNode =>
    row.different && !onlyDifferent ? <strong className="mr-wrap">{value}</strong> : <span className="mr-wrap">{value}</span>;
  const table = (title: string, x: Readonly<Record<string, string>>, y: Readonly<Record<string, string>>): React.ReactNode => (
    <Table
      header={<Header variant="h2">{title}</Header>}
      items={differences(x, y).filter((row) => !onlyDifferent || row.different)}
      trackBy="name"
      wrapLines
      contentDensity="compact"
      ariaLabels={{ tableLabel: title }}
      columnDefinitions={[
        { id: 'name', header: t('common.name'), cell: (row) => <span className="mr-wrap">{row.name}</span>, isRowHeader: true, minWidth: 170 },
        { id: 'a', header: names[0], cell: (row) => shown(row, row.a), minWidth: 150 },
        { id: 'b', header: names[1], cell: (row) => shown(row, row.b), minWidth: 150 },
      ]}
      empty={t('compare.same')}
    />
  );
  return (
    <Page
      title={t('compare.title')}
      crumbs={crumbs}
      description={
        <>
          <RouteLink path={paths.job(names[0])}>{names[0]}</RouteLink> – <RouteLink path={paths.job(names[1])}>{names[1]}</RouteLink>
        </>
      }
      actions={
        <SpaceBetween direction="horizontal" size="m" alignItems="center">
          <Toggle checked={onlyDifferent} onChange={({ detail }) => setOnlyDifferent(detail.checked)}>
            {t('compare.onlyDifferent')}
          </Toggle>
          <CopyAs request={names.map((name) => ({ service: 'sagemaker', operation: 'DescribeTrainingJob', input: { TrainingJobName: name } }))} />
          <RouteButton path={paths.impact(names[0], names[1])}>{t('nav.impact')}</RouteButton>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        {table(t('compare.results'), left.results, right.results)}
        {table(t('compare.request'), left.request, right.request)}
      </SpaceBetween>
    </Page>
  );
}
