import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { logPage } from '../../api/mr';
import { LogLine } from '../../components/LogLine';
import { useI18n } from '../../i18n/I18n';
import { meaningOfExit, meaningOfKind, parseFailure } from './failure';

/** How many of the last lines a failure shows. */
const tail = 30;

/** So many hosts' logs are shown; the others are in the log's own tab. */
const hostsShown = 4;

function Tail({ job, stream, host }: { job: string; stream: string | undefined; host: string | undefined }) {
  const { t } = useI18n();
  const log = useQuery({
    queryKey: ['log-tail', job, stream],
    queryFn: ({ signal }) => logPage(job, -tail, tail, stream, signal),
  });
  const lines = log.data?.Lines ?? [];
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    box.current?.scrollTo(0, box.current.scrollHeight);
  }, [lines.length]);
  const label = host === undefined ? t('failure.lastLines') : t('failure.lastLinesOf', { host });
  if (lines.length === 0) return null;
  return (
    <div>
      <Box variant="awsui-key-label">{label}</Box>
      <pre ref={box} className="mr-pre mr-log" style={{ blockSize: 'auto', maxBlockSize: 300 }} tabIndex={0} role="region" aria-label={label}>
        {lines.map((line) => (
          <div key={line.n}>
            <LogLine text={line.m} wanted="" />
          </div>
        ))}
      </pre>
    </div>
  );
}

/** Why a job failed: in a sentence, in the service's own words, and in the last lines of each host's log. */
export function FailureBanner({ job, reason }: { job: string; reason: string }) {
  const { t } = useI18n();
  const failure = parseFailure(reason);
  const kind = meaningOfKind(failure.kind);
  const log = useQuery({
    queryKey: ['log-streams', job],
    queryFn: ({ signal }) => logPage(job, 0, 1, undefined, signal),
  });
  const streams = log.data?.Streams ?? [];
  return (
    <Alert type="error" header={t('failure.title')} data-testid="failure">
      <SpaceBetween size="s">
        {kind !== undefined && <div>{t(kind)}</div>}
        <div className="mr-wrap">
          <strong>{failure.kind === '' ? '' : `${failure.kind}: `}</strong>
          {failure.text}
        </div>
        {failure.exitCode !== undefined && <div>{t('failure.exit', { code: failure.exitCode, meaning: t(meaningOfExit(failure.exitCode)) })}</div>}
        {streams.slice(0, hostsShown).map((stream) => (
          <Tail key={stream.Name} job={job} stream={stream.Name} host={streams.length > 1 ? stream.Host : undefined} />
        ))}
        {streams.length > hostsShown && <div>{t('failure.moreHosts', { count: streams.length - hostsShown })}</div>}
      </SpaceBetween>
    </Alert>
  );
}
