import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { logDownload, logPage, type LogPage } from '../api/mr';
import { useI18n } from '../i18n/I18n';
import { useLive, usePolling } from '../live/useLive';
import { LoadError } from './ErrorText';
import { LineScroller, type LineScrollerHandle } from './LineScroller';
import { LogLine } from './LogLine';
import { useLogSearch } from './useLogSearch';

const lineHeight = 18;
const pageSize = 500;
const firstStream = '';

type Line = LogPage['Lines'][number];

interface Properties {
  readonly job: string;
  /** More lines may come. */
  readonly live: boolean;
}

/** A log of any length: only what is seen is fetched and drawn; lines are known by their number. */
export function LogView({ job, live }: Properties) {
  const { t, tn, number, percent, dateTime } = useI18n();
  const [stream, setStream] = useState(firstStream);
  const [follow, setFollow] = useState(live);
  const [times, setTimes] = useState(false);
  const [text, setText] = useState('');
  const [wanted, setWanted] = useState('');
  const [match, setMatch] = useState(0);
  const scroller = useRef<LineScrollerHandle>(null);
  const leave = useCallback(() => setFollow(false), []);
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

  const [range, setRange] = useState({ first: 0, end: 0 });
  const firstPage = Math.floor(range.first / pageSize);
  const lastPage = Math.floor(Math.max(range.first, range.end - 1) / pageSize);
  const wantedPages = total === 0 ? [] : Array.from({ length: lastPage - firstPage + 1 }, (_, i) => firstPage + i);
  const pages = useQueries({
    queries: wantedPages.map((page) => {
      const full = (page + 1) * pageSize <= total;
      return {
        // A page that is not full yet is asked for anew when lines are added.
        queryKey: ['log-page', job, stream, page, full ? 'full' : total],
        staleTime: Infinity,
        gcTime: 60_000,
        queryFn: ({ signal }: { signal: AbortSignal }) => logPage(job, page * pageSize, pageSize, chosen, signal),
      };
    }),
  });
  // A line never changes: those on the screen stay there while their page, which has grown, is fetched anew.
  const kept = useRef<{ stream: string; lines: ReadonlyMap<number, Line> }>({ stream, lines: new Map() });
  const lines = useMemo(() => {
    const known = new Map<number, Line>();
    for (let n = range.first; n < range.end && kept.current.stream === stream; ++n) {
      const line = kept.current.lines.get(n);
      if (line) known.set(n, line);
    }
    for (const page of pages) page.data?.Lines.forEach((line) => known.set(line.n, line));
    kept.current = { stream, lines: known };
    return known;
  }, [pages, range, stream]);

  const { matches, busy, error: searchError, next: searched, retry } = useLogSearch(job, chosen, wanted, total, match);
  const goTo = (index: number): void => {
    if (matches.length === 0) return;
    const next = (index + matches.length) % matches.length;
    setMatch(next);
    setFollow(false);
    scroller.current?.reveal(matches[next] ?? 0);
  };
  const firstMatch = matches[0];
  useEffect(() => {
    setMatch(0);
    if (wanted !== '' && firstMatch !== undefined) {
      setFollow(false);
      scroller.current?.reveal(firstMatch);
    }
  }, [wanted, stream, firstMatch]);

  if (head.isError) return <LoadError what={t('log.loadFailed')} error={head.error} onRetry={() => void refetch()} />;
  const streams = head.data?.Streams ?? [];
  const current = wanted === '' ? undefined : matches[match];
  const whole = searched >= total;
  const told =
    wanted === ''
      ? ''
      : matches.length > 0
        ? t('log.match', { index: number(match + 1), count: number(matches.length) + (whole ? '' : '+') })
        : busy
          ? t('log.searching', { share: percent(searched / Math.max(1, total)) })
          : t('log.noMatch');

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
            <span aria-live="polite">{told}</span>
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
      {searchError !== null && <LoadError what={t('log.searchFailed')} error={searchError} onRetry={retry} />}
      {total === 0 && !head.isPending ? (
        <Alert type="info">{live ? t('log.noneYet') : t('log.none')}</Alert>
      ) : (
        <LineScroller
          handle={scroller}
          label={t('log.label', { name: job })}
          count={total}
          lineHeight={lineHeight}
          follow={follow}
          onLeave={leave}
          onRange={(first, end) => setRange({ first, end })}
          renderLine={(index) => {
            const line = lines.get(index);
            return (
              <div key={index} className={index === current ? 'mr-log-line mr-log-current' : 'mr-log-line'}>
                <span className="mr-log-number">{index + 1}</span>
                {times && line && <span className="mr-log-time">{dateTime(line.t / 1000)}</span>}
                {line ? <LogLine text={line.m} wanted={wanted} /> : '…'}
              </div>
            );
          }}
        />
      )}
    </SpaceBetween>
  );
}
