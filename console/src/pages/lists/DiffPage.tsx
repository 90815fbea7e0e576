import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Select, { type SelectProps } from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { atlasPath, diffLists, listHistory, listLists, type ListEntry, type ListState } from '../../api/lists';
import { Page } from '../../app/Page';
import { useAddress } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { LoadError } from '../../components/ErrorText';
import { useI18n } from '../../i18n/I18n';
import { classNames } from './classNames';
import { DiffView } from './DiffView';
import { parseReference, type Reference } from './reference';
import { useList } from './useList';

interface SideProperties {
  readonly label: string;
  readonly lists: readonly ListEntry[];
  readonly value: Reference | null;
  readonly onChange: (value: string) => void;
}

/** A list and one of its versions. */
function Side({ label, lists, value, onChange }: SideProperties) {
  const { t } = useI18n();
  const history = useQuery({ queryKey: ['list-history', value?.id], enabled: value !== null, queryFn: ({ signal }) => listHistory(value?.id ?? '', signal) });
  const list = lists.find((one) => one.Id === value?.id);
  const listOptions: SelectProps.Option[] = lists.map((one) => ({ value: one.Id, label: one.Source }));
  const versions: SelectProps.Option[] = [
    ...(list?.Draft ? [{ value: 'draft', label: t('lists.draft') }] : []),
    ...(history.data ?? []).map((one) => ({ value: String(one.Version), label: `v${one.Version}`, description: [one.Who, one.Message].filter((part) => part !== '').join(': ') })),
  ];
  return (
    <div className="mr-diff-side">
      <FormField label={label} stretch>
        <Select
          options={listOptions}
          selectedOption={listOptions.find((one) => one.value === value?.id) ?? (value ? { value: value.id, label: value.id } : null)}
          placeholder={t('diff.chooseList')}
          filteringType="auto"
          onChange={({ detail }) => {
            const chosen = lists.find((one) => one.Id === detail.selectedOption.value);
            if (chosen) onChange(`${chosen.Id}@${chosen.Version}`);
          }}
        />
      </FormField>
      <FormField label={t('lists.version')} stretch>
        <Select
          options={versions}
          disabled={value === null}
          statusType={history.isLoading ? 'loading' : 'finished'}
          selectedOption={versions.find((one) => one.value === value?.version) ?? (value ? { value: value.version, label: value.version === 'draft' ? t('lists.draft') : `v${value.version}` } : null)}
          onChange={({ detail }) => value && onChange(`${value.id}@${detail.selectedOption.value ?? ''}`)}
        />
      </FormField>
    </div>
  );
}

/** Two lists, or two states of one. */
export function DiffPage() {
  const { t, measure } = useI18n();
  const [search, change] = useAddress();
  const a = parseReference(search['a']);
  const b = parseReference(search['b']);
  const lists = useQuery({ queryKey: ['lists'], queryFn: ({ signal }) => listLists(signal) });
  return (
    <Page title={t('diff.title')} crumbs={[{ text: t('nav.lists'), path: paths.lists }, { text: t('diff.title') }]} help={<p>{t('diff.help')}</p>}>
      <SpaceBetween size="l">
        {lists.isError && <LoadError what={t('lists.loadFailed')} error={lists.error} onRetry={() => void lists.refetch()} />}
        <div className="mr-diff-sides">
          <Side label={t('diff.before')} lists={lists.data ?? []} value={a} onChange={(value) => change({ a: value })} />
          <Button disabled={!a || !b} onClick={() => change({ a: search['b'], b: search['a'] })}>
            {t('diff.swap')}
          </Button>
          <Side label={t('diff.after')} lists={lists.data ?? []} value={b} onChange={(value) => change({ b: value })} />
        </div>
        {a && b && <Compared key={`${search['a'] ?? ''} ${search['b'] ?? ''}`} a={a} b={b} measure={measure} />}
      </SpaceBetween>
    </Page>
  );
}

function Compared({ a, b, measure }: { a: Reference; b: Reference; measure: (value: number) => string }) {
  const first = useList(a.id, undefined);
  const second = useList(b.id, undefined);
  const names = useMemo(() => classNames([...(first.data?.Classes ?? []), ...(second.data?.Classes ?? [])], measure), [first.data, second.data, measure]);
  const stateOf = (side: Reference, base: number | undefined): ListState => ({ id: side.id, version: side.version === 'draft' ? (base ?? 1) : Number(side.version), draft: side.version === 'draft' });
  const texts = [a, b].map((side) => `${side.id}@${side.version}`);
  const [textA = '', textB = ''] = texts;
  return (
    <DiffView
      source={`${textA} ${textB}`}
      fetchDiff={(kind, from, limit, signal) => diffLists(textA, textB, kind, from, limit, signal)}
      atlasA={(rows, size) => atlasPath(stateOf(a, first.data?.Draft?.Base), rows, size)}
      atlasB={(rows, size) => atlasPath(stateOf(b, second.data?.Draft?.Base), rows, size)}
      names={names}
    />
  );
}
