import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { asServiceError, ServiceError } from '../../api/errors';
import { editDraft, listRows, saveVersion, type Conflict, type ImageList, type ListDraft } from '../../api/lists';
import { useNotifications } from '../../app/Notifications';
import { useGo } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { ErrorText } from '../../components/ErrorText';
import { S3UriField } from '../../components/S3UriField';
import { useI18n } from '../../i18n/I18n';
import { DraftCounts } from './ChangeCounts';
import { classNames } from './classNames';
import { ConflictTable } from './ConflictTable';
import { conflictsOf, pathQuery, settlement, takenBack, type Choices } from './conflicts';

interface Properties {
  readonly list: ImageList;
  readonly draft: ListDraft;
  /** Under another address, as a list of its own. */
  readonly copy: boolean;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

/** Writes the draft to the store. Where somebody saved meanwhile, rows that both changed are put to choice. */
export function SaveDialog({ list, draft, copy, onClose, onSaved }: Properties) {
  const { t, number, measure } = useI18n();
  const notify = useNotifications();
  const go = useGo();
  const [message, setMessage] = useState('');
  const [address, setAddress] = useState(list.Source.replace(/(\.[^./]*)?$/, '-copy$1'));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ServiceError | null>(null);
  const [conflicts, setConflicts] = useState<readonly Conflict[]>([]);
  const [choices, setChoices] = useState<Choices>({});

  /** Takes back the caller's own change of these rows. */
  const takeBack = async (rows: readonly string[]): Promise<void> => {
    const state = { id: list.Id, version: draft.Base, draft: true };
    const found = await Promise.all(rows.map(async (path) => (await listRows(state, { query: pathQuery(path) }, 0, 1)).Rows));
    await editDraft(list.Id, draft.Base, found.flat().map(takenBack));
  };

  const save = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const settled = conflicts.length === 0 ? null : settlement(conflicts, choices);
      if (settled && settled.undo.length > 0) await takeBack(settled.undo);
      const saved = await saveVersion(list.Id, { Message: message, ...(copy ? { Copy: address.trim() } : {}), ...(settled ? { Take: settled.take } : {}) });
      notify.success(copy ? t('lists.savedCopy', { source: saved.Source }) : t('lists.saved', { version: number(saved.Version) }));
      onSaved();
      onClose();
      if (copy) go(paths.list(saved.Id));
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
      size={conflicts.length > 0 ? 'large' : 'medium'}
      header={copy ? t('lists.saveCopy') : t('lists.save')}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {t('common.cancel')}
            </Button>
            <Button variant="primary" loading={busy} onClick={() => void save()} data-testid="confirm">
              {conflicts.length > 0 ? t('lists.saveMerged') : t('lists.saveAction')}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <DraftCounts counts={draft} />
        {copy && (
          <FormField label={t('lists.copyAddress')}>
            <S3UriField value={address} onChange={setAddress} />
          </FormField>
        )}
        <FormField label={t('lists.message')} description={t('lists.messageHint')}>
          <Textarea value={message} onChange={({ detail }) => setMessage(detail.value)} autoFocus />
        </FormField>
        {conflicts.length > 0 && <ConflictTable conflicts={conflicts} names={classNames(list.Classes, measure)} choices={choices} onChoose={setChoices} />}
        {error && (
          <Box color="text-status-error">
            <ErrorText error={error} />
          </Box>
        )}
      </SpaceBetween>
    </Modal>
  );
}
