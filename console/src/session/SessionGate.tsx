import Modal from '@cloudscape-design/components/modal';
import Spinner from '@cloudscape-design/components/spinner';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useSyncExternalStore, type ReactNode } from 'react';
import { useI18n } from '../i18n/I18n';
import { SignInForm } from './SignInForm';
import { SignInPage } from './SignInPage';
import { currentSession, onSession, type Session } from './session';

/** Shows the console to who is signed in; when a session ends by itself what is on the screen stays behind the form. */
export function SessionGate({ children }: { children: (session: Session) => ReactNode }) {
  const { t } = useI18n();
  const state = useSyncExternalStore(onSession, currentSession);
  const client = useQueryClient();
  const last = useRef<Session | null>(null);
  if (state.kind === 'signed-in') last.current = state.session;
  useEffect(() => {
    if (state.kind === 'signed-in') void client.invalidateQueries();
    if (state.kind === 'signed-out' && !state.expired) {
      last.current = null;
      client.clear();
    }
  }, [state, client]);

  if (state.kind === 'unknown') {
    return (
      <div className="mr-center">
        <Spinner size="large" />
      </div>
    );
  }
  if (state.kind === 'signed-in') return children(state.session);
  if (!state.expired || last.current === null) return <SignInPage error={state.error} />;
  return (
    <>
      {children(last.current)}
      <Modal visible header={t('session.expired')} onDismiss={() => undefined}>
        <SignInForm />
      </Modal>
    </>
  );
}
