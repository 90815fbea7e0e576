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

/** Why a job failed: in a sentence, in the service's own words, and in the last lines of its log. */
export function FailureBanner({ job, reason }: { job: string; reason: string }) {
  const { t } = useI18n();
  const failure = parseFailure(reason);
  const kind = meaningOfKind(failure.kind);
  const log = useQuery({
    queryKey: ['log-tail', job],
    queryFn: ({ signal }) => logPage(job, -tail, tail, undefined, signal),
  });
  const lines = log.data?.Lines ?? [];
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    box.current?.scrollTo(0, box.current.scrollHeight);
  }, [lines.length]);
  return (
    <Alert type="error" header={t('failure.title')} data-testid="failure">
      <SpaceBetween size="s">
        {kind !== undefined && <div>{t(kind)}</div>}
        <div className="mr-wrap">
          <strong>{failure.kind === '' ? '' : `${failure.kind}: `}</strong>
          {failure.text}
        </div>
        {failure.exitCode !== undefined && <div>{t('failure.exit', { code: failure.exitCode, meaning: t(meaningOfExit(failure.exitCode)) })}</div>}
        {lines.length > 0 && (
          <div>
            <Box variant="awsui-key-label">{t('failure.lastLines')}</Box>
            <pre ref={box} className="mr-pre mr-log" style={{ blockSize: 'auto', maxBlockSize: 300 }} tabIndex={0} role="region" aria-label={t('failure.lastLines')}>
              {lines.map((line) => (
                <div key={line.n}>
                  <LogLine text={line.m} wanted="" />
                </div>
              ))}
            </pre>
          </div>
        )}
      </SpaceBetween>
    </Alert>
  );
}
