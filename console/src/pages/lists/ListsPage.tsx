import './lists.css';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { useCollection } from '@cloudscape-design/collection-hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { listLists, listProposals, type ListEntry } from '../../api/lists';
import { useChrome } from '../../app/Page';
import { useAddress } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { Empty } from '../../components/Empty';
import { LoadError } from '../../components/ErrorText';
import { RouteButton } from '../../components/RouteButton';
import { RouteLink } from '../../components/RouteLink';
import { RelativeTime } from '../../components/Time';
import { useI18n } from '../../i18n/I18n';
import { Author } from './Author';
import { OpenListDialog } from './OpenListDialog';

/** The image lists that were opened here, newest change first. */
export function ListsPage() {
  const { t, number } = useI18n();
  const [search, change] = useAddress();
  const [opening, setOpening] = useState(false);
  useChrome({ title: t('nav.lists'), crumbs: [{ text: t('nav.lists') }], contentType: 'table', help: <p>{t('lists.help')}</p> });
  const lists = useQuery({ queryKey: ['lists'], queryFn: ({ signal }) => listLists(signal) });
  const { items, collectionProps, filterProps, paginationProps, filteredItemsCount } = useCollection<ListEntry>(lists.data ?? [], {
    filtering: { filteringFunction: (list, text) => list.Source.toLowerCase().includes(text.toLowerCase()), noMatch: t('table.noMatch') },
    sorting: { defaultState: { sortingColumn: { sortingField: 'ModifiedTime' }, isDescending: true } },
    pagination: { pageSize: 50 },
  });
  const proposals = useQuery({ queryKey: ['proposals'], queryFn: ({ signal }) => listProposals(signal) });
  const waiting = new Map<string, number>();
  for (const one of proposals.data ?? []) if (one.State === 'Open' || one.State === 'Approved') waiting.set(one.List, (waiting.get(one.List) ?? 0) + 1);
  const address = search['open'];
  return (
    <>
      <Table<ListEntry>
        {...collectionProps}
        variant="full-page"
        stickyHeader
        trackBy="Id"
        items={items}
        loading={lists.isPending}
        loadingText={t('common.loading')}
        enableKeyboardNavigation
        ariaLabels={{ tableLabel: t('nav.lists') }}
        columnDefinitions={[
          { id: 'source', header: t('lists.source'), sortingField: 'Source', isRowHeader: true, cell: (list) => <RouteLink path={paths.list(list.Id)}>{list.Source}</RouteLink> },
          { id: 'version', header: t('lists.version'), sortingField: 'Version', cell: (list) => <span className="mr-number">v{list.Version}</span> },
          { id: 'rows', header: t('lists.rowsColumn'), sortingField: 'Rows', cell: (list) => <span className="mr-number">{number(list.Rows)}</span> },
          {
            id: 'proposals',
            header: t('lists.openProposals'),
            cell: (list) => {
              const count = waiting.get(list.Id) ?? 0;
              return count > 0 ? <RouteLink path={paths.proposals(list.Id)}>{number(count)}</RouteLink> : '–';
            },
          },
          { id: 'author', header: t('lists.who'), sortingField: 'Author', cell: (list) => <Author name={list.Author} /> },
          { id: 'modified', header: t('lists.modified'), sortingField: 'ModifiedTime', cell: (list) => <RelativeTime seconds={Date.parse(list.ModifiedTime) / 1000} /> },
        ]}
        header={
          <Header
            variant="awsui-h1-sticky"
            counter={lists.data ? `(${number(filteredItemsCount ?? lists.data.length)})` : undefined}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <RouteButton path={paths.diff()}>{t('lists.compare')}</RouteButton>
                <Button variant="primary" onClick={() => setOpening(true)}>
                  {t('lists.open')}
                </Button>
              </SpaceBetween>
            }
          >
            {t('nav.lists')}
          </Header>
        }
        filter={<TextFilter {...filterProps} filteringPlaceholder={t('lists.filterLists')} filteringAriaLabel={t('lists.filterLists')} />}
        pagination={<Pagination {...paginationProps} />}
        empty={
          lists.isError ? (
            <LoadError what={t('lists.loadFailed')} error={lists.error} onRetry={() => void lists.refetch()} />
          ) : (
            <Empty title={t('lists.none')} text={t('lists.noneText')} action={<Button onClick={() => setOpening(true)}>{t('lists.open')}</Button>} />
          )
        }
      />
      {(opening || address !== undefined) && (
        <OpenListDialog
          address={address ?? ''}
          onClose={() => {
            setOpening(false);
            if (address !== undefined) change({ open: undefined });
          }}
        />
      )}
    </>
  );
}
