import Button from '@cloudscape-design/components/button';
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import FileDropzone, { useFilesDragging } from '@cloudscape-design/components/file-dropzone';
import FileInput from '@cloudscape-design/components/file-input';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Icon from '@cloudscape-design/components/icon';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { listObjects, putFolder } from '../../api/s3';
import { useNotifications } from '../../app/Notifications';
import { Page } from '../../app/Page';
import { useAddress, useFollow, useParam } from '../../app/useRoute';
import { hrefOf, paths } from '../../base/paths';
import { Confirm } from '../../components/Confirm';
import { CopyAs } from '../../components/CopyAs';
import { storeRequest } from '../../components/storeRequest';
import { Empty } from '../../components/Empty';
import { LoadError } from '../../components/ErrorText';
import { RouteLink } from '../../components/RouteLink';
import { RelativeTime } from '../../components/Time';
import { useI18n } from '../../i18n/I18n';
import { ObjectPanel } from './ObjectPanel';
import { removeKeys } from './remove';
import { UploadList } from './UploadList';
import { useUploads } from './uploads';

interface Entry {
  readonly key: string;
  readonly name: string;
  readonly folder: boolean;
  readonly size?: number;
  readonly modified?: number;
}

/** What confirmation names before it only counts. */
const named = 10;

