import Autosuggest from '@cloudscape-design/components/autosuggest';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue } from 'react';
import { listBuckets, listObjects, parseUri } from '../api/s3';
import { useI18n } from '../i18n/I18n';

interface Properties {
  readonly value: string;
  readonly onChange: (uri: string) => void;
  readonly ariaLabel?: string;
  readonly placeholder?: string;
  /** Only buckets and folders, for places where something will be written. */
  readonly foldersOnly?: boolean;
}

const shown = 200;

/** An s3:// address with the store's own buckets, folders and objects to choose from, level by level. */
export function S3UriField({ value, onChange, ariaLabel, placeholder = 's3://…', foldersOnly = false }: Properties) {
  const { t } = useI18n();
  const typed = useDeferredValue(value);
  const place = /^s3:\/\/[^/]+\//.test(typed) ? parseUri(typed) : null;
  const folder = place ? place.key.slice(0, place.key.lastIndexOf('/') + 1) : '';
  const choices = useQuery({
    queryKey: ['s3-choices', place?.bucket, folder],
    staleTime: 5000,
    queryFn: async ({ signal }) => {
      if (!place) return (await listBuckets(signal)).map((bucket) => ({ value: `s3://${bucket.name}/`, folder: true }));
      const listing = await listObjects(place.bucket, folder, { limit: shown }, signal);
      return [
        ...listing.folders.map((prefix) => ({ value: `s3://${place.bucket}/${prefix}`, folder: true })),
        ...listing.objects.filter((object) => object.key !== folder).map((object) => ({ value: `s3://${place.bucket}/${object.key}`, folder: false })),
      ];
    },
  });
  return (
    <Autosuggest
      value={value}
      placeholder={placeholder}
      {...(ariaLabel === undefined ? {} : { ariaLabel })}
      options={(choices.data ?? []).filter((choice) => choice.folder || !foldersOnly).map((choice) => ({ value: choice.value, iconName: choice.folder ? ('folder' as const) : ('file' as const) }))}
      enteredTextLabel={(text) => t('s3.use', { uri: text })}
      statusType={choices.isPending ? 'loading' : choices.isError ? 'error' : 'finished'}
      errorText={t('s3.loadFailed')}
      empty={t('s3.nothing')}
      onChange={({ detail }) => onChange(detail.value)}
    />
  );
}
