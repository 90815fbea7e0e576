import Box from '@cloudscape-design/components/box';
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { asServiceError, type ServiceError } from '../api/errors';
import { useI18n } from '../i18n/I18n';

/** Type, message and request id of an answer that said no. */
export function ErrorText({ error }: { error: ServiceError }) {
  const { t } = useI18n();
  return (
    <div className="mr-error">
      <strong>{error.type}</strong>: {error.type === 'ConnectionError' ? t('error.connection') : error.message}
      {error.requestId !== '' && (
        <Box variant="small" color="inherit" display="block">
          {t('error.requestId', { id: error.requestId })}
        </Box>
      )}
    </div>
  );
}

/** In place of what could not be loaded. */
export function LoadError({ what, error, onRetry }: { what: string; error: unknown; onRetry?: () => void }) {
  const { t } = useI18n();
  return (
    <Alert type="error" header={what} action={onRetry ? <Button onClick={onRetry}>{t('common.retry')}</Button> : undefined}>
      <ErrorText error={asServiceError(error)} />
    </Alert>
  );
}
