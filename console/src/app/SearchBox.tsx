import Autosuggest, { type AutosuggestProps } from '@cloudscape-design/components/autosuggest';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { call } from '../api/aws';
import { listJobs } from '../api/mr';
import { listBuckets, parseUri } from '../api/s3';
import { paths, storePath } from '../base/paths';
import { useI18n } from '../i18n/I18n';
import { navigation } from './navigation';
import { useGo } from './useRoute';

/** How many of a kind the list shows. */
const shown = 6;

/** Finds pages, jobs, models, endpoints and buckets by name, and opens s3:// addresses. */
export function SearchBox({ inputRef }: { inputRef: React.Ref<AutosuggestProps.Ref> }) {
  const { t } = useI18n();
  const go = useGo();
  const [text, setText] = useState('');
  const wanted = useDeferredValue(text.trim());
  const address = parseUri(wanted);
  const found = useQuery({
    queryKey: ['search', wanted],
    enabled: wanted !== '' && address === null,
    staleTime: 10_000,
    queryFn: async ({ signal }) => {
      const [jobs, models, endpoints, buckets] = await Promise.allSettled([
        listJobs({ name: wanted, limit: shown }, signal),
        call('sagemaker', 'ListModels', { NameContains: wanted, MaxResults: shown }, signal),
        call('sagemaker', 'ListEndpoints', { NameContains: wanted, MaxResults: shown }, signal),
        listBuckets(signal),
      ]);
      // What the user's policy forbids is simply not found.
      return {
        jobs: jobs.status === 'fulfilled' ? jobs.value.Jobs.map((job) => job.Name) : [],
        models: models.status === 'fulfilled' ? models.value.Models.map((model) => model.ModelName) : [],
        endpoints: endpoints.status === 'fulfilled' ? endpoints.value.Endpoints.map((endpoint) => endpoint.EndpointName) : [],
        buckets: buckets.status === 'fulfilled' ? buckets.value.map((bucket) => bucket.name).filter((name) => name.includes(wanted)).slice(0, shown) : [],
      };
    },
  });

  const lower = wanted.toLowerCase();
  const pages = navigation.flatMap((section) => section.entries).filter((entry) => t(entry.label).toLowerCase().includes(lower));
  const group = (label: string, options: readonly { label: string; value: string }[]): AutosuggestProps.OptionGroup[] =>
    options.length === 0 ? [] : [{ label, options }];
  const options: AutosuggestProps.Options = address
    ? group(t('nav.buckets'), [{ label: wanted, value: storePath(address.bucket, address.key) }])
    : [
        ...group(t('search.pages'), pages.map((entry) => ({ label: t(entry.label), value: entry.path }))),
        ...group(t('nav.trainingJobs'), (found.data?.jobs ?? []).map((name) => ({ label: name, value: paths.job(name) }))),
        ...group(t('nav.models'), (found.data?.models ?? []).map((name) => ({ label: name, value: paths.model(name) }))),
        ...group(t('nav.endpoints'), (found.data?.endpoints ?? []).map((name) => ({ label: name, value: paths.endpoint(name) }))),
        ...group(t('nav.buckets'), (found.data?.buckets ?? []).map((name) => ({ label: name, value: paths.bucket(name) }))),
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
      statusType={found.isFetching ? 'loading' : 'finished'}
      empty={t('search.nothing')}
      onChange={({ detail }) => setText(detail.value)}
      onSelect={({ detail }) => {
        setText('');
        go(detail.value);
      }}
    />
  );
}
