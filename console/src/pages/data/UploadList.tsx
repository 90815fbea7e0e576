import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { asServiceError } from '../../api/errors';
import { ErrorText } from '../../components/ErrorText';
import { useI18n } from '../../i18n/I18n';
import type { UploadState } from './uploads';

/** Uploads that are shown by name; of a folder with thousands the rest is counted. */
const shown = 20;

export function UploadList({ uploads, onCancel, onClear }: { uploads: readonly UploadState[]; onCancel: (id: number) => void; onClear: () => void }) {
  const { t, bytes, number } = useI18n();
  if (uploads.length === 0) return null;
  const done = uploads.filter((one) => one.status === 'done').length;
  const order = { failed: 0, running: 1, waiting: 2, cancelled: 3, done: 4 } as const;
  const sorted = [...uploads].sort((a, b) => order[a.status] - order[b.status]);
  return (
    <Container header={<Header variant="h3" actions={<Button onClick={onClear}>{t('store.clearUploads')}</Button>}>{t('store.uploads', { done: number(done), count: number(uploads.length) })}</Header>}>
      <SpaceBetween size="s">
        {sorted.slice(0, shown).map((one) => (
          <div key={one.id} className="mr-upload">
            <ProgressBar
              value={one.size === 0 ? 100 : (100 * one.sent) / one.size}
              label={one.key}
              additionalInfo={one.status === 'failed' ? <ErrorText error={asServiceError(one.error)} /> : `${bytes(one.sent)} / ${bytes(one.size)}`}
              status={one.status === 'failed' ? 'error' : one.status === 'done' ? 'success' : 'in-progress'}
              resultText={one.status === 'done' ? t('store.stored') : t('store.uploadFailed')}
            />
            {(one.status === 'running' || one.status === 'waiting') && (
              <Button variant="icon" iconName="close" ariaLabel={t('store.cancelUpload', { name: one.key })} onClick={() => onCancel(one.id)} />
            )}
          </div>
        ))}
        {sorted.length > shown && <Box variant="small">{t('store.moreUploads', { count: number(sorted.length - shown) })}</Box>}
      </SpaceBetween>
    </Container>
  );
}
