import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type ReactNode } from 'react';
import { asServiceError, type ServiceError } from '../api/errors';
import { useI18n } from '../i18n/I18n';
import { ErrorText } from './ErrorText';

interface Properties {
  readonly title: string;
  /** Names the thing. */
  readonly children: ReactNode;
  readonly action: string;
  readonly onConfirm: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks before what cannot be undone; stays open with the reason when the service says no. */
export function Confirm({ title, children, action, onConfirm, onClose }: Properties) {
  const { t } = useI18n();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ServiceError | null>(null);
  const run = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (failure) {
      setError(asServiceError(failure));
      setBusy(false);
    }
  };
  return (
    <Modal
      visible
      header={title}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {t('common.cancel')}
            </Button>
            <Button variant="primary" loading={busy} onClick={() => void run()} data-testid="confirm">
              {action}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <div className="mr-wrap">{children}</div>
        {error && (
          <Box color="text-status-error">
            <ErrorText error={error} />
          </Box>
        )}
      </SpaceBetween>
    </Modal>
  );
}
