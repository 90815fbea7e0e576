import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue } from 'react';
import { listObjects, parseUri } from '../api/s3';
import { useI18n } from '../i18n/I18n';

/** Counted at most, a page of a listing: beyond it there are just "more". */
const limit = 1000;

/** How much lies under an s3:// address, counted in the store. */
export function PrefixSize({ uri }: { uri: string }) {
  const { tn, t, bytes, number } = useI18n();
  const place = parseUri(useDeferredValue(uri));
  const size = useQuery({
    queryKey: ['prefix-size', place?.bucket, place?.key],
    enabled: place !== null,
    retry: false,
    staleTime: 5000,
    queryFn: ({ signal }) => listObjects(place?.bucket ?? '', place?.key ?? '', { delimiter: '', limit }, signal),
  });
  if (!place) return null;
  if (size.isPending) return <StatusIndicator type="loading">{t('common.loading')}</StatusIndicator>;
  if (size.isError) return <StatusIndicator type="error">{size.error.message}</StatusIndicator>;
  const { objects, next } = size.data;
  const total = objects.reduce((sum, object) => sum + object.size, 0);
  return (
    <StatusIndicator type={objects.length === 0 ? 'warning' : 'success'}>
      {next === undefined ? `${tn('s3.objects', objects.length)}, ${bytes(total)}` : t('s3.moreObjects', { count: number(limit) })}
    </StatusIndicator>
  );
}
