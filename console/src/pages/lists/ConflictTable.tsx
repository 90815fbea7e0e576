import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import type { Conflict, Side } from '../../api/lists';
import { useI18n } from '../../i18n/I18n';
import type { ClassNames } from './classNames';
import type { Choices, Conflicts } from './conflicts';

interface Properties {
  readonly conflicts: Conflicts;
  readonly names: ClassNames;
  readonly choices: Choices;
  readonly onChoose: (choices: Choices) => void;
  /** Only one side for all of them. */
  readonly together?: boolean;
}

/** Rows that both changed: what they were, what each made of them, and which is to hold. */
export function ConflictTable({ conflicts, names, choices, onChoose, together = false }: Properties) {
  const { t, tn, number } = useI18n();
  const said = (labels: readonly number[] | null | undefined): string => (labels ? names.all(labels) : t('lists.conflict.removed'));
  const all = (side: Side): void => onChoose(Object.fromEntries(conflicts.shown.map((conflict) => [conflict.Path, side])));
  const options = [
    { value: 'yours', label: t('lists.conflict.yours') },
    { value: 'theirs', label: t('lists.conflict.theirs') },
  ];
  const sideOf = (conflict: Conflict): Side => choices[conflict.Path] ?? 'yours';
  return (
    <div data-testid="conflicts">
      <SpaceBetween size="s">
        <Alert type="warning" header={tn('lists.conflict.title', conflicts.count)}>
          {t('lists.conflict.text')}
          {conflicts.count > conflicts.shown.length && ` ${t('lists.conflict.more', { count: number(conflicts.shown.length) })}`}
        </Alert>
        <SpaceBetween direction="horizontal" size="xs">
          <Button formAction="none" onClick={() => all('yours')}>{t('lists.conflict.allYours')}</Button>
          <Button formAction="none" onClick={() => all('theirs')}>{t('lists.conflict.allTheirs')}</Button>
        </SpaceBetween>
        <Table
          variant="embedded"
          wrapLines
          contentDensity="compact"
          trackBy="Path"
          items={[...conflicts.shown]}
          ariaLabels={{ tableLabel: t('lists.conflict.table') }}
          columnDefinitions={[
            { id: 'path', header: t('lists.path'), isRowHeader: true, cell: (one: Conflict) => <span className="mr-wrap">{one.Path}</span> },
            { id: 'base', header: t('lists.before'), cell: (one: Conflict) => (one.Base ? names.all(one.Base) : '–') },
            { id: 'yours', header: t('lists.conflict.yours'), cell: (one: Conflict) => said(one.Yours) },
            { id: 'theirs', header: t('lists.conflict.theirs'), cell: (one: Conflict) => said(one.Theirs) },
            {
              id: 'choice',
              header: t('lists.conflict.holds'),
              cell: (one: Conflict) =>
                together ? (
                  options.find((option) => option.value === sideOf(one))?.label
                ) : (
                  <Select
                    ariaLabel={t('lists.conflict.choose', { path: one.Path })}
                    options={options}
                    selectedOption={options.find((option) => option.value === sideOf(one)) ?? null}
                    expandToViewport
                    onChange={({ detail }) => onChoose({ ...choices, [one.Path]: detail.selectedOption.value as Side })}
                  />
                ),
            },
          ]}
        />
      </SpaceBetween>
    </div>
  );
}
