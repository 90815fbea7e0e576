import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { logDownload, logPage, searchLog } from '../api/mr';
import { useI18n } from '../i18n/I18n';
import { useLive, usePolling } from '../live/useLive';
import { LoadError } from './ErrorText';
import { LogLine } from './LogLine';

const lineHeight = 18;
const pageSize = 500;
const firstStream = '';

interface Properties {
  readonly job: string;
  /** More lines may come. */
  readonly live: boolean;
}

/** A log of any length: only what is seen is fetched and drawn; lines are known by their number. */
export function LogView({ job, live }: Properties) {
  const { t, tn, number, dateTime } = useI18n();
  const [stream, setStream] = useState(firstStream);
  const [follow, setFollow] = useState(live);
  const [times, setTimes] = useState(false);
  const [text, setText] = useState('');
  const [wanted, setWanted] = useState('');
  const [match, setMatch] = useState(0);
  const viewport = useRef<HTMLDivElement>(null);
  const polling = usePolling();
  const chosen = stream === firstStream ? undefined : stream;

  const head = useQuery({
    queryKey: ['log-head', job, stream],
    queryFn: ({ signal }) => logPage(job, 0, 1, chosen, signal),
    refetchInterval: live ? polling : false,
  });
  const total = head.data?.Total ?? 0;
  const { refetch } = head;
  const waiting = useRef<number | undefined>(undefined);
  useLive(live ? [`log:${job}`] : [], (event) => {
    if (event.kind !== 'log' || waiting.current !== undefined) return;
    waiting.current = window.setTimeout(() => {
      waiting.current = undefined;
      void refetch();
    }, 250);
  });
  useEffect(() => {
    if (!live) void refetch();
  }, [live, refetch]);

  const rows = useVirtualizer({ count: total, getScrollElement: () => viewport.current, estimateSize: () => lineHeight, overscan: 30 });
  const items = rows.getVirtualItems();
  const firstPage = Math.floor((items[0]?.index ?? 0) / pageSize);
  const lastPage = Math.floor((items[items.length - 1]?.index ?? 0) / pageSize);
  const wantedPages = total === 0 ? [] : Array.from({ length: lastPage - firstPage + 1 }, (_, i) => firstPage + i);
  const pages = useQueries({
    queries: wantedPages.map((page) => {
      const full = (page + 1) * pageSize <= total;
      return {
        // A page that is not full yet is asked for anew when lines are added.
        queryKey: ['log-page', job, stream, page, full ? 'full' : total],
        staleTime: Infinity,
        gcTime: 60_000,
        placeholderData: (previous: Awaited<ReturnType<typeof logPage>> | undefined) => previous,
        queryFn: ({ signal }: { signal: AbortSignal }) => logPage(job, page * pageSize, pageSize, chosen, signal),
      };
    }),
  });
  const lines = useMemo(() => {
    const known = new Map<number, { t: number; m: string }>();
    for (const page of pages) page.data?.Lines.forEach((line) => known.set(line.n, line));
    return known;
  }, [pages]);

  useEffect(() => {
    if (follow && total > 0) rows.scrollToIndex(total - 1, { align: 'end' });
  }, [follow, total, rows]);

  const search = useInfiniteQuery({
    queryKey: ['log-search', job, stream, wanted, wanted === '' ? 0 : total],
    enabled: wanted !== '',
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) => searchLog(job, wanted, pageParam, chosen, signal),
    getNextPageParam: (page) => page.Next,
    placeholderData: (previous) => previous,
  });
  const matches = useMemo(() => search.data?.pages.flatMap((page) => page.Matches) ?? [], [search.data]);
  const goTo = (index: number): void => {
    if (matches.length === 0) return;
    const next = (index + matches.length) % matches.length;
    setMatch(next);
    setFollow(false);
    rows.scrollToIndex(matches[next] ?? 0, { align: 'center' });
    if (next > matches.length - 20 && search.hasNextPage) void search.fetchNextPage();
  };
  const firstMatch = matches[0];
  useEffect(() => {
    setMatch(0);
    if (wanted !== '' && firstMatch !== undefined) {
      setFollow(false);
      rows.scrollToIndex(firstMatch, { align: 'center' });
    }
  }, [wanted, firstMatch, rows]);

  if (head.isError) return <LoadError what={t('log.loadFailed')} error={head.error} onRetry={() => void refetch()} />;
  const streams = head.data?.Streams ?? [];
  const current = matches[match];

  return (
    <SpaceBetween size="s">
      <div className="mr-log-bar">
        <form
          className="mr-log-search"
          role="search"
          onSubmit={(event) => {
            event.preventDefault();
            if (text === wanted) goTo(match + 1);
            else setWanted(text);
          }}
        >
          <Input
            type="search"
            value={text}
            placeholder={t('log.search')}
            ariaLabel={t('log.search')}
            onChange={({ detail }) => {
              setText(detail.value);
              if (detail.value === '') setWanted('');
            }}
          />
          <Button iconName="angle-up" variant="icon" ariaLabel={t('log.previous')} disabled={matches.length === 0} formAction="none" onClick={() => goTo(match - 1)} />
          <Button iconName="angle-down" variant="icon" ariaLabel={t('log.next')} disabled={matches.length === 0} formAction="none" onClick={() => goTo(match + 1)} />
          <Box variant="small">
            <span aria-live="polite">
              {wanted !== '' &&
                (matches.length === 0
                  ? search.isFetching
                    ? t('common.loading')
                    : t('log.noMatch')
                  : t('log.match', { index: number(match + 1), count: number(matches.length) + (search.hasNextPage ? '+' : '') }))}
            </span>
          </Box>
        </form>
        {streams.length > 1 && (
          <Select
            ariaLabel={t('log.stream')}
            selectedOption={{ value: stream, label: streams.find((one) => one.Name === stream)?.Host ?? streams[0]?.Host ?? '' }}
            options={streams.map((one) => ({ value: one.Name, label: one.Host }))}
            onChange={({ detail }) => setStream(detail.selectedOption.value ?? firstStream)}
          />
        )}
        <Toggle checked={follow} onChange={({ detail }) => setFollow(detail.checked)}>
          {t('log.follow')}
        </Toggle>
        <Toggle checked={times} onChange={({ detail }) => setTimes(detail.checked)}>
          {t('log.times')}
        </Toggle>
        <Button iconName="download" href={logDownload(job, chosen)} download>
          {t('common.download')}
        </Button>
        <Box variant="small">{tn('log.lines', total)}</Box>
      </div>
      {total === 0 && !head.isPending ? (
        <Alert type="info">{live ? t('log.noneYet') : t('log.none')}</Alert>
      ) : (
        <div
          ref={viewport}
          className="mr-log"
          tabIndex={0}
          role="log"
          aria-label={t('log.label', { name: job })}
          aria-live="off"
          onWheel={(event) => {
            if (event.deltaY < 0) setFollow(false);
          }}
          onKeyDown={(event) => {
            if (/^(ArrowUp|PageUp|Home)$/.test(event.key)) setFollow(false);
          }}
        >
          <div style={{ blockSize: rows.getTotalSize(), position: 'relative' }}>
            {items.map((item) => {
              const line = lines.get(item.index);
              return (
                <div key={item.key} className={item.index === current ? 'mr-log-line mr-log-current' : 'mr-log-line'} style={{ transform: `translateY(${item.start}px)` }}>
                  <span className="mr-log-number">{item.index + 1}</span>
                  {times && line && <span className="mr-log-time">{dateTime(line.t / 1000)}</span>}
                  {line ? <LogLine text={line.m} wanted={wanted} /> : '…'}
                </div>
              );
            })}
          </div>
        </div>
      )}
    </SpaceBetween>
  );
}
