import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useRef, useState } from 'react';
import { copyDraft, editDraft, saveDraft, type ImageList, type ListDraft } from '../../api/lists';
import { useNotifications } from '../../app/Notifications';
import { useGo } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { Confirm } from '../../components/Confirm';
import { S3UriField } from '../../components/S3UriField';
import { useI18n } from '../../i18n/I18n';
import { DraftCounts } from './ChangeCounts';
import type { ClassNames } from './classNames';
import { WriteDialog } from './WriteDialog';

function MessageField({ value, onChange }: { value: string; onChange: (message: string) => void }) {
  const { t } = useI18n();
  return (
    <FormField label={t('lists.message')} description={t('lists.messageHint')}>
      <Textarea value={value} onChange={({ detail }) => onChange(detail.value)} autoFocus />
    </FormField>
  );
}

/** Writes the draft to the store as the list's next version. */
export function SaveDialog({ list, draft, names, onClose, onSaved, onEdited }: { list: ImageList; draft: ListDraft; names: ClassNames; onClose: () => void; onSaved: (version: number) => void; onEdited: () => void }) {
  const { t } = useI18n();
  const notify = useNotifications();
  const [message, setMessage] = useState('');
  const edited = useRef(false);
  return (
    <WriteDialog
      title={t('lists.save')}
      action={t('lists.saveAction')}
      mergeAction={t('lists.saveMerged')}
      list={list.Id}
      names={names}
      edit={(edits) => {
        edited.current = true;
        return editDraft(draft.Id, edits);
      }}
      write={async (take) => {
        const version = await saveDraft(draft.Id, message, take);
        edited.current = false;
        notify.success(t('lists.saved', { version }));
        onSaved(version);
      }}
      onClose={() => {
        // Choices that were made before an attempt that failed are in the draft all the same.
        if (edited.current) onEdited();
        onClose();
      }}
    >
      <SpaceBetween size="m">
        <DraftCounts counts={draft} />
        <MessageField value={message} onChange={setMessage} />
      </SpaceBetween>
    </WriteDialog>
  );
}

/** Writes the draft under another address, as a list of its own. */
export function CopyDialog({ list, draft, onClose }: { list: ImageList; draft: ListDraft; onClose: () => void }) {
  const { t } = useI18n();
  const notify = useNotifications();
  const go = useGo();
  const [message, setMessage] = useState('');
  const [address, setAddress] = useState(list.Source.replace(/(\.[^./]*)?$/, '-copy$1'));
  return (
    <Confirm
      title={t('lists.saveCopy')}
      action={t('lists.saveAction')}
      onClose={onClose}
      onConfirm={async () => {
        const made = await copyDraft(draft.Id, address.trim(), message);
        notify.success(t('lists.savedCopy', { source: address.trim() }));
        go(paths.list(made));
      }}
    >
      <SpaceBetween size="m">
        <DraftCounts counts={draft} />
        <FormField label={t('lists.copyAddress')} constraintText={t('lists.copyRule')}>
          <S3UriField value={address} onChange={setAddress} />
        </FormField>
        <MessageField value={message} onChange={setMessage} />
      </SpaceBetween>
    </Confirm>
  );
}
