import './lists.css';
import Header from '@cloudscape-design/components/header';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import Table from '@cloudscape-design/components/table';
import { useQuery } from '@tanstack/react-query';
import { listLists, listProposals, type ProposalEntry } from '../../api/lists';
import { useChrome } from '../../app/Page';
import { useAddress } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { Empty } from '../../components/Empty';
import { LoadError } from '../../components/ErrorText';
import { RouteLink } from '../../components/RouteLink';
import { RelativeTime } from '../../components/Time';
import { useI18n } from '../../i18n/I18n';
import { DraftCounts } from './ChangeCounts';
import { ProposalStatus } from './ProposalStatus';

/** Changes that somebody has put up for review. */
export function ProposalsPage() {
  const { t, number } = useI18n();
  const [search, change] = useAddress();
  const all = search['state'] === 'all';
  const list = search['list'];
  useChrome({ title: t('nav.proposals'), crumbs: [{ text: t('nav.proposals') }], contentType: 'table', help: <p>{t('proposals.help')}</p> });
  const proposals = useQuery({ queryKey: ['proposals'], queryFn: ({ signal }) => listProposals(signal), refetchInterval: 10_000 });
  const lists = useQuery({ queryKey: ['lists'], queryFn: ({ signal }) => listLists(signal) });
  const waiting = (one: ProposalEntry): boolean => one.State === 'Open' || one.State === 'Approved';
  const items = (proposals.data ?? []).filter((one) => (all || waiting(one)) && (list === undefined || one.List === list));
  return (
    <Table<ProposalEntry>
      variant="full-page"
      stickyHeader
      trackBy={(one) => String(one.Number)}
      items={items}
      wrapLines
      loading={proposals.isPending}
      loadingText={t('common.loading')}
      enableKeyboardNavigation
      ariaLabels={{ tableLabel: t('nav.proposals') }}
      header={
        <Header variant="awsui-h1-sticky" counter={proposals.data ? `(${number(items.length)})` : undefined}>
          {t('nav.proposals')}
        </Header>
      }
      filter={
        <SegmentedControl
          label={t('proposals.filter')}
          selectedId={all ? 'all' : 'open'}
          options={[
            { id: 'open', text: t('proposals.waiting') },
            { id: 'all', text: t('proposals.all') },
          ]}
          onChange={({ detail }) => change({ state: detail.selectedId === 'all' ? 'all' : undefined })}
        />
      }
      columnDefinitions={[
        { id: 'title', header: t('lists.proposalTitle'), isRowHeader: true, cell: (one) => <RouteLink path={paths.proposal(one.Number)}>{`#${one.Number} ${one.Title}`}</RouteLink> },
        { id: 'state', header: t('jobs.status'), cell: (one) => <ProposalStatus state={one.State} /> },
        { id: 'source', header: t('lists.list'), cell: (one) => <RouteLink path={paths.list(one.List)}>{lists.data?.find((other) => other.Id === one.List)?.Source ?? one.List}</RouteLink> },
        { id: 'author', header: t('proposals.author'), cell: (one) => one.Author },
        { id: 'counts', header: t('lists.changes'), cell: (one) => <DraftCounts counts={one.Changes} /> },
        { id: 'when', header: t('lists.when'), cell: (one) => <RelativeTime seconds={Date.parse(one.When) / 1000} /> },
      ]}
      empty={
        proposals.isError ? (
          <LoadError what={t('proposals.loadFailed')} error={proposals.error} onRetry={() => void proposals.refetch()} />
        ) : (
          <Empty title={all ? t('proposals.none') : t('proposals.noneWaiting')} text={t('proposals.noneText')} />
        )
      }
    />
  );
}
