import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { ServiceError } from '../../api/errors';
import type { ImageList } from '../../api/lists';
import { Confirm } from '../../components/Confirm';
import { useI18n } from '../../i18n/I18n';
import { classNames } from './classNames';
import { LabelsField, labelsOf } from './RelabelDialog';

interface Added {
  readonly Labels: readonly number[];
  readonly Path: string;
  readonly Index?: number;
}

/** A picture that joins the list. */
export function AddRowDialog({ list, onAdd, onClose }: { list: ImageList; onAdd: (row: Added) => Promise<void>; onClose: () => void }) {
  const { t, measure } = useI18n();
  const [path, setPath] = useState('');
  const [labels, setLabels] = useState('');
  const [index, setIndex] = useState('');
  return (
    <Confirm
      title={t('lists.addTitle')}
      action={t('lists.add')}
      onClose={onClose}
      onConfirm={async () => {
        const read = labelsOf(list, labels);
        if (path === '' || read === null) throw new ServiceError('ValidationException', path === '' ? t('lists.pathMissing') : t('lists.noSuchClass'), 0, '');
        await onAdd({ Labels: read, Path: path, ...(index === '' ? {} : { Index: Number(index) }) });
      }}
    >
      <SpaceBetween size="m">
        <FormField label={t('lists.path')} constraintText={t('lists.addPathRule', { folder: list.Images ?? list.Source.replace(/[^/]*$/, '') })}>
          <Input value={path} onChange={({ detail }) => setPath(detail.value)} autoFocus spellcheck={false} />
        </FormField>
        <LabelsField list={list} names={classNames(list.Classes, measure)} value={labels} onChange={setLabels} />
        <FormField label={t('lists.index')} constraintText={t('lists.indexRule')}>
          <Input value={index} onChange={({ detail }) => setIndex(detail.value)} type="number" inputMode="numeric" />
        </FormField>
      </SpaceBetween>
    </Confirm>
  );
}
