import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import { openList } from '../api/lists';
import { useNotifications } from '../app/Notifications';
import { useGo } from '../app/useRoute';
import { paths } from '../base/paths';
import { useI18n } from '../i18n/I18n';

/** Opens a .lst of the store as a grid of pictures. */
export function OpenListButton({ source }: { source: string }) {
  const { t } = useI18n();
  const go = useGo();
  const notify = useNotifications();
  const [busy, setBusy] = useState(false);
  const open = async (): Promise<void> => {
    setBusy(true);
    try {
      go(paths.list(await openList(source)));
    } catch (error) {
      notify.failure(t('lists.listFailed'), error);
      setBusy(false);
    }
  };
  return (
    <Button variant="primary" loading={busy} onClick={() => void open()}>
      {t('lists.openAs')}
    </Button>
  );
}
