import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Table from '@cloudscape-design/components/table';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/aws';
import { Page } from '../../app/Page';
import { useParam } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { Copyable } from '../../components/Code';
import { CopyAs } from '../../components/CopyAs';
import { LoadError } from '../../components/ErrorText';
import { RouteLink } from '../../components/RouteLink';
import { StatusOf } from '../../components/StatusOf';
import { RelativeTime } from '../../components/Time';
import type { ProductionVariantSummary } from '../../generated/sagemaker';
import { useI18n } from '../../i18n/I18n';
import { useLive, usePolling } from '../../live/useLive';
import { endpointRequests } from './endpointRequests';
import { DeleteEndpoint } from './DeleteEndpoint';
import { TryOut } from './TryOut';

export function EndpointPage() {
  const { t, number, percent } = useI18n();
  const name = useParam('name');
  const client = useQueryClient();
  const [deleting, setDeleting] = useState(false);
  const endpoint = useQuery({
    queryKey: ['endpoint', name],
    queryFn: ({ signal }) => call('sagemaker', 'DescribeEndpoint', { EndpointName: name }, signal),
    refetchInterval: usePolling(),
  });
  const configuration = useQuery({
    queryKey: ['endpoint-config', endpoint.data?.EndpointConfigName],
    enabled: endpoint.data !== undefined,
    retry: false,
    queryFn: ({ signal }) => call('sagemaker', 'DescribeEndpointConfig', { EndpointConfigName: endpoint.data?.EndpointConfigName ?? '' }, signal),
  });
  useLive(['endpoints'], (event) => {
    if (event.kind === 'endpoints') void client.invalidateQueries({ queryKey: ['endpoint', name] });
  });
  const crumbs = [{ text: t('nav.endpoints'), path: paths.endpoints }, { text: name }];
  const data = endpoint.data;
  if (!data) {
    return (
      <Page title={name} crumbs={crumbs}>
        {endpoint.isError ? <LoadError what={t('endpoints.loadFailed', { name })} error={endpoint.error} onRetry={() => void endpoint.refetch()} /> : <Spinner size="large" />}
      </Page>
    );
  }
  const models = new Map((configuration.data?.ProductionVariants ?? []).map((variant) => [variant.VariantName, variant.ModelName]));
  return (
    <Page
      title={name}
      crumbs={crumbs}
      help={<p>{t('endpoints.help')}</p>}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <CopyAs request={endpointRequests(data, configuration.data)} />
          <Button onClick={() => setDeleting(true)}>{t('common.delete')}</Button>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        {data.FailureReason !== undefined && data.FailureReason !== '' && (
          <Alert type="error" header={t('endpoints.failed')}>
            <span className="mr-wrap">{data.FailureReason}</span>
          </Alert>
        )}
        <Container header={<Header variant="h2">{t('endpoints.settings')}</Header>}>
          <KeyValuePairs
            columns={4}
            items={[
              { label: t('jobs.status'), value: <StatusOf status={data.EndpointStatus} /> },
              { label: t('endpoints.configuration'), value: data.EndpointConfigName ?? '–' },
              { label: t('jobs.created'), value: <RelativeTime seconds={data.CreationTime} /> },
              { label: 'ARN', value: <Copyable text={data.EndpointArn} label="ARN" /> },
            ]}
          />
        </Container>
        <Table<ProductionVariantSummary>
          header={<Header variant="h2">{t('endpoints.variants')}</Header>}
          items={data.ProductionVariants ?? []}
          trackBy="VariantName"
          ariaLabels={{ tableLabel: t('endpoints.variants') }}
          columnDefinitions={[
            { id: 'name', header: t('endpoints.variant'), cell: (variant) => variant.VariantName, isRowHeader: true },
            {
              id: 'model',
              header: t('endpoints.model'),
              cell: (variant) => {
                const model = models.get(variant.VariantName);
                return model === undefined ? '–' : <RouteLink path={paths.model(model)}>{model}</RouteLink>;
              },
            },
            { id: 'instances', header: t('job.instances'), cell: (variant) => t('endpoints.healthy', { current: number(variant.CurrentInstanceCount ?? 0), desired: number(variant.DesiredInstanceCount ?? 0) }) },
            { id: 'weight', header: t('endpoints.weight'), cell: (variant) => percent(shareOf(variant, data.ProductionVariants ?? [])) },
            { id: 'status', header: t('jobs.status'), cell: (variant) => (variant.VariantStatus ?? []).map((status) => [status.Status, status.StatusMessage].filter((part) => part).join(': ')).join('; ') || '–' },
          ]}
          empty={t('endpoints.noVariants')}
        />
        <TryOut endpoint={name} ready={data.EndpointStatus === 'InService' || data.EndpointStatus === 'Updating'} />
      </SpaceBetween>
      {deleting && <DeleteEndpoint name={name} configuration={data.EndpointConfigName} onClose={() => setDeleting(false)} />}
    </Page>
  );
}

/** The share of the traffic that a variant's weight stands for. */
function shareOf(variant: ProductionVariantSummary, all: readonly ProductionVariantSummary[]): number {
  const total = all.reduce((sum, one) => sum + (one.CurrentWeight ?? 0), 0);
  return total === 0 ? 0 : (variant.CurrentWeight ?? 0) / total;
}
