import Button from '@cloudscape-design/components/button';
import FileInput from '@cloudscape-design/components/file-input';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Icon from '@cloudscape-design/components/icon';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { listObjects, putFolder } from '../../api/s3';
import { useNotifications } from '../../app/Notifications';
import { Page } from '../../app/Page';
import { useAddress, useParam } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { Confirm } from '../../components/Confirm';
import { CopyAs } from '../../components/CopyAs';
import { storeRequest } from '../../components/storeRequest';
import { Empty } from '../../components/Empty';
import { LoadError } from '../../components/ErrorText';
import { RouteLink } from '../../components/RouteLink';
import { RelativeTime } from '../../components/Time';
import { useI18n } from '../../i18n/I18n';
import { filesChosen } from '../../uploads/dropped';
import type { NamedFile } from '../../uploads/queue';
import { uploads, useUploads } from '../../uploads/uploads';
import { useFileDrop } from '../../uploads/useFileDrop';
import { DeleteDialog } from './DeleteDialog';
import { FolderTrail } from './FolderTrail';
import { ObjectPanel } from './ObjectPanel';
import { UploadList } from './UploadList';

interface Entry {
  readonly key: string;
  readonly name: string;
  readonly folder: boolean;
  readonly size?: number;
  readonly modified?: number;
}

/** How long the listing rests before it is asked for again while files are stored. */
const refreshTime = 1000;

interface Listing {
  readonly isFetching: boolean;
  /** When it was last answered, in milliseconds since the epoch. */
  readonly dataUpdatedAt: number;
  readonly errorUpdatedAt: number;
}

/** Calls `refresh` soon after files of this tab were stored in the bucket, but leaves a listing that is under way to end. */
function useStored(bucket: string, { isFetching, dataUpdatedAt, errorUpdatedAt }: Listing, refresh: () => void): void {
  const stored = useUploads().filter((one) => one.bucket === bucket && one.status === 'done').length;
  const listed = useRef(stored);
  const answered = Math.max(dataUpdatedAt, errorUpdatedAt);
  useEffect(() => {
    if (stored <= listed.current) listed.current = stored;
    if (stored === listed.current || isFetching) return undefined;
    const timer = window.setTimeout(() => {
      listed.current = stored;
      refresh();
    }, Math.max(0, answered + refreshTime - Date.now()));
    return () => window.clearTimeout(timer);
  }, [stored, isFetching, answered, refresh]);
}

export function BucketPage() {
  const { t, bytes, number } = useI18n();
  const bucket = useParam('bucket');
  const [search, change] = useAddress();
  const prefix = search['prefix'] ?? '';
  const object = search['object'];
  const client = useQueryClient();
  const notify = useNotifications();
  const [selected, setSelected] = useState<readonly Entry[]>([]);
  const [deleting, setDeleting] = useState<readonly string[]>([]);
  const [folder, setFolder] = useState<string | null>(null);
  const refresh = useCallback(() => void client.invalidateQueries({ queryKey: ['objects', bucket] }), [client, bucket]);
  const add = (files: readonly NamedFile[]): void => uploads.add(bucket, prefix, files);
  const hovering = useFileDrop(add, (error) => notify.failure(t('store.dropFailed'), error));
  const folderField = useRef<HTMLInputElement>(null);
  // What was chosen in another folder is not in view here.
  useEffect(() => setSelected([]), [prefix]);
  const listing = useInfiniteQuery({
    queryKey: ['objects', bucket, prefix],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => listObjects(bucket, prefix, { token: pageParam }, signal),
    getNextPageParam: (page) => page.next,
  });
  useStored(bucket, listing, refresh);
  const pages = listing.data?.pages ?? [];
  const entries: Entry[] = [
    ...pages.flatMap((page) => page.folders).map((key) => ({ key, name: key.slice(prefix.length), folder: true })),
    ...pages
      .flatMap((page) => page.objects)
      .filter((one) => one.key !== prefix)
      .map((one) => ({ key: one.key, name: one.key.slice(prefix.length), folder: false, size: one.size, modified: one.modified.getTime() / 1000 })),
  ];
  const uri = `s3://${bucket}/${prefix}`;

  return (
    <Page
      title={bucket}
      crumbs={[{ text: t('nav.buckets'), path: paths.buckets }, { text: bucket }]}
      help={<p>{t('store.help')}</p>}
      description={prefix === '' ? undefined : <FolderTrail bucket={bucket} prefix={prefix} />}
    >
      <SpaceBetween size="l">
        {hovering && (
          <div className="mr-drop" aria-hidden>
            {t('store.drop', { uri })}
          </div>
        )}
        <UploadList />
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
                  <FileInput multiple value={[]} onChange={({ detail }) => add(filesChosen(detail.value))} ariaLabel={t('store.upload')}>
                    {t('store.upload')}
                  </FileInput>
                  <Button iconName="upload" onClick={() => folderField.current?.click()}>
                    {t('store.uploadFolder')}
                  </Button>
                  <input
                    ref={folderField}
                    type="file"
                    hidden
                    webkitdirectory=""
                    onChange={(event) => {
                      add(filesChosen([...(event.target.files ?? [])]));
                      event.target.value = '';
                    }}
                  />
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
        <DeleteDialog
          bucket={bucket}
          keys={deleting}
          onClose={() => setDeleting([])}
          onDeleted={() => {
            setSelected([]);
            if (object !== undefined && deleting.includes(object)) change({ object: undefined });
            refresh();
          }}
        />
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
