import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { restoreVersion, type ImageList } from '../../api/lists';
import { useNotifications } from '../../app/Notifications';
import { Confirm } from '../../components/Confirm';
import { useI18n } from '../../i18n/I18n';

/** An earlier version becomes the newest; nothing between is lost. */
export function RestoreDialog({ list, version, onClose, onDone }: { list: ImageList; version: number; onClose: () => void; onDone: () => void }) {
  const { t } = useI18n();
  const notify = useNotifications();
  const [message, setMessage] = useState(t('lists.restoreMessage', { version }));
  return (
    <Confirm
      title={t('lists.restoreTitle', { version })}
      action={t('lists.restoreVersion')}
      onClose={onClose}
      onConfirm={async () => {
        const restored = await restoreVersion(list.Id, version, message);
        notify.success(t('lists.saved', { version: restored }));
        onDone();
      }}
    >
      <p>{t('lists.restoreText')}</p>
      <FormField label={t('lists.message')}>
        <Input value={message} onChange={({ detail }) => setMessage(detail.value)} />
      </FormField>
    </Confirm>
  );
}
