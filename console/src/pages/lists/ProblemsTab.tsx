import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useInfiniteQuery } from '@tanstack/react-query';
import { listProblems, type ImageList, type ListProblem, type ListState } from '../../api/lists';
import { LoadError } from '../../components/ErrorText';
import { useI18n } from '../../i18n/I18n';

const pageSize = 200;

/** Everything that a training job would stumble over, by line. */
export function ProblemsTab({ list, state, onLine }: { list: ImageList; state: ListState; onLine: (line: number) => void }) {
  const { t, number } = useI18n();
  const pages = useInfiniteQuery({
    queryKey: ['list-problems', list.Id, state.version, state.draft],
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) => listProblems(state, pageParam, pageSize, signal),
    getNextPageParam: (page, all) => {
      const loaded = all.reduce((sum, one) => sum + one.Problems.length, 0);
      return page.Problems.length > 0 && loaded < page.Total ? loaded : undefined;
    },
  });
  const items = (pages.data?.pages ?? []).flatMap((page) => page.Problems).map((problem, index) => ({ ...problem, index }));
  return (
    <Table<ListProblem & { index: number }>
      items={items}
      trackBy={(one) => String(one.index)}
      wrapLines
      contentDensity="compact"
      loading={pages.isPending}
      loadingText={t('common.loading')}
      ariaLabels={{ tableLabel: t('lists.problems') }}
      header={
        <Header variant="h2" counter={pages.data ? `(${number(pages.data.pages[0]?.Total ?? 0)})` : undefined} description={t('lists.problemsHint')}>
          {t('lists.problems')}
        </Header>
      }
      columnDefinitions={[
        {
          id: 'line',
          header: t('lists.line'),
          cell: (one) =>
            one.Line === 0 ? (
              '–'
            ) : (
              <Link
                href="#"
                ariaLabel={t('lists.showLine', { line: number(one.Line) })}
                onFollow={(event) => {
                  event.preventDefault();
                  onLine(one.Line);
                }}
              >
                {number(one.Line)}
              </Link>
            ),
        },
        { id: 'rule', header: t('lists.rule'), cell: (one) => <code>{one.Rule}</code> },
        { id: 'message', header: t('lists.problem'), cell: (one) => <span className="mr-wrap">{one.Message}</span>, isRowHeader: true },
      ]}
      footer={
        pages.hasNextPage && (
          <div className="mr-more">
            <Button loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
              {t('table.more')}
            </Button>
          </div>
        )
      }
      empty={pages.isError ? <LoadError what={t('lists.problemsFailed')} error={pages.error} onRetry={() => void pages.refetch()} /> : <StatusIndicator>{t('lists.noProblems')}</StatusIndicator>}
    />
  );
}
