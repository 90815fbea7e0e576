import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { ServiceError } from '../../api/errors';
import { proposeDraft, type ListDraft } from '../../api/lists';
import { useGo } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { Confirm } from '../../components/Confirm';
import { useI18n } from '../../i18n/I18n';

/** Hands the draft to somebody else to look at. */
export function ProposeDialog({ draft, onClose, onProposed }: { draft: ListDraft; onClose: () => void; onProposed: () => void }) {
  const { t } = useI18n();
  const go = useGo();
  const [title, setTitle] = useState('');
  const [message, setMessage] = useState('');
  return (
    <Confirm
      title={t('lists.propose')}
      action={t('lists.proposeAction')}
      onClose={onClose}
      onConfirm={async () => {
        if (title.trim() === '') throw new ServiceError('ValidationException', t('lists.titleMissing'), 0, '');
        const number = await proposeDraft(draft.Id, title.trim(), message);
        onProposed();
        go(paths.proposal(number));
      }}
    >
      <SpaceBetween size="m">
        <p>{t('lists.proposeText')}</p>
        <FormField label={t('lists.proposalTitle')}>
          <Input value={title} onChange={({ detail }) => setTitle(detail.value)} autoFocus />
        </FormField>
        <FormField label={t('lists.message')} description={t('lists.messageHint')}>
          <Textarea value={message} onChange={({ detail }) => setMessage(detail.value)} />
        </FormField>
      </SpaceBetween>
    </Confirm>
  );
}
