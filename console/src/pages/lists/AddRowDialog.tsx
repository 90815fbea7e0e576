import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { ServiceError } from '../../api/errors';
import type { ClassCount, ImageList } from '../../api/lists';
import { Confirm } from '../../components/Confirm';
import { useI18n } from '../../i18n/I18n';
import type { ClassNames } from './classNames';
import { LabelsField, labelsOf } from './RelabelDialog';

interface Added {
  readonly path: string;
  readonly labels: readonly number[];
}

/** A picture that joins the list. */
export function AddRowDialog({ list, classes, names, root, onAdd, onClose }: { list: ImageList; classes: readonly ClassCount[]; names: ClassNames; root: string; onAdd: (row: Added) => Promise<void>; onClose: () => void }) {
  const { t } = useI18n();
  const [path, setPath] = useState('');
  const [labels, setLabels] = useState('');
  return (
    <Confirm
      title={t('lists.addTitle')}
      action={t('lists.add')}
      onClose={onClose}
      onConfirm={async () => {
        const read = labelsOf(list, classes, labels);
        if (path === '' || read === null) throw new ServiceError('ValidationException', path === '' ? t('lists.pathMissing') : t('lists.noSuchClass'), 0, '');
        await onAdd({ path, labels: read });
      }}
    >
      <SpaceBetween size="m">
        <FormField label={t('lists.path')} constraintText={t('lists.addPathRule', { folder: root })}>
          <Input value={path} onChange={({ detail }) => setPath(detail.value)} autoFocus spellcheck={false} />
        </FormField>
        <LabelsField list={list} classes={classes} names={names} value={labels} onChange={setLabels} />
      </SpaceBetween>
    </Confirm>
  );
}
