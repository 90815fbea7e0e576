import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Popover from '@cloudscape-design/components/popover';
import Link from '@cloudscape-design/components/link';
import Select, { type SelectProps } from '@cloudscape-design/components/select';
import { memo, useEffect, useState } from 'react';
import type { ClassCount } from '../../api/lists';
import type { Search } from '../../app/router';
import { useI18n } from '../../i18n/I18n';
import type { ClassNames } from './classNames';
import { QueryHelp } from './QueryHelp';

interface Properties {
  readonly search: Search;
  readonly change: (change: Record<string, string | undefined>) => void;
  readonly classes: readonly ClassCount[];
  readonly names: ClassNames;
  /** What the daemon says about the query. */
  readonly problem: string | undefined;
}

/** Longer lists of classes are searched by typing in the query. */
const listedClasses = 2000;
const typingTime = 400;

/** Narrows and orders rows. All of it stands in the address. Not drawn anew for every row that scrolls by. */
export const FilterBar = memo(function FilterBar({ search, change, classes, names, problem }: Properties) {
  const { t, number } = useI18n();
  const [path, setPath] = useState(search['path'] ?? '');
  const [query, setQuery] = useState(search['query'] ?? '');
  useEffect(() => setPath(search['path'] ?? ''), [search['path']]);
  useEffect(() => setQuery(search['query'] ?? ''), [search['query']]);
  useEffect(() => {
    if (path === (search['path'] ?? '')) return;
    const timer = window.setTimeout(() => change({ path }), typingTime);
    return () => window.clearTimeout(timer);
  }, [path, search['path'], change]);

  const anyClass: SelectProps.Option = { value: '', label: t('lists.anyClass') };
  const options: SelectProps.Option[] = [anyClass, ...classes.slice(0, listedClasses).map((one) => ({ value: String(one.Label), label: names.one(one.Label), labelTag: number(one.Count) }))];
  const orders: SelectProps.Option[] = [
    { value: '', label: t('lists.sort.row') },
    { value: 'index', label: t('lists.sort.index') },
    { value: 'label', label: t('lists.sort.class') },
    { value: 'path', label: t('lists.sort.path') },
  ];
  const active = ['class', 'path', 'query'].some((key) => search[key] !== undefined);
  const descending = search['order'] === 'descending';
  return (
    <div className="mr-list-filters">
      <FormField label={t('lists.class')}>
        <Select
          options={options}
          selectedOption={options.find((one) => one.value === (search['class'] ?? '')) ?? { value: search['class'] ?? '', label: search['class'] ?? '' }}
          filteringType="auto"
          virtualScroll
          onChange={({ detail }) => change({ class: detail.selectedOption.value })}
        />
      </FormField>
      <FormField label={t('lists.path')}>
        <Input value={path} placeholder={t('lists.pathHint')} spellcheck={false} onChange={({ detail }) => setPath(detail.value)} />
      </FormField>
      <FormField
        className="mr-list-query"
        label={t('lists.query')}
        errorText={problem}
        info={
          <Popover size="large" header={t('lists.queryHelp.title')} content={<QueryHelp />} triggerType="custom">
            <Link variant="info">{t('lists.queryHelp.link')}</Link>
          </Popover>
        }
      >
        <Input
          value={query}
          placeholder='label = 3 and path ~ "cats/*"'
          spellcheck={false}
          onChange={({ detail }) => setQuery(detail.value)}
          onBlur={() => change({ query })}
          onKeyDown={({ detail }) => {
            if (detail.key === 'Enter') change({ query });
          }}
        />
      </FormField>
      <FormField label={t('lists.sort')}>
        <div className="mr-list-sort">
          <Select options={orders} selectedOption={orders.find((one) => one.value === (search['sort'] ?? '')) ?? orders[0] ?? null} onChange={({ detail }) => change({ sort: detail.selectedOption.value })} />
          <Button
            iconName={descending ? 'angle-down' : 'angle-up'}
            ariaLabel={descending ? t('lists.descending') : t('lists.ascending')}
            onClick={() => change({ order: descending ? undefined : 'descending' })}
          />
        </div>
      </FormField>
      {active && (
        <Button variant="link" onClick={() => change({ class: undefined, path: undefined, query: undefined })}>
          {t('lists.clearFilter')}
        </Button>
      )}
    </div>
  );
});
