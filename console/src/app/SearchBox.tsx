import Autosuggest, { type AutosuggestProps } from '@cloudscape-design/components/autosuggest';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { searchAll } from '../api/mr';
import { parseUri } from '../api/s3';
import { storePath } from '../base/paths';
import { useI18n } from '../i18n/I18n';
import { groupsOf } from './findings';
import { navigation } from './navigation';
import { useGo } from './useRoute';

/** How many of a kind the list shows. */
const shown = 6;
/** How long typing rests before the daemon is asked. */
const rest = 150;
/** The service takes no longer text. */
const longest = 256;

function useRested(text: string): string {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => setRested(text), rest);
    return () => window.clearTimeout(timer);
  }, [text]);
  return rested;
}

/** Finds pages, jobs, lists, models, endpoints, buckets and objects by name, tag and place, and opens s3:// addresses. */
export function SearchBox({ inputRef }: { inputRef: React.Ref<AutosuggestProps.Ref> }) {
  const { t } = useI18n();
  const go = useGo();
  const [text, setText] = useState('');
  const typed = text.trim();
  const wanted = useRested(typed);
  const asked = wanted !== '' && new TextEncoder().encode(wanted).length <= longest;
  const found = useQuery({
    queryKey: ['search', wanted],
    enabled: asked,
    staleTime: 10_000,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => searchAll(wanted, shown, signal),
  });

  const lower = typed.toLowerCase();
  const address = parseUri(typed);
  const pages = typed === '' ? [] : navigation.flatMap((section) => section.entries).filter((entry) => t(entry.label).toLowerCase().includes(lower));
  const options: AutosuggestProps.OptionGroup[] = [
    ...(address ? [{ label: t('search.open'), options: [{ label: typed, value: storePath(address.bucket, address.key) }] }] : []),
    ...(pages.length === 0 ? [] : [{ label: t('search.pages'), options: pages.map((entry) => ({ label: t(entry.label), value: entry.path })) }]),
    ...(asked && found.data ? groupsOf(found.data) : []).map(({ kind, more, findings }) => ({
      label: more ? t('search.more', { kind: t(kind), count: findings.length }) : t(kind),
      options: findings.map(({ label, path, description, tag }) => ({
        label,
        value: path,
        ...(description === undefined ? {} : { description }),
        ...(tag === undefined ? {} : { labelTag: tag }),
      })),
    })),
  ];

  return (
    <Autosuggest
      ref={inputRef}
      value={text}
      options={options}
      filteringType="manual"
      hideEnteredTextOption
      placeholder={t('search.placeholder')}
      ariaLabel={t('search.label')}
      statusType={typed !== '' && (wanted !== typed || found.isFetching) ? 'loading' : found.isError ? 'error' : 'finished'}
      loadingText={t('common.loading')}
      errorText={t('search.failed')}
      recoveryText={t('common.retry')}
      onLoadItems={({ detail }) => {
        if (detail.samePage) void found.refetch();
      }}
      empty={typed === '' ? t('search.type') : t('search.nothing')}
      onChange={({ detail }) => setText(detail.value)}
      onSelect={({ detail }) => {
        setText('');
        go(detail.value);
      }}
    />
  );
}
