import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { asServiceError, type ServiceError } from '../api/errors';
import { ErrorText } from '../components/ErrorText';
import { useI18n } from '../i18n/I18n';
import { signIn, tokenOf, type Credentials } from './session';

/** A link's token is what follows "#token=", with or without the address before it. */
export function credentialsOf(key: string, secret: string): Credentials {
  const token = tokenOf(key);
  return token === null ? { AccessKeyId: key.trim(), SecretAccessKey: secret.trim() } : { Token: token };
}

export function SignInForm({ error: initial }: { error?: ServiceError | undefined }) {
  const { t } = useI18n();
  const [key, setKey] = useState('');
  const [secret, setSecret] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ServiceError | undefined>(initial);
  const withLink = key.includes('#token=');
  const submit = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await signIn(credentialsOf(key, secret));
    } catch (failure) {
      setError(asServiceError(failure));
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Form
        actions={
          <Button variant="primary" loading={busy} disabled={key.trim() === '' || (!withLink && secret.trim() === '')} formAction="submit">
            {t('session.signIn')}
          </Button>
        }
      >
        <SpaceBetween size="m">
          {error && (
            <Alert type="error" header={t('session.failed')}>
              <ErrorText error={error} />
            </Alert>
          )}
          <FormField label={t('session.key')} description={t('session.keyHint')} stretch>
            <Input value={key} onChange={({ detail }) => setKey(detail.value)} autoFocus spellcheck={false} autoComplete="username" name="access-key-id" />
          </FormField>
          {!withLink && (
            <FormField label={t('session.secret')} stretch>
              <Input
                type="password"
                value={secret}
                onChange={({ detail }) => setSecret(detail.value)}
                autoComplete="current-password"
                name="secret-access-key"
              />
            </FormField>
          )}
        </SpaceBetween>
      </Form>
    </form>
  );
}
