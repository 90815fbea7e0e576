import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { asServiceError, type ServiceError } from '../../api/errors';
import { mergeProposal, type Proposal } from '../../api/lists';
import { useNotifications } from '../../app/Notifications';
import { ErrorText } from '../../components/ErrorText';
import { useI18n } from '../../i18n/I18n';
import type { ClassNames } from './classNames';
import { ConflictTable } from './ConflictTable';
import { conflictsOf, settlement, type Choices, type Conflicts } from './conflicts';

interface Properties {
  readonly proposal: Proposal;
  readonly names: ClassNames;
  readonly onClose: () => void;
  readonly onDone: (proposal: Proposal) => void;
}

/** Writes a proposal into its list. What the list has changed meanwhile stays, save where both changed a row. */
export function MergeDialog({ proposal, names, onClose, onDone }: Properties) {
  const { t } = useI18n();
  const notify = useNotifications();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ServiceError | null>(null);
  const [conflicts, setConflicts] = useState<Conflicts | null>(null);
  const [choices, setChoices] = useState<Choices>({});
  const merge = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      onDone(await mergeProposal(proposal.Number, conflicts ? settlement(conflicts, choices).take : undefined));
      notify.success(t('proposals.merged', { source: proposal.Source }));
      onClose();
    } catch (failure) {
      const found = conflictsOf(failure);
      if (found) setConflicts(found);
      else setError(asServiceError(failure));
      setBusy(false);
    }
  };
  return (
    <Modal
      visible
      size={conflicts ? 'large' : 'medium'}
      header={t('proposals.mergeTitle')}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {t('common.cancel')}
            </Button>
            <Button variant="primary" loading={busy} onClick={() => void merge()} data-testid="confirm">
              {t('proposals.merge')}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <p className="mr-wrap">{t('proposals.mergeText', { source: proposal.Source })}</p>
        {conflicts && <ConflictTable conflicts={conflicts} names={names} choices={choices} onChoose={setChoices} together />}
        {error && (
          <Box color="text-status-error">
            <ErrorText error={error} />
          </Box>
        )}
      </SpaceBetween>
    </Modal>
  );
}
