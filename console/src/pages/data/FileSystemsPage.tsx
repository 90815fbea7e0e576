import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/aws';
import { useChrome } from '../../app/Page';
import { paths } from '../../base/paths';
import { Code } from '../../components/Code';
import { Empty } from '../../components/Empty';
import { LoadError } from '../../components/ErrorText';
import { RouteLink } from '../../components/RouteLink';
import { StoreLink } from '../../components/StoreLink';
import { RelativeTime } from '../../components/Time';
import { useI18n } from '../../i18n/I18n';

/** Directories of this machine that channels name by an id. */
export function FileSystemsPage() {
  const { t, number, bytes } = useI18n();
  useChrome({ title: t('nav.fileSystems'), crumbs: [{ text: t('nav.fileSystems') }], contentType: 'table', help: <p>{t('files.help')}</p> });
  const systems = useQuery({ queryKey: ['file-systems'], queryFn: async ({ signal }) => (await call('control', 'ListFileSystems', {}, signal)).FileSystems ?? [] });
  return (
    <Table
      variant="full-page"
      items={systems.data ?? []}
      trackBy="FileSystemId"
      wrapLines
      loading={systems.isPending}
      loadingText={t('common.loading')}
      ariaLabels={{ tableLabel: t('nav.fileSystems') }}
      header={
        <Header variant="awsui-h1-sticky" counter={systems.data ? `(${number(systems.data.length)})` : undefined}>
          {t('nav.fileSystems')}
        </Header>
      }
      columnDefinitions={[
        { id: 'id', header: t('create.fileSystem'), cell: (system) => system.FileSystemId, isRowHeader: true },
        { id: 'type', header: t('files.type'), cell: (system) => system.FileSystemType },
        { id: 'path', header: t('files.path'), cell: (system) => system.Path },
        { id: 'mount', header: t('files.mount'), cell: (system) => (system.MountName ? `/${system.MountName}` : '–') },
        { id: 'linked', header: t('files.linked'), cell: (system) => (system.LinkedS3Uri ? <StoreLink uri={system.LinkedS3Uri} /> : '–') },
        { id: 'fetched', header: t('files.fetched'), cell: (system) => <span className="mr-number">{system.LinkedS3Uri ? `${number(system.Fetches ?? 0)} · ${bytes(system.Bytes ?? 0)}` : '–'}</span> },
        { id: 'jobs', header: t('files.jobs'), cell: (system) => number(system.JobsUsing ?? 0) },
        { id: 'lists', header: t('nav.lists'), cell: (system) => <RouteLink path={paths.openList(`${system.FileSystemId}:/`)}>{t('lists.open')}</RouteLink> },
        { id: 'created', header: t('jobs.created'), cell: (system) => <RelativeTime seconds={system.CreationTime} /> },
      ]}
      empty={
        systems.isError ? (
          <LoadError what={t('nav.fileSystems')} error={systems.error} onRetry={() => void systems.refetch()} />
        ) : (
          <Empty title={t('files.none')} text={t('files.noneText')} action={<Code text="millrace filesystems add fs-0123456789abcdef0 --type EFS --path /srv/pictures" label={t('files.command')} />} />
        )
      }
    />
  );
}
