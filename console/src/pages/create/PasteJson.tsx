import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { useI18n } from '../../i18n/I18n';

/** An object of settings, numbers and words alike, as the text that the service wants; null for anything else. */
export function valuesOf(text: string): Record<string, string> | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return Object.fromEntries(Object.entries(value).map(([key, each]: [string, unknown]) => [key, typeof each === 'string' ? each : JSON.stringify(each)]));
  } catch {
    return null;
  }
}

export function PasteJson({ onPaste, onClose }: { onPaste: (values: Record<string, string>) => void; onClose: () => void }) {
  const { t } = useI18n();
  const [text, setText] = useState('');
  const values = valuesOf(text);
  return (
    <Modal
      visible
      header={t('create.pasteJson')}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {t('common.cancel')}
            </Button>
            <Button variant="primary" disabled={values === null} onClick={() => values && onPaste(values)}>
              {t('create.takeOver')}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <FormField label={t('job.hyperparameters')} constraintText={'{"epochs": 10, "optimizer": "sgd"}'} errorText={text !== '' && values === null ? t('create.noObject') : undefined} stretch>
        <Textarea value={text} rows={10} onChange={({ detail }) => setText(detail.value)} spellcheck={false} />
      </FormField>
    </Modal>
  );
}
