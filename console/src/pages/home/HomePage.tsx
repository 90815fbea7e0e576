import Box from '@cloudscape-design/components/box';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { listJobs, type JobRow } from '../../api/mr';
import { listBuckets } from '../../api/s3';
import { Page } from '../../app/Page';
import { paths } from '../../base/paths';
import { Code } from '../../components/Code';
import { LoadError } from '../../components/ErrorText';
import { RouteButton } from '../../components/RouteButton';
import { RouteLink } from '../../components/RouteLink';
import { StatusOf } from '../../components/StatusOf';
import { Elapsed, RelativeTime } from '../../components/Time';
import { useI18n } from '../../i18n/I18n';
import { useLive, usePolling } from '../../live/useLive';

const shown = 6;

/** What is on its way, or why it did not come; only what has come may be said to be empty. */
function NotThere({ query, what }: { query: { readonly isError: boolean; readonly error: unknown; refetch(): unknown }; what: string }) {
  const { t } = useI18n();
  return query.isError ? <LoadError what={what} error={query.error} onRetry={() => void query.refetch()} /> : <StatusIndicator type="loading">{t('common.loading')}</StatusIndicator>;
}

function JobLines({ jobs, empty }: { jobs: readonly JobRow[]; empty: string }) {
  const { measure } = useI18n();
  if (jobs.length === 0) return <Box color="text-body-secondary">{empty}</Box>;
  return (
    <ul className="mr-lines">
      {jobs.map((job) => (
        <li key={job.Name}>
          <RouteLink path={paths.job(job.Name)}>{job.Name}</RouteLink>
          <div className="mr-line-facts">
            <StatusOf status={job.SecondaryStatus} />
            <Elapsed from={Date.parse(job.TrainingStartTime ?? job.CreationTime) / 1000} to={job.Status === 'InProgress' ? undefined : Date.parse(job.TrainingEndTime ?? job.ModifiedTime) / 1000} />
            {job.Objective && <span className="mr-number">{`${job.Objective.Name} ${measure(job.Objective.Value)}`}</span>}
            {job.Status !== 'InProgress' && <RelativeTime seconds={Date.parse(job.ModifiedTime) / 1000} />}
          </div>
        </li>
      ))}
    </ul>
  );
}

export function HomePage() {
  const { t, tn } = useI18n();
  const client = useQueryClient();
  const polling = usePolling();
  const running = useQuery({ queryKey: ['jobs', 'running'], queryFn: ({ signal }) => listJobs({ status: 'InProgress', limit: shown }, signal), refetchInterval: polling });
  const recent = useQuery({ queryKey: ['jobs', 'recent'], queryFn: ({ signal }) => listJobs({ sort: 'ModifiedTime', order: 'descending', limit: 2 * shown }, signal), refetchInterval: polling });
  const buckets = useQuery({ queryKey: ['buckets'], queryFn: ({ signal }) => listBuckets(signal) });
  useLive(['jobs'], (event) => {
    if (event.kind === 'jobs') void client.invalidateQueries({ queryKey: ['jobs'] });
  });
  const finished = recent.data?.Jobs.filter((job) => job.Status !== 'InProgress').slice(0, shown);
  return (
    <Page title={t('home.title')} crumbs={[]} contentType="dashboard" description={t('home.description')}>
      <SpaceBetween size="l">
        <Container header={<Header variant="h2">{t('home.start')}</Header>}>
          <ColumnLayout columns={3} variant="text-grid">
            <div>
              <Box variant="h3">{t('home.code')}</Box>
              <p>{t('home.codeText')}</p>
              <Code text="millrace run -- python train.py" label={t('home.code')} />
            </div>
            <div>
              <Box variant="h3">{t('home.data')}</Box>
              <p>{t('home.dataText')}</p>
              <RouteButton path={paths.buckets}>{t('nav.buckets')}</RouteButton>
            </div>
            <div>
              <Box variant="h3">{t('home.job')}</Box>
              <p>{t('home.jobText')}</p>
              <RouteButton path={paths.createJob} variant="primary">
                {t('jobs.create')}
              </RouteButton>
            </div>
          </ColumnLayout>
        </Container>
        <ColumnLayout columns={3}>
          <Container fitHeight header={<Header variant="h2" counter={running.data ? `(${running.data.Total})` : undefined}>{t('home.running')}</Header>}>
            {running.data ? <JobLines jobs={running.data.Jobs} empty={t('home.noneRunning')} /> : <NotThere query={running} what={t('jobs.loadFailed')} />}
          </Container>
          <Container fitHeight header={<Header variant="h2">{t('home.recent')}</Header>}>
            {finished ? <JobLines jobs={finished} empty={t('home.noneRecent')} /> : <NotThere query={recent} what={t('jobs.loadFailed')} />}
          </Container>
          <Container fitHeight header={<Header variant="h2">{t('home.storage')}</Header>}>
            {buckets.data ? <Box padding={{ bottom: 'xs' }}>{tn('home.buckets', buckets.data.length)}</Box> : <NotThere query={buckets} what={t('store.loadFailed')} />}
            <RouteLink path={paths.buckets}>{t('nav.buckets')}</RouteLink>
          </Container>
        </ColumnLayout>
      </SpaceBetween>
    </Page>
  );
}
