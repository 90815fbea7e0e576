import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { asServiceError, type ServiceError } from '../api/errors';
import { useI18n } from '../i18n/I18n';
import { ErrorText } from './ErrorText';

interface Properties {
  readonly title: string;
  /** Names the thing. Buttons in it need `formAction="none"`: it is a form, which Enter confirms. */
  readonly children: ReactNode;
  readonly action: string;
  /** Long work ends where `signal` says that the dialog was closed. */
  readonly onConfirm: (signal: AbortSignal) => Promise<unknown>;
  readonly onClose: () => void;
  readonly size?: 'medium' | 'large';
  /** Says whether it has taken a refusal for itself, which then is not shown as an error. */
  readonly takes?: (error: unknown) => boolean;
}

/** The field that waits for words; where none does and there are fields, the button. */
function firstToFill(form: HTMLFormElement): HTMLElement | null {
  const first = form.querySelector<HTMLInputElement | HTMLTextAreaElement>('input:not([type=checkbox]):not([type=radio]), textarea');
  if (first === null || first.value === '') return first;
  return form.querySelector('textarea:placeholder-shown, textarea:empty') ?? document.querySelector(`button[form="${form.id}"]`);
}

/** Asks before something is done; stays open with the reason when the service says no. */
export function Confirm({ title, children, action, onConfirm, onClose, size = 'medium', takes }: Properties) {
  const { t } = useI18n();
  const form = useId();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ServiceError | null>(null);
  const work = useRef(new AbortController());
  const fields = useRef<HTMLFormElement>(null);
  useEffect(() => {
    work.current = new AbortController();
    // The modal gives the focus to its close button, which Enter after what one types would press.
    const frame = requestAnimationFrame(() => fields.current && firstToFill(fields.current)?.focus());
    return () => {
      cancelAnimationFrame(frame);
      work.current.abort();
    };
  }, []);
  const run = async (): Promise<void> => {
    const { signal } = work.current;
    setBusy(true);
    setError(null);
    try {
      await onConfirm(signal);
      if (!signal.aborted) onClose();
    } catch (failure) {
      if (signal.aborted) return;
      if (!takes?.(failure)) setError(asServiceError(failure));
      setBusy(false);
    }
  };
  return (
    <Modal
      visible
      size={size}
      header={title}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {t('common.cancel')}
            </Button>
            <Button variant="primary" loading={busy} form={form} data-testid="confirm">
              {action}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        ref={fields}
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) void run();
        }}
      >
        <SpaceBetween size="m">
          <div className="mr-wrap">{children}</div>
          {error && (
            <Box color="text-status-error">
              <ErrorText error={error} />
            </Box>
          )}
        </SpaceBetween>
      </form>
    </Modal>
  );
}
