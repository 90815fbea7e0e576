import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import Pagination from '@cloudscape-design/components/pagination';
import { useCollection } from '@cloudscape-design/collection-hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { createBucket, deleteBucket, listBuckets, type Bucket } from '../../api/s3';
import { useNotifications } from '../../app/Notifications';
import { useChrome } from '../../app/Page';
import { paths } from '../../base/paths';
import { Confirm } from '../../components/Confirm';
import { Empty } from '../../components/Empty';
import { LoadError } from '../../components/ErrorText';
import { RouteLink } from '../../components/RouteLink';
import { RelativeTime } from '../../components/Time';
import { useI18n } from '../../i18n/I18n';

export function BucketsPage() {
  const { t, number } = useI18n();
  const client = useQueryClient();
  const notify = useNotifications();
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState<string | null>(null);
  const [name, setName] = useState('');
  useChrome({ title: t('nav.buckets'), crumbs: [{ text: t('nav.buckets') }], contentType: 'table', help: <p>{t('store.help')}</p> });
  const buckets = useQuery({ queryKey: ['buckets'], queryFn: ({ signal }) => listBuckets(signal) });
  const refresh = (): void => void client.invalidateQueries({ queryKey: ['buckets'] });
  const { items, collectionProps, filterProps, paginationProps, filteredItemsCount } = useCollection(buckets.data ?? [], {
    filtering: { fields: ['name'], noMatch: t('table.noMatch') },
    sorting: { defaultState: { sortingColumn: { sortingField: 'name' } } },
    pagination: { pageSize: 50 },
    selection: {},
  });
  const [selected] = collectionProps.selectedItems ?? [];
  return (
    <>
      <Table<Bucket>
        {...collectionProps}
        variant="full-page"
        stickyHeader
        selectionType="single"
        trackBy="name"
        items={items}
        loading={buckets.isPending}
        loadingText={t('common.loading')}
        enableKeyboardNavigation
        ariaLabels={{ tableLabel: t('nav.buckets'), selectionGroupLabel: t('table.selection'), itemSelectionLabel: (_, bucket) => t('table.select', { name: bucket.name }) }}
        columnDefinitions={[
          { id: 'name', header: t('common.name'), sortingField: 'name', cell: (bucket) => <RouteLink path={paths.bucket(bucket.name)}>{bucket.name}</RouteLink>, isRowHeader: true },
          { id: 'created', header: t('jobs.created'), sortingField: 'created', cell: (bucket) => <RelativeTime seconds={bucket.created.getTime() / 1000} /> },
        ]}
        header={
          <Header
            variant="awsui-h1-sticky"
            counter={buckets.data ? `(${number(filteredItemsCount ?? buckets.data.length)})` : undefined}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={!selected} onClick={() => setDeleting(selected?.name ?? null)}>
                  {t('common.delete')}
                </Button>
                <Button
                  variant="primary"
                  onClick={() => {
                    setName('');
                    setCreating(true);
                  }}
                >
                  {t('store.createBucket')}
                </Button>
              </SpaceBetween>
            }
          >
            {t('nav.buckets')}
          </Header>
        }
        filter={<TextFilter {...filterProps} filteringPlaceholder={t('models.filter')} filteringAriaLabel={t('models.filter')} />}
        pagination={<Pagination {...paginationProps} />}
        empty={
          buckets.isError ? (
            <LoadError what={t('store.loadFailed')} error={buckets.error} onRetry={() => void buckets.refetch()} />
          ) : (
            <Empty title={t('store.noBuckets')} text={t('store.noBucketsText')} action={<Button onClick={() => setCreating(true)}>{t('store.createBucket')}</Button>} />
          )
        }
      />
      {creating && (
        <Confirm
          title={t('store.createBucket')}
          action={t('common.create')}
          onClose={() => setCreating(false)}
          onConfirm={async () => {
            await createBucket(name);
            notify.success(t('store.created', { name }));
            refresh();
          }}
        >
          <FormField label={t('store.bucketName')} constraintText={t('store.bucketRule')}>
            <Input value={name} onChange={({ detail }) => setName(detail.value)} autoFocus spellcheck={false} />
          </FormField>
        </Confirm>
      )}
      {deleting !== null && (
        <Confirm
          title={t('store.deleteBucket')}
          action={t('common.delete')}
          onClose={() => setDeleting(null)}
          onConfirm={async () => {
            await deleteBucket(deleting);
            notify.success(t('deleted', { name: deleting }));
            refresh();
          }}
        >
          {t('store.deleteBucketText', { name: deleting })}
        </Confirm>
      )}
    </>
  );
}
