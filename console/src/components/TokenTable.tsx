import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useAddress } from '../app/useRoute';
import { useI18n } from '../i18n/I18n';
import { LoadError } from './ErrorText';
import { useTyped } from './useTyped';

export interface TokenPage<T> {
  readonly items: readonly T[];
  readonly next?: string | undefined;
}

interface Properties<T> {
  readonly title: string;
  readonly queryKey: string;
  readonly trackBy: keyof T & string;
  readonly columns: readonly TableProps.ColumnDefinition<T>[];
  readonly fetchPage: (filter: string, token: string | undefined, signal: AbortSignal) => Promise<TokenPage<T>>;
  readonly actions: ReactNode;
  readonly empty: ReactNode;
  readonly filterLabel: string;
  readonly polling?: number | false;
}

/** A table of what an operation lists page by page, filtered by name where it is kept. */
export function TokenTable<T>({ title, queryKey, trackBy, columns, fetchPage, actions, empty, filterLabel, polling = false }: Properties<T>) {
  const { t, number } = useI18n();
  const [search, change] = useAddress();
  const wanted = search['name'] ?? '';
  const [filter, setFilter] = useTyped(wanted, (name) => change({ name }));
  const pages = useInfiniteQuery({
    queryKey: [queryKey, wanted],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => fetchPage(wanted, pageParam, signal),
    getNextPageParam: (page) => page.next,
    placeholderData: (previous) => previous,
    refetchInterval: polling,
  });
  const items = pages.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Table
      variant="full-page"
      stickyHeader
      trackBy={trackBy}
      items={items}
      columnDefinitions={columns}
      loading={pages.isPending}
      loadingText={t('common.loading')}
      enableKeyboardNavigation
      ariaLabels={{ tableLabel: title }}
      header={
        <Header variant="awsui-h1-sticky" counter={pages.data ? `(${number(items.length)}${pages.hasNextPage ? '+' : ''})` : undefined} actions={actions}>
          {title}
        </Header>
      }
      filter={<TextFilter filteringText={filter} filteringPlaceholder={filterLabel} filteringAriaLabel={filterLabel} onChange={({ detail }) => setFilter(detail.filteringText)} />}
      footer={
        pages.hasNextPage && (
          <div className="mr-more">
            <Button loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
              {t('table.more')}
            </Button>
          </div>
        )
      }
      empty={pages.isError ? <LoadError what={title} error={pages.error} onRetry={() => void pages.refetch()} /> : wanted === '' ? empty : t('table.noMatch')}
    />
  );
}
