import './lists.css';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { diffKinds, type Diff, type DiffKind, type DiffRow } from '../../api/lists';
import { LoadError } from '../../components/ErrorText';
import { useI18n } from '../../i18n/I18n';
import type { ClassNames } from './classNames';
import { FlowMatrix } from './FlowMatrix';
import { Picture } from './Picture';
import { changeSigns } from './RowTile';
import { thumbnailSize, useAtlases } from './useAtlases';
import { usePages, type Range } from '../../components/usePages';
import { VirtualGrid } from './VirtualGrid';

interface Properties {
  /** Names what is compared; another one, and everything is asked for anew. */
  readonly source: string;
  readonly fetchDiff: (kind: DiffKind | undefined, from: number, limit: number, signal: AbortSignal) => Promise<Diff>;
  /** The folders that paths of either side begin from. */
  readonly rootA: string;
  readonly rootB: string;
  readonly names: ClassNames;
  readonly onRow?: ((row: DiffRow) => void) | undefined;
}

const tile = { width: thumbnailSize + 32, height: thumbnailSize + 58 };

/** What differs between two states of a list: counts, which classes rows went between, and the rows as pictures by kind. */
export function DiffView({ source, fetchDiff, rootA, rootB, names, onRow }: Properties) {
  const { t, number } = useI18n();
  const [chosen, setChosen] = useState<DiffKind | null>(null);
  const [near, setNear] = useState<Range>({ first: 0, end: 100 });
  const [view, setView] = useState<Range>({ first: 0, end: 0 });
  const [cursor, setCursor] = useState(0);
  const summary = useQuery({ queryKey: ['list-diff', source, 'summary'], queryFn: ({ signal }) => fetchDiff(undefined, 0, 1, signal) });
  const counts: Record<DiffKind, number> = { added: summary.data?.Added ?? 0, removed: summary.data?.Removed ?? 0, relabelled: summary.data?.Relabelled ?? 0, moved: summary.data?.Moved ?? 0, replaced: summary.data?.Replaced ?? 0, renumbered: summary.data?.Renumbered ?? 0 };
  const kind = chosen ?? diffKinds.find((one) => counts[one] > 0) ?? 'relabelled';
  const pages = usePages<DiffRow>(['list-diff', source, kind], near, (from, limit, signal) => fetchDiff(kind, from, limit, signal));
  const before = useAtlases(rootA);
  const after = useAtlases(rootB);
  const total = counts[kind] === 0 ? 0 : (pages.total ?? 0);
  useEffect(() => setCursor(0), [kind, source]);
  useEffect(() => {
    const [a, b]: [string[], string[]] = [[], []];
    const take = (from: number, end: number): void => {
      for (let position = from; position < end; ++position) {
        const row = pages.at(position);
        // The picture is the same on both sides unless there is only one.
        if (row?.B) b.push(row.B.Path);
        else if (row?.A) a.push(row.A.Path);
      }
    };
    take(view.first, Math.min(view.end, total));
    take(view.end, Math.min(near.end, total));
    take(near.first, view.first);
    before.want(a);
    after.want(b);
  }, [view.first, view.end, near.first, near.end, total, pages.at, before, after]);
  const onRange = useCallback((inView: Range, around: Range) => {
    setView(inView);
    setNear(around);
  }, []);

  if (summary.isError) return <LoadError what={t('diff.failed')} error={summary.error} onRetry={() => void summary.refetch()} />;
  if (!summary.data) return <Spinner size="large" />;
  const foundOf = (row: DiffRow) => (row.B ? after.of(row.B.Path) : row.A ? before.of(row.A.Path) : undefined);
  const labelsOf = (row: DiffRow): string => {
    if (row.A && row.B && String(row.A.Labels) !== String(row.B.Labels)) return `${names.all(row.A.Labels)} → ${names.all(row.B.Labels)}`;
    return names.all((row.B ?? row.A)?.Labels ?? []);
  };
  const pathOf = (row: DiffRow): string => (row.A && row.B && row.A.Path !== row.B.Path ? `${row.A.Path} → ${row.B.Path}` : ((row.B ?? row.A)?.Path ?? ''));
  const nothing = diffKinds.every((one) => counts[one] === 0);
  return (
    <SpaceBetween size="l">
      {nothing ? (
        <Alert type="info">{t('diff.same')}</Alert>
      ) : (
        <SpaceBetween size="l">
          <FlowMatrix flow={summary.data.Flow} names={names} />
          <SegmentedControl
            label={t('diff.kind')}
            selectedId={kind}
            options={diffKinds.filter((one) => counts[one] > 0 || (one !== 'replaced' && one !== 'renumbered')).map((one) => ({ id: one, text: `${changeSigns[one]} ${t(`lists.count.${one}`, { count: number(counts[one]) })}`, disabled: counts[one] === 0 }))}
            onChange={({ detail }) => setChosen(detail.selectedId as DiffKind)}
          />
          {pages.error && <LoadError what={t('diff.failed')} error={pages.error} onRetry={pages.refetch} />}
          {[before, after].map((atlases, side) => atlases.error !== null && <LoadError key={side} what={t('lists.thumbnailsFailed')} error={atlases.error} onRetry={() => atlases.retry()} />)}
          {total > 0 && (
            <VirtualGrid
              key={kind}
              label={t('diff.gridLabel', { kind: t(`lists.kind.${kind}`) })}
              count={total}
              cellWidth={tile.width}
              rowHeight={tile.height}
              cursor={cursor}
              onCursor={(position) => setCursor(position)}
              cellLabel={(position) => {
                const row = pages.at(position);
                return row ? `${t(`lists.kind.${row.Kind}`)}: ${labelsOf(row)}, ${pathOf(row)}` : t('common.loading');
              }}
              renderCell={(position) => {
                const row = pages.at(position);
                return (
                  <div className="mr-tile">
                    <Picture found={row && foundOf(row)} />
                    {row && (
                      <>
                        <span className={`mr-mark mr-mark-${row.Kind}`} title={t(`lists.kind.${row.Kind}`)}>
                          {changeSigns[row.Kind]}
                        </span>
                        <div className="mr-tile-class" title={labelsOf(row)}>
                          {labelsOf(row)}
                        </div>
                        <div className="mr-tile-path" title={pathOf(row)}>
                          {pathOf(row).replace(/^.*\//, '')}
                        </div>
                      </>
                    )}
                  </div>
                );
              }}
              onRange={onRange}
              onCellClick={(position) => {
                setCursor(position);
                const row = pages.at(position);
                if (row) onRow?.(row);
              }}
              onKey={(event) => {
                const row = pages.at(cursor);
                if (event.key !== 'Enter' || !row || !onRow) return false;
                onRow(row);
                return true;
              }}
            />
          )}
          {kind === 'moved' && <Box variant="small">{t('diff.movedHint')}</Box>}
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}
