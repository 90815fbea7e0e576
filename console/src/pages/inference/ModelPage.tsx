import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/aws';
import { useNotifications } from '../../app/Notifications';
import { Page } from '../../app/Page';
import { useGo, useParam } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { Copyable } from '../../components/Code';
import { Confirm } from '../../components/Confirm';
import { CopyAs } from '../../components/CopyAs';
import type { Json } from '../../components/copyAs';
import { LoadError } from '../../components/ErrorText';
import { RouteButton } from '../../components/RouteButton';
import { RouteLink } from '../../components/RouteLink';
import { DownloadButton, StoreLink } from '../../components/StoreLink';
import { useI18n } from '../../i18n/I18n';
import { ValuesTable } from '../training/JobDetails';

export function ModelPage() {
  const { t, dateTime } = useI18n();
  const name = useParam('name');
  const go = useGo();
  const notify = useNotifications();
  const client = useQueryClient();
  const [deleting, setDeleting] = useState(false);
  const model = useQuery({ queryKey: ['model', name], queryFn: ({ signal }) => call('sagemaker', 'DescribeModel', { ModelName: name }, signal) });
  const crumbs = [{ text: t('nav.models'), path: paths.models }, { text: name }];
  if (!model.data) {
    return (
      <Page title={name} crumbs={crumbs}>
        {model.isError ? <LoadError what={t('models.loadFailed', { name })} error={model.error} onRetry={() => void model.refetch()} /> : <Spinner size="large" />}
      </Page>
    );
  }
  const { PrimaryContainer: container, ExecutionRoleArn: role } = model.data;
  const data = container?.ModelDataUrl ?? container?.ModelDataSource?.S3DataSource?.S3Uri ?? '';
  const job = /\/([^/]+)\/output\/model\.tar\.gz$/.exec(data)?.[1];
  return (
    <Page
      title={name}
      crumbs={crumbs}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={() => setDeleting(true)}>{t('common.delete')}</Button>
          <CopyAs request={{ service: 'sagemaker', operation: 'CreateModel', input: { ModelName: name, PrimaryContainer: container, ExecutionRoleArn: role } as unknown as Json }} />
          <RouteButton path={paths.createEndpoint(name)} variant="primary">
            {t('endpoints.create')}
          </RouteButton>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        <Container header={<Header variant="h2" actions={data.endsWith('.tar.gz') && <DownloadButton uri={data}>{t('job.downloadModel')}</DownloadButton>}>{t('models.container')}</Header>}>
          <KeyValuePairs
            columns={2}
            items={[
              { label: t('models.image'), value: <Copyable text={container?.Image ?? '–'} label={t('models.image')} /> },
              { label: t('models.data'), value: data === '' ? '–' : <StoreLink uri={data} /> },
              ...(job === undefined ? [] : [{ label: t('models.job'), value: <RouteLink path={paths.job(job)}>{job}</RouteLink> }]),
              { label: t('job.role'), value: role ?? '–' },
              { label: 'ARN', value: <Copyable text={model.data.ModelArn} label="ARN" /> },
              { label: t('jobs.created'), value: dateTime(model.data.CreationTime) },
            ]}
          />
        </Container>
        <ValuesTable values={container?.Environment ?? {}} label={t('job.environment')} empty={t('create.noVariables')} />
      </SpaceBetween>
      {deleting && (
        <Confirm
          title={t('models.deleteTitle')}
          action={t('common.delete')}
          onClose={() => setDeleting(false)}
          onConfirm={async () => {
            await call('sagemaker', 'DeleteModel', { ModelName: name });
            void client.invalidateQueries({ queryKey: ['models'] });
            notify.success(t('deleted', { name }));
            go(paths.models);
          }}
        >
          {t('models.deleteText', { name })}
        </Confirm>
      )}
    </Page>
  );
}
