import FormField from '@cloudscape-design/components/form-field';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { closeProposal, commentProposal, type Proposal } from '../../api/lists';
import { Confirm } from '../../components/Confirm';
import { useI18n } from '../../i18n/I18n';

/** Says no, and why. */
export function RejectDialog({ proposal, onClose, onDone }: { proposal: Proposal; onClose: () => void; onDone: (proposal: Proposal) => void }) {
  const { t } = useI18n();
  const [text, setText] = useState('');
  return (
    <Confirm title={t('proposals.rejectTitle')} action={t('proposals.reject')} onClose={onClose} onConfirm={async () => {
        if (text.trim() !== '') await commentProposal(proposal.Number, text);
        onDone(await closeProposal(proposal.Number));
      }}>
      <FormField label={t('proposals.reason')} description={t('proposals.reasonHint')}>
        <Textarea value={text} onChange={({ detail }) => setText(detail.value)} autoFocus />
      </FormField>
    </Confirm>
  );
}
