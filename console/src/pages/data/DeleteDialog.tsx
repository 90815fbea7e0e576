import { useState } from 'react';
import { useNotifications } from '../../app/Notifications';
import { Confirm } from '../../components/Confirm';
import { useI18n } from '../../i18n/I18n';
import { removeKeys } from './remove';

/** What confirmation names before it only counts. */
const named = 10;

/** Deletes objects, and folders with all they hold. */
export function DeleteDialog({ bucket, keys, onDeleted, onClose }: { bucket: string; keys: readonly string[]; onDeleted: () => void; onClose: () => void }) {
  const { t, tn } = useI18n();
  const notify = useNotifications();
  const [gone, setGone] = useState(0);
  return (
    <Confirm
      title={t('store.deleteTitle')}
      action={t('common.delete')}
      onClose={onClose}
      onConfirm={async (signal) => {
        try {
          await removeKeys(bucket, keys, setGone, signal);
        } finally {
          // Some may be gone although others were refused.
          onDeleted();
        }
        notify.success(keys.length === 1 ? t('deleted', { name: keys[0] ?? '' }) : tn('store.deletedMany', keys.length));
      }}
    >
      <p>{t('store.deleteText')}</p>
      <ul>
        {keys.slice(0, named).map((key) => (
          <li key={key}>{`s3://${bucket}/${key}${key.endsWith('/') ? '…' : ''}`}</li>
        ))}
        {keys.length > named && <li>{tn('store.andMore', keys.length - named)}</li>}
      </ul>
      <p role="status">{gone > 0 && tn('store.gone', gone)}</p>
    </Confirm>
  );
}
