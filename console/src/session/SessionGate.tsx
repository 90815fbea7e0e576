import Modal from '@cloudscape-design/components/modal';
import Spinner from '@cloudscape-design/components/spinner';
import { QueryClientProvider } from '@tanstack/react-query';
import { Fragment, useEffect, useMemo, useRef, useSyncExternalStore, type ReactNode } from 'react';
import { useI18n } from '../i18n/I18n';
import { SignInForm } from './SignInForm';
import { SignInPage } from './SignInPage';
import { newAnswers } from './answers';
import { currentSession, identityOf, onSession, type Session } from './session';

/**
 * Shows the console to who is signed in; when a session ends by itself what is on the screen stays behind the form. Every
 * user has answers of the daemon of their own: who signs in after another sees nothing of theirs.
 */
export function SessionGate({ children }: { children: (session: Session) => ReactNode }) {
  const { t } = useI18n();
  const state = useSyncExternalStore(onSession, currentSession);
  const last = useRef<Session | null>(null);
  if (state.kind === 'signed-in') last.current = state.session;
  else if (state.kind === 'unknown' || !state.expired) last.current = null;
  const session = last.current;
  const identity = session === null ? '' : identityOf(session);
  const answers = useMemo(newAnswers, [identity]);
  useEffect(() => {
    if (state.kind === 'signed-in') void answers.invalidateQueries();
  }, [state, answers]);
  useEffect(() => () => answers.clear(), [answers]);

  if (state.kind === 'unknown') {
    return (
      <div className="mr-center">
        <Spinner size="large" />
      </div>
    );
  }
  if (session === null) return <SignInPage error={state.kind === 'signed-out' ? state.error : undefined} />;
  return (
    <QueryClientProvider client={answers}>
      <Fragment key={identity}>{children(session)}</Fragment>
      {state.kind === 'signed-out' && (
        <Modal visible header={t('session.expired')} onDismiss={() => undefined}>
          <SignInForm />
        </Modal>
      )}
    </QueryClientProvider>
  );
}
