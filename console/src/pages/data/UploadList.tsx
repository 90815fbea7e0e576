import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { asServiceError } from '../../api/errors';
import { ErrorText } from '../../components/ErrorText';
import { useI18n } from '../../i18n/I18n';
import { foremost, isActive, type Upload } from '../../uploads/queue';
import { uploads, useUploadProgress, useUploads } from '../../uploads/uploads';

/** Uploads that are shown by name; of a folder with thousands the rest is counted. */
const shown = 20;

function State({ upload }: { upload: Upload }) {
  const { t, bytes } = useI18n();
  switch (upload.status) {
    case 'running':
      return (
        <ProgressBar
          ariaLabel={upload.key}
          value={upload.size === 0 ? 0 : (100 * upload.sent) / upload.size}
          additionalInfo={t('store.sent', { sent: bytes(upload.sent), size: bytes(upload.size) })}
        />
      );
    case 'waiting':
      return <StatusIndicator type="pending">{t('store.waiting')}</StatusIndicator>;
    case 'cancelled':
      return <StatusIndicator type="stopped">{t('store.cancelled')}</StatusIndicator>;
    case 'done':
      return (
        <StatusIndicator>
          {t('store.stored')} · {bytes(upload.size)}
        </StatusIndicator>
      );
    case 'failed':
      return (
        <>
          <StatusIndicator type="error">{t('store.uploadFailed')}</StatusIndicator>
          <Box color="text-status-error">
            <ErrorText error={asServiceError(upload.error)} />
          </Box>
        </>
      );
  }
}

/** The uploads of this tab, those that need a look first. */
export function UploadList() {
  const { t, tn, number } = useI18n();
  const all = useUploads();
  const progress = useUploadProgress();
  if (all.length === 0) return null;
  return (
    <Container
      data-testid="uploads"
      header={
        <Header
          variant="h3"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {progress.failed > 1 && <Button onClick={() => uploads.retry()}>{t('common.retry')}</Button>}
              {progress.active > 1 && <Button onClick={() => uploads.cancelAll()}>{t('store.cancelUploads')}</Button>}
              {progress.active < all.length && <Button onClick={() => uploads.clear()}>{t('store.clearUploads')}</Button>}
            </SpaceBetween>
          }
        >
          {t('store.uploads', { done: number(progress.done), count: number(progress.count) })}
        </Header>
      }
    >
      <SpaceBetween size="s">
        {foremost(all, shown).map((one) => (
          <div key={one.id} className="mr-upload">
            <div>
              <span className="mr-wrap">{`s3://${one.bucket}/${one.key}`}</span>
              <State upload={one} />
            </div>
            {isActive(one) && <Button variant="icon" iconName="close" ariaLabel={t('store.cancelUpload', { name: one.key })} onClick={() => uploads.cancel(one.id)} />}
            {one.status === 'failed' && <Button variant="icon" iconName="refresh" ariaLabel={t('store.retryUpload', { name: one.key })} onClick={() => uploads.retry(one.id)} />}
          </div>
        ))}
        {all.length > shown && <Box variant="small">{tn('store.moreUploads', all.length - shown)}</Box>}
      </SpaceBetween>
    </Container>
  );
}
