import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Select, { type SelectProps } from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQuery } from '@tanstack/react-query';
import Spinner from '@cloudscape-design/components/spinner';
import { diffDraft, diffLists, listHistory, listLists, type ListEntry } from '../../api/lists';
import { imagesOf } from '../../api/listImages';
import { Page } from '../../app/Page';
import { useAddress } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { LoadError } from '../../components/ErrorText';
import { useI18n } from '../../i18n/I18n';
import { DiffView } from './DiffView';
import { parseReference, type Reference } from './reference';
import { useClasses } from './useClasses';
import { draftOf, useList } from './useList';

interface SideProperties {
  readonly label: string;
  readonly lists: readonly ListEntry[];
  readonly value: Reference | null;
  /** Only what a draft comes after can be compared with it. */
  readonly drafts?: boolean;
  readonly onChange: (value: string) => void;
}

/** A list and one of its versions. */
function Side({ label, lists, value, drafts = false, onChange }: SideProperties) {
  const { t } = useI18n();
  const history = useQuery({ queryKey: ['list-history', value?.id], enabled: value !== null, queryFn: ({ signal }) => listHistory(value?.id ?? '', signal) });
  const list = useList(value?.id ?? '', undefined, value !== null && drafts);
  const listOptions: SelectProps.Option[] = lists.map((one) => ({ value: one.Id, label: one.Source }));
  const versions: SelectProps.Option[] = [
    ...(drafts && list.data && draftOf(list.data) ? [{ value: 'draft', label: t('lists.draft') }] : []),
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
  const { t } = useI18n();
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
          <Side label={t('diff.after')} lists={lists.data ?? []} value={b} drafts onChange={(value) => change({ b: value })} />
        </div>
        {a && b && <Compared key={`${search['a'] ?? ''} ${search['b'] ?? ''}`} a={a} b={b} />}
      </SpaceBetween>
    </Page>
  );
}

function Compared({ a, b }: { a: Reference; b: Reference }) {
  const { t } = useI18n();
  const first = useList(a.id);
  const second = useList(b.id);
  const { names } = useClasses(second.data);
  const failed = first.error ?? second.error;
  if (!first.data || !second.data) return failed ? <LoadError what={t('lists.listFailed')} error={failed} /> : <Spinner size="large" />;
  const draft = b.version === 'draft' ? draftOf(second.data) : undefined;
  // A draft is compared with the version that it changes, whatever stands at the other side.
  const before = draft ? `${b.id}@${draft.Base}` : `${a.id}@${a.version}`;
  const after = `${b.id}@${b.version === 'draft' ? second.data.Version : b.version}`;
  return (
    <DiffView
      source={draft ? `draft ${draft.Id} ${draft.Edits}` : `${before} ${after}`}
      fetchDiff={(kind, from, limit, signal) => (draft ? diffDraft(draft.Id, kind, from, limit, signal) : diffLists(before, after, kind, from, limit, signal))}
      rootA={imagesOf(first.data.Id, first.data.Source)}
      rootB={imagesOf(second.data.Id, second.data.Source)}
      names={names}
    />
  );
}
