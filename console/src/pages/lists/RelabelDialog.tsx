import Autosuggest from '@cloudscape-design/components/autosuggest';
import FormField from '@cloudscape-design/components/form-field';
import { useState } from 'react';
import type { ClassCount, ImageList } from '../../api/lists';
import { ServiceError } from '../../api/errors';
import { Confirm } from '../../components/Confirm';
import { useI18n } from '../../i18n/I18n';
import type { ClassNames } from './classNames';
import { parseLabels, readTyped } from './typeAhead';

interface FieldProperties {
  readonly list: ImageList;
  readonly classes: readonly ClassCount[];
  readonly names: ClassNames;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly autoFocus?: boolean;
}

/** The labels that a text stands for; null where it stands for none. */
export function labelsOf(list: ImageList, classes: readonly ClassCount[], text: string): readonly number[] | null {
  return parseLabels(text) ?? readTyped(text, classes, list.Form).labels;
}

/** Labels of a row: a class by number or name, or as many numbers as the list's rows have. */
export function LabelsField({ list, classes, names, value, onChange, autoFocus = false }: FieldProperties) {
  const { t, tn } = useI18n();
  const single = list.Form === 'class';
  return (
    <FormField label={t('lists.labels')} constraintText={single ? t('lists.labelRule') : list.Form === 'columns' ? tn('lists.labelsRule', list.LabelWidth) : t('lists.labelsAny')}>
      <Autosuggest
        value={value}
        autoFocus={autoFocus}
        options={single ? classes.map((one) => ({ value: String(one.Label), label: names.one(one.Label) })) : []}
        enteredTextLabel={(text) => text}
        empty={t('lists.noSuchClass')}
        virtualScroll
        onChange={({ detail }) => onChange(detail.value)}
      />
    </FormField>
  );
}

export function RelabelDialog({ list, classes, names, count, start, onRelabel, onClose }: { list: ImageList; classes: readonly ClassCount[]; names: ClassNames; count: number; start: readonly number[]; onRelabel: (labels: readonly number[]) => void; onClose: () => void }) {
  const { t, tn } = useI18n();
  const [text, setText] = useState(list.Form === 'class' ? '' : start.join(' '));
  return (
    <Confirm
      title={tn('lists.relabelTitle', count)}
      action={t('lists.relabel')}
      onClose={onClose}
      onConfirm={async () => {
        const labels = labelsOf(list, classes, text);
        if (labels === null) throw new ServiceError('ValidationException', t('lists.noSuchClass'), 0, '');
        onRelabel(labels);
      }}
    >
      <LabelsField list={list} classes={classes} names={names} value={text} onChange={setText} autoFocus />
    </Confirm>
  );
}
