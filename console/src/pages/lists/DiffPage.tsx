import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Select, { type SelectProps } from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { diffDraft, diffLists, listHistory, listLists, type ImageList, type ListEntry } from '../../api/lists';
import { imagesOf } from '../../api/listImages';
import { Page } from '../../app/Page';
import { useAddress } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { LoadError } from '../../components/ErrorText';
import { useI18n } from '../../i18n/I18n';
import { DiffView } from './DiffView';
import { inverted, invertedKind } from './inverted';
import { parseReference, type Reference } from './reference';
import { useClasses } from './useClasses';
import { draftOf, useList } from './useList';

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
  const list = useList(value?.id ?? '', undefined, value !== null);
  const listOptions: SelectProps.Option[] = lists.map((one) => ({ value: one.Id, label: one.Source }));
  const versions: SelectProps.Option[] = [
    ...(list.data && draftOf(list.data) ? [{ value: 'draft', label: t('lists.draft') }] : []),
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
  const choose = (side: 'a' | 'b', value: string): void => {
    const [other, reference] = side === 'a' ? (['b', b] as const) : (['a', a] as const);
    const list = lists.data?.find((one) => one.Id === reference?.id);
    // A draft is compared with what it changes and nothing else: another choice here leaves it.
    change({ [side]: value, ...(reference?.version === 'draft' && list ? { [other]: `${list.Id}@${list.Version}` } : {}) });
  };
  return (
    <Page title={t('diff.title')} crumbs={[{ text: t('nav.lists'), path: paths.lists }, { text: t('diff.title') }]} help={<p>{t('diff.help')}</p>}>
      <SpaceBetween size="l">
        {lists.isError && <LoadError what={t('lists.loadFailed')} error={lists.error} onRetry={() => void lists.refetch()} />}
        <div className="mr-diff-sides">
          <Side label={t('diff.before')} lists={lists.data ?? []} value={a} onChange={(value) => choose('a', value)} />
          <Button disabled={!a || !b} onClick={() => change({ a: search['b'], b: search['a'] })}>
            {t('diff.swap')}
          </Button>
          <Side label={t('diff.after')} lists={lists.data ?? []} value={b} onChange={(value) => choose('b', value)} />
        </div>
        {a && b && <Compared key={`${search['a'] ?? ''} ${search['b'] ?? ''}`} a={a} b={b} onMeant={change} />}
      </SpaceBetween>
    </Page>
  );
}

const textOf = (reference: Reference): string => `${reference.id}@${reference.version}`;

/** What two references stand for: a draft has its base at its other side, and one that is no more is the newest version. */
function meant(a: Reference, b: Reference, listA: ImageList, listB: ImageList): { a: string; b: string } {
  const [side, list] = b.version === 'draft' ? (['b', listB] as const) : a.version === 'draft' ? (['a', listA] as const) : [null, null];
  if (side === null) return { a: textOf(a), b: textOf(b) };
  const draft = draftOf(list);
  const other = side === 'a' ? textOf(b) : textOf(a);
  const [state, base] = draft ? [`${list.Id}@draft`, `${list.Id}@${draft.Base}`] : [`${list.Id}@${list.Version}`, other];
  return side === 'a' ? { a: state, b: base } : { a: base, b: state };
}

function Compared({ a, b, onMeant }: { a: Reference; b: Reference; onMeant: (sides: { a: string; b: string }) => void }) {
  const { t } = useI18n();
  const first = useList(a.id);
  const second = useList(b.id);
  const { names } = useClasses(second.data);
  const sides = first.data && second.data && meant(a, b, first.data, second.data);
  const settled = sides !== undefined && sides.a === textOf(a) && sides.b === textOf(b);
  useEffect(() => {
    if (sides && !settled) onMeant(sides);
  }, [sides?.a, sides?.b, settled, onMeant]);
  const failed = first.error ?? second.error;
  if (!first.data || !second.data || !settled) return failed ? <LoadError what={t('lists.listFailed')} error={failed} /> : <Spinner size="large" />;
  const draft = b.version === 'draft' ? draftOf(second.data) : a.version === 'draft' ? draftOf(first.data) : undefined;
  const backwards = a.version === 'draft';
  return (
    <DiffView
      source={draft ? `draft ${draft.Id} ${draft.Edits} ${backwards}` : `${sides.a} ${sides.b}`}
      fetchDiff={async (kind, from, limit, signal) => {
        if (!draft) return diffLists(sides.a, sides.b, kind, from, limit, signal);
        return backwards ? inverted(await diffDraft(draft.Id, kind && invertedKind(kind), from, limit, signal)) : diffDraft(draft.Id, kind, from, limit, signal);
      }}
      rootA={imagesOf(first.data.Id, first.data.Source)}
      rootB={imagesOf(second.data.Id, second.data.Source)}
      names={names}
    />
  );
}
