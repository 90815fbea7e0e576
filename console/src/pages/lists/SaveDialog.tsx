import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { asServiceError, ServiceError } from '../../api/errors';
import { copyDraft, editDraft, saveDraft, type ImageList, type ListDraft } from '../../api/lists';
import { useNotifications } from '../../app/Notifications';
import { useGo } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { ErrorText } from '../../components/ErrorText';
import { S3UriField } from '../../components/S3UriField';
import { useI18n } from '../../i18n/I18n';
import { DraftCounts } from './ChangeCounts';
import type { ClassNames } from './classNames';
import { ConflictTable } from './ConflictTable';
import { conflictsOf, settlement, type Choices, type Conflicts } from './conflicts';

interface Properties {
  readonly list: ImageList;
  readonly draft: ListDraft;
  readonly names: ClassNames;
  /** Under another address, as a list of its own. */
  readonly copy: boolean;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

/** Writes the draft to the store. Where somebody saved meanwhile, rows that both changed are put to choice. */
export function SaveDialog({ list, draft, names, copy, onClose, onSaved }: Properties) {
  const { t, number } = useI18n();
  const notify = useNotifications();
  const go = useGo();
  const [message, setMessage] = useState('');
  const [address, setAddress] = useState(list.Source.replace(/(\.[^./]*)?$/, '-copy$1'));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ServiceError | null>(null);
  const [conflicts, setConflicts] = useState<Conflicts | null>(null);
  const [choices, setChoices] = useState<Choices>({});

  const save = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      if (copy) {
        const made = await copyDraft(draft.Id, address.trim(), message);
        notify.success(t('lists.savedCopy', { source: address.trim() }));
        onClose();
        go(paths.list(made));
        return;
      }
      const settled = conflicts && settlement(conflicts, choices);
      if (settled && settled.edits.length > 0) await editDraft(draft.Id, settled.edits);
      const version = await saveDraft(draft.Id, message, settled?.take);
      notify.success(t('lists.saved', { version: number(version) }));
      onSaved();
      onClose();
    } catch (failure) {
      const found = conflictsOf(failure);
      if (found) {
        setConflicts(found);
        setChoices({});
      } else setError(asServiceError(failure));
      setBusy(false);
    }
  };

  return (
    <Modal
      visible
      size={conflicts ? 'large' : 'medium'}
      header={copy ? t('lists.saveCopy') : t('lists.save')}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {t('common.cancel')}
            </Button>
            <Button variant="primary" loading={busy} onClick={() => void save()} data-testid="confirm">
              {conflicts ? t('lists.saveMerged') : t('lists.saveAction')}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <DraftCounts counts={draft} />
        {copy && (
          <FormField label={t('lists.copyAddress')} constraintText={t('lists.copyRule')}>
            <S3UriField value={address} onChange={setAddress} />
          </FormField>
        )}
        <FormField label={t('lists.message')} description={t('lists.messageHint')}>
          <Textarea value={message} onChange={({ detail }) => setMessage(detail.value)} autoFocus />
        </FormField>
        {conflicts && <ConflictTable conflicts={conflicts} names={names} choices={choices} onChoose={setChoices} />}
        {error && (
          <Box color="text-status-error">
            <ErrorText error={error} />
          </Box>
        )}
      </SpaceBetween>
    </Modal>
  );
}
