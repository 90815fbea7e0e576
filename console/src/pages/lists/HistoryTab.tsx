import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { listHistory, type ImageList, type ListVersion } from '../../api/lists';
import { useGo } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { LoadError } from '../../components/ErrorText';
import { RouteLink } from '../../components/RouteLink';
import { RelativeTime } from '../../components/Time';
import { useI18n } from '../../i18n/I18n';
import { Author } from './Author';
import { DraftCounts } from './ChangeCounts';
import { RestoreDialog } from './RestoreDialog';

/** Who changed what, when and why. */
export function HistoryTab({ list }: { list: ImageList }) {
  const { t, number } = useI18n();
  const go = useGo();
  const client = useQueryClient();
  const [selected, setSelected] = useState<readonly ListVersion[]>([]);
  const [restoring, setRestoring] = useState<number | null>(null);
  const history = useQuery({ queryKey: ['list-history', list.Id], queryFn: ({ signal }) => listHistory(list.Id, signal) });
  const newest = history.data?.[0]?.Version;
  const [first, second] = [...selected].sort((a, b) => a.Version - b.Version);
  // One version is compared with the one that it came from.
  const earlier = second ? first?.Version : first && (first.Parent ?? (first.Version > 1 ? first.Version - 1 : undefined));
  const later = (second ?? first)?.Version;
  return (
    <>
      <Table<ListVersion>
        items={history.data ?? []}
        trackBy={(one) => String(one.Version)}
        wrapLines
        selectionType="multi"
        selectedItems={[...selected]}
        onSelectionChange={({ detail }) => setSelected(detail.selectedItems.slice(-2))}
        loading={history.isPending}
        loadingText={t('common.loading')}
        ariaLabels={{
          tableLabel: t('lists.history'),
          selectionGroupLabel: t('table.selection'),
          allItemsSelectionLabel: () => t('table.selectAll'),
          itemSelectionLabel: (_, one) => t('table.select', { name: `v${one.Version}` }),
        }}
        header={
          <Header
            variant="h2"
            counter={history.data ? `(${number(history.data.length)})` : undefined}
            description={t('lists.historyHint')}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={selected.length !== 1 || first?.Version === newest} onClick={() => setRestoring(first?.Version ?? null)}>
                  {t('lists.restoreVersion')}
                </Button>
                <Button disabled={earlier === undefined || later === undefined} onClick={() => go(paths.diff(`${list.Id}@${earlier}`, `${list.Id}@${later}`))}>
                  {t('lists.compare')}
                </Button>
              </SpaceBetween>
            }
          >
            {t('lists.history')}
          </Header>
        }
        columnDefinitions={[
          {
            id: 'version',
            header: t('lists.version'),
            isRowHeader: true,
            cell: (one) => <RouteLink path={one.Version === newest ? paths.list(list.Id) : paths.listVersion(list.Id, one.Version)}>{`v${one.Version}`}</RouteLink>,
          },
          { id: 'who', header: t('lists.who'), cell: (one) => <Author name={one.Who} /> },
          { id: 'when', header: t('lists.when'), cell: (one) => <RelativeTime seconds={Date.parse(one.When) / 1000} /> },
          {
            id: 'message',
            header: t('lists.message'),
            cell: (one) => (
              <>
                <span className="mr-wrap">{one.Message === '' ? '–' : one.Message}</span>
              </>
            ),
          },
          { id: 'counts', header: t('lists.changes'), cell: (one) => (one.Changes === undefined ? t('lists.firstVersion') : <DraftCounts counts={one.Changes} />) },
          { id: 'rows', header: t('lists.rowsColumn'), cell: (one) => <span className="mr-number">{number(one.Rows)}</span> },
        ]}
        empty={history.isError ? <LoadError what={t('lists.historyFailed')} error={history.error} onRetry={() => void history.refetch()} /> : '–'}
      />
      {restoring !== null && (
        <RestoreDialog
          list={list}
          version={restoring}
          onClose={() => setRestoring(null)}
          onDone={() => {
            setSelected([]);
            void client.invalidateQueries({ queryKey: ['list', list.Id] });
            void client.invalidateQueries({ queryKey: ['list-history', list.Id] });
            void client.invalidateQueries({ queryKey: ['list-rows', list.Id] });
          }}
        />
      )}
    </>
  );
}