export function BucketPage() {
  const { t, bytes, number } = useI18n();
  const bucket = useParam('bucket');
  const [search, change] = useAddress();
  const prefix = search['prefix'] ?? '';
  const object = search['object'];
  const client = useQueryClient();
  const notify = useNotifications();
  const follow = useFollow();
  const { areFilesDragging } = useFilesDragging();
  const [selected, setSelected] = useState<readonly Entry[]>([]);
  const [deleting, setDeleting] = useState<readonly string[]>([]);
  const [folder, setFolder] = useState<string | null>(null);
  const refresh = useCallback(() => void client.invalidateQueries({ queryKey: ['objects', bucket] }), [client, bucket]);
  const { uploads, add, cancel, clear } = useUploads(bucket, refresh);
  const listing = useInfiniteQuery({
    queryKey: ['objects', bucket, prefix],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => listObjects(bucket, prefix, { token: pageParam }, signal),
    getNextPageParam: (page) => page.next,
  });
  const pages = listing.data?.pages ?? [];
  const entries: Entry[] = [
    ...pages.flatMap((page) => page.folders).map((key) => ({ key, name: key.slice(prefix.length), folder: true })),
    ...pages
      .flatMap((page) => page.objects)
      .filter((one) => one.key !== prefix)
      .map((one) => ({ key: one.key, name: one.key.slice(prefix.length), folder: false, size: one.size, modified: one.modified.getTime() / 1000 })),
  ];
  const parts = prefix.split('/').filter((part) => part !== '');
  const folders = parts.map((part, index) => ({ text: part, href: hrefOf(paths.bucket(bucket, `${parts.slice(0, index + 1).join('/')}/`)) }));
  const uri = `s3://${bucket}/${prefix}`;

  return (
    <Page
      title={bucket}
      crumbs={[{ text: t('nav.buckets'), path: paths.buckets }, { text: bucket }]}
      help={<p>{t('store.help')}</p>}
      description={prefix === '' ? undefined : <BreadcrumbGroup ariaLabel={t('store.folder')} items={[{ text: bucket, href: hrefOf(paths.bucket(bucket)) }, ...folders]} onFollow={follow} />}
    >
      <SpaceBetween size="l">
        {areFilesDragging && <FileDropzone onChange={({ detail }) => add(prefix, detail.value)}>{t('store.drop', { uri })}</FileDropzone>}
        <UploadList uploads={uploads} onCancel={cancel} onClear={clear} />
        {object !== undefined && <ObjectPanel key={object} bucket={bucket} objectKey={object} onClose={() => change({ object: undefined })} onDelete={() => setDeleting([object])} />}
        <Table<Entry>
          items={entries}
          trackBy="key"
          selectionType="multi"
          selectedItems={[...selected]}
          onSelectionChange={({ detail }) => setSelected(detail.selectedItems)}
          loading={listing.isPending}
          loadingText={t('common.loading')}
          enableKeyboardNavigation
          ariaLabels={{
            tableLabel: uri,
            selectionGroupLabel: t('table.selection'),
            allItemsSelectionLabel: () => t('table.selectAll'),
            itemSelectionLabel: (_, entry) => t('table.select', { name: entry.name }),
          }}
          columnDefinitions={[
            {
              id: 'name',
              header: t('common.name'),
              isRowHeader: true,
              cell: (entry) => (
                <>
                  <Icon name={entry.folder ? 'folder' : 'file'} />{' '}
                  <RouteLink path={entry.folder ? paths.bucket(bucket, entry.key) : `${paths.bucket(bucket, prefix)}${prefix === '' ? '?' : '&'}object=${encodeURIComponent(entry.key)}`}>{entry.name}</RouteLink>
                </>
              ),
            },
            { id: 'size', header: t('common.size'), cell: (entry) => <span className="mr-number">{entry.size === undefined ? '–' : bytes(entry.size)}</span> },
            { id: 'modified', header: t('store.modified'), cell: (entry) => <RelativeTime seconds={entry.modified} /> },
          ]}
          header={
            <Header
              variant="h2"
              counter={listing.data ? `(${number(entries.length)}${listing.hasNextPage ? '+' : ''})` : undefined}
              description={t('store.dropHint')}
              actions={
                <SpaceBetween direction="horizontal" size="xs">
                  <CopyAs request={storeRequest(bucket, prefix, object)} />
                  <Button disabled={selected.length === 0} onClick={() => setDeleting(selected.map((entry) => entry.key))}>
                    {t('common.delete')}
                  </Button>
                  <Button onClick={() => setFolder('')}>{t('store.createFolder')}</Button>
                  <FileInput multiple value={[]} onChange={({ detail }) => add(prefix, detail.value)} ariaLabel={t('store.upload')}>
                    {t('store.upload')}
                  </FileInput>
                </SpaceBetween>
              }
            >
              {t('store.objects')}
            </Header>
          }
          footer={
            listing.hasNextPage && (
              <div className="mr-more">
                <Button loading={listing.isFetchingNextPage} onClick={() => void listing.fetchNextPage()}>
                  {t('table.more')}
                </Button>
              </div>
            )
          }
          empty={listing.isError ? <LoadError what={t('store.loadFailed')} error={listing.error} onRetry={() => void listing.refetch()} /> : <Empty title={t('store.empty')} text={t('store.dropHint')} />}
        />
      </SpaceBetween>
      {deleting.length > 0 && (
        <Confirm
          title={t('store.deleteTitle')}
          action={t('common.delete')}
          onClose={() => setDeleting([])}
          onConfirm={async () => {
            await removeKeys(bucket, deleting);
            notify.success(deleting.length === 1 ? t('deleted', { name: deleting[0] ?? '' }) : t('store.deletedMany', { count: number(deleting.length) }));
            setSelected([]);
            if (object !== undefined && deleting.includes(object)) change({ object: undefined });
            refresh();
          }}
        >
          <p>{t('store.deleteText')}</p>
          <ul>
            {deleting.slice(0, named).map((key) => (
              <li key={key}>{`s3://${bucket}/${key}${key.endsWith('/') ? '…' : ''}`}</li>
            ))}
            {deleting.length > named && <li>{t('store.andMore', { count: number(deleting.length - named) })}</li>}
          </ul>
        </Confirm>
      )}
      {folder !== null && (
        <Confirm
          title={t('store.createFolder')}
          action={t('common.create')}
          onClose={() => setFolder(null)}
          onConfirm={async () => {
            await putFolder(bucket, `${prefix}${folder.replace(/\/+$/, '')}/`);
            refresh();
          }}
        >
          <FormField label={t('store.folderName')}>
            <Input value={folder} onChange={({ detail }) => setFolder(detail.value)} autoFocus spellcheck={false} />
          </FormField>
        </Confirm>
      )}
    </Page>
  );
}
