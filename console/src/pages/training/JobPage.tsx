import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Tabs from '@cloudscape-design/components/tabs';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/aws';
import { useNotifications } from '../../app/Notifications';
import { Page } from '../../app/Page';
import { useAddress, useParam } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { isInstanceMetric } from '../../charts/groups';
import { MetricCharts } from '../../charts/MetricCharts';
import { CopyAs } from '../../components/CopyAs';
import type { Json } from '../../components/copyAs';
import { LoadError } from '../../components/ErrorText';
import { LogView } from '../../components/LogView';
import { RouteButton } from '../../components/RouteButton';
import { StatusOf } from '../../components/StatusOf';
import { DownloadButton, StoreLink } from '../../components/StoreLink';
import { Elapsed, RelativeTime } from '../../components/Time';
import { useNarrow } from '../../components/useNarrow';
import { useI18n } from '../../i18n/I18n';
import { ChannelsTable } from './ChannelsTable';
import { FailureBanner } from './FailureBanner';
import { FinalMetrics } from './FinalMetrics';
import { JobDetails } from './JobDetails';
import { requestOf } from './requestOf';
import { StopJobs } from './StopJobs';
import { Timeline } from './Timeline';
import { useJob } from './useJob';

const share: readonly [number, number] = [0, 100];

export function JobPage() {
  const { t, tn } = useI18n();
  const name = useParam('name');
  const [search, change] = useAddress();
  const { describe, series, usage, tags, algorithm, running } = useJob(name);
  const [stopping, setStopping] = useState(false);
  const notify = useNotifications();
  const client = useQueryClient();
  const narrow = useNarrow();
  const crumbs = [{ text: t('nav.trainingJobs'), path: paths.jobs }, { text: name }];

  const job = describe.data;
  if (!job) {
    return (
      <Page title={name} crumbs={crumbs}>
        {describe.isError ? <LoadError what={t('job.loadFailed', { name })} error={describe.error} onRetry={() => void describe.refetch()} /> : <Spinner size="large" />}
      </Page>
    );
  }

  const origin = job.TrainingStartTime ?? job.CreationTime;
  const training = (series.data ?? []).filter((one) => !isInstanceMetric(one));
  const instances = (series.data ?? []).filter(isInstanceMetric);
  const artifact = job.ModelArtifacts.S3ModelArtifacts;
  const hasModel = (job.TrainingJobStatus === 'Completed' || job.TrainingJobStatus === 'Stopped') && artifact !== '';
  const takesModel = algorithm === undefined || algorithm.Channels.some((channel) => channel.Name === 'model');
  const tab = search['tab'] ?? 'overview';

  const stop = async (): Promise<void> => {
    await call('sagemaker', 'StopTrainingJob', { TrainingJobName: name });
    notify.success(tn('jobs.stopping', 1));
    void client.invalidateQueries({ queryKey: ['job', name] });
  };

  return (
    <Page
      title={name}
      crumbs={crumbs}
      help={
        <>
          <p>{t('job.help.what')}</p>
          <p>{t('job.help.charts')}</p>
        </>
      }
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          {running && (
            <Button onClick={() => setStopping(true)} disabled={job.TrainingJobStatus === 'Stopping'}>
              {t('jobs.stop')}
            </Button>
          )}
          <RouteButton path={paths.cloneJob(name)}>{t('jobs.clone')}</RouteButton>
          {hasModel && takesModel && <RouteButton path={paths.continueJob(name)}>{t('job.continue')}</RouteButton>}
          {hasModel && <RouteButton path={paths.createModel(name)}>{t('job.deploy')}</RouteButton>}
          <CopyAs request={{ service: 'sagemaker', operation: 'CreateTrainingJob', input: requestOf(job, tags.data ?? [], algorithm !== undefined) as Json }} />
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        {job.FailureReason !== undefined && job.FailureReason !== '' && <FailureBanner job={name} reason={job.FailureReason} />}
        <Container>
          <KeyValuePairs
            columns={4}
            items={[
              { label: t('jobs.status'), value: <StatusOf status={job.SecondaryStatus} /> },
              { label: t('jobs.duration'), value: <Elapsed from={job.TrainingStartTime} to={running ? undefined : (job.TrainingEndTime ?? job.LastModifiedTime)} /> },
              { label: t('jobs.algorithm'), value: algorithm?.Name ?? job.AlgorithmSpecification?.TrainingImage ?? '–' },
              { label: t('jobs.created'), value: <RelativeTime seconds={job.CreationTime} /> },
            ]}
          />
        </Container>
        <Tabs
          activeTabId={tab}
          onChange={({ detail }) => change({ tab: detail.activeTabId === 'overview' ? undefined : detail.activeTabId })}
          tabs={[
            {
              id: 'overview',
              label: t('job.overview'),
              content: (
                <SpaceBetween size="l">
                  <Timeline transitions={job.SecondaryStatusTransitions ?? []} narrow={narrow} />
                  {training.length > 0 && <MetricCharts job={name} series={training} origin={origin} />}
                  <FinalMetrics series={training} />
                  <Container header={<Header variant="h2">{t('job.channels')}</Header>}>
                    <ChannelsTable channels={job.InputDataConfig ?? []} usage={usage.data?.Channels ?? []} />
                  </Container>
                  <Container
                    header={
                      <Header
                        variant="h2"
                        actions={
                          hasModel && (
                            <SpaceBetween direction="horizontal" size="xs">
                              <DownloadButton uri={artifact}>{t('job.downloadModel')}</DownloadButton>
                            </SpaceBetween>
                          )
                        }
                      >
                        {t('job.artifact')}
                      </Header>
                    }
                  >
                    {hasModel ? <StoreLink uri={artifact} /> : <Box color="text-body-secondary">{running ? t('job.artifactLater') : t('job.noArtifact')}</Box>}
                  </Container>
                </SpaceBetween>
              ),
            },
            { id: 'metrics', label: t('job.metrics'), content: <MetricCharts job={name} series={training} origin={origin} /> },
            { id: 'logs', label: t('job.logs'), content: <LogView job={name} live={running} /> },
            {
              id: 'instances',
              label: t('job.instances'),
              content: <MetricCharts job={name} series={instances} origin={origin} yRange={share} />,
            },
            { id: 'details', label: t('job.details'), content: <JobDetails job={job} tags={tags.data} /> },
          ]}
        />
      </SpaceBetween>
      {stopping && <StopJobs names={[name]} onConfirm={stop} onClose={() => setStopping(false)} />}
    </Page>
  );
}
