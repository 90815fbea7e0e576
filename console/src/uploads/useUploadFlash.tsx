import Button from '@cloudscape-design/components/button';
import type { FlashbarProps } from '@cloudscape-design/components/flashbar';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useLocation } from '@tanstack/react-router';
import { RouteButton } from '../components/RouteButton';
import { paths, storePath } from '../base/paths';
import { useI18n } from '../i18n/I18n';
import { isActive } from './queue';
import { uploads, useUploadProgress, useUploads } from './uploads';

/** What the frame says of uploads on pages that do not list them: how far they are, and what became of them. */
export function useUploadFlash(): readonly FlashbarProps.MessageDefinition[] {
  const { t, tn, bytes, number } = useI18n();
  const { pathname } = useLocation();
  const all = useUploads();
  const progress = useUploadProgress();
  // The pages of buckets list them one by one.
  if (progress.count === 0 || pathname.startsWith(`${paths.buckets}/`)) return [];
  const first = all.find((one) => isActive(one) || one.status === 'failed') ?? all.at(-1);
  const show = first && <RouteButton path={storePath(first.bucket, first.key.replace(/[^/]*$/, ''))}>{t('store.showUploads')}</RouteButton>;
  const item = { id: 'uploads', onDismiss: () => uploads.clear() };
  if (progress.active > 0) {
    return [
      {
        ...item,
        type: 'in-progress',
        content: (
          <ProgressBar
            variant="flash"
            label={t('store.uploads', { done: number(progress.done), count: number(progress.count) })}
            value={progress.size === 0 ? 0 : (100 * progress.sent) / progress.size}
            additionalInfo={t('store.sent', { sent: bytes(progress.sent), size: bytes(progress.size) })}
          />
        ),
        action: (
          <SpaceBetween direction="horizontal" size="xs">
            {show}
            <Button onClick={() => uploads.cancelAll()}>{t('store.cancelUploads')}</Button>
          </SpaceBetween>
        ),
      },
    ];
  }
  if (progress.failed > 0) {
    return [
      {
        ...item,
        type: 'error',
        dismissible: true,
        content: tn('store.uploadsFailed', progress.failed),
        action: (
          <SpaceBetween direction="horizontal" size="xs">
            {show}
            <Button onClick={() => uploads.retry()}>{t('common.retry')}</Button>
          </SpaceBetween>
        ),
      },
    ];
  }
  return [{ ...item, type: 'success', dismissible: true, content: tn('store.uploadsDone', progress.done), action: show }];
}
