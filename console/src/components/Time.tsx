import { duration } from '../base/format';
import { useI18n } from '../i18n/I18n';
import { useNow } from './useNow';

/** "3 minutes ago", with the date and time under the pointer. */
export function RelativeTime({ seconds }: { seconds: number | undefined }) {
  const { relative, dateTime } = useI18n();
  const now = useNow(10_000);
  if (seconds === undefined) return <>–</>;
  return (
    <time dateTime={new Date(seconds * 1000).toISOString()} title={dateTime(seconds)}>
      {relative(seconds, Math.max(now, seconds))}
    </time>
  );
}

/** Runs on while there is no end. */
export function Elapsed({ from, to }: { from: number | undefined; to?: number | undefined }) {
  const now = useNow(1000, from !== undefined && to === undefined);
  return <span className="mr-number">{from === undefined ? '–' : duration((to ?? now) - from)}</span>;
}
