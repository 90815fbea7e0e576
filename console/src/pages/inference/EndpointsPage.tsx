import { useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/aws';
import { useChrome } from '../../app/Page';
import { paths } from '../../base/paths';
import { Empty } from '../../components/Empty';
import { RouteButton } from '../../components/RouteButton';
import { RouteLink } from '../../components/RouteLink';
import { StatusOf } from '../../components/StatusOf';
import { RelativeTime } from '../../components/Time';
import { TokenTable } from '../../components/TokenTable';
import type { EndpointSummary } from '../../generated/sagemaker';
import { useI18n } from '../../i18n/I18n';
import { useLive, usePolling } from '../../live/useLive';

export function EndpointsPage() {
  const { t } = useI18n();
  const client = useQueryClient();
  useChrome({ title: t('nav.endpoints'), crumbs: [{ text: t('nav.endpoints') }], contentType: 'table', help: <p>{t('endpoints.help')}</p> });
  useLive(['endpoints'], (event) => {
    if (event.kind === 'endpoints') void client.invalidateQueries({ queryKey: ['endpoints'] });
  });
  return (
    <TokenTable<EndpointSummary>
      title={t('nav.endpoints')}
      queryKey="endpoints"
      trackBy="EndpointName"
      filterLabel={t('endpoints.filter')}
      polling={usePolling()}
      fetchPage={async (name, token, signal) => {
        const page = await call('sagemaker', 'ListEndpoints', { MaxResults: 100, ...(name === '' ? {} : { NameContains: name }), ...(token === undefined ? {} : { NextToken: token }) }, signal);
        return { items: page.Endpoints, next: page.NextToken };
      }}
      columns={[
        { id: 'name', header: t('common.name'), cell: (endpoint) => <RouteLink path={paths.endpoint(endpoint.EndpointName)}>{endpoint.EndpointName}</RouteLink>, isRowHeader: true },
        { id: 'status', header: t('jobs.status'), cell: (endpoint) => <StatusOf status={endpoint.EndpointStatus} /> },
        { id: 'created', header: t('jobs.created'), cell: (endpoint) => <RelativeTime seconds={endpoint.CreationTime} /> },
        { id: 'changed', header: t('endpoints.changed'), cell: (endpoint) => <RelativeTime seconds={endpoint.LastModifiedTime} /> },
      ]}
      actions={
        <RouteButton path={paths.createEndpoint()} variant="primary">
          {t('endpoints.create')}
        </RouteButton>
      }
      empty={<Empty title={t('endpoints.none')} text={t('endpoints.noneText')} action={<RouteButton path={paths.models}>{t('nav.models')}</RouteButton>} />}
    />
  );
}
