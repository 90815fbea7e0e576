import Flashbar, { type FlashbarProps } from '@cloudscape-design/components/flashbar';
import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from 'react';
import { asServiceError } from '../api/errors';
import { ErrorText } from '../components/ErrorText';
import { useI18n } from '../i18n/I18n';
import { useUploadFlash } from '../uploads/useUploadFlash';

interface Notifications {
  success(text: ReactNode): void;
  /** Stays until it is closed: an error is read, not glimpsed. */
  failure(what: string, error: unknown): void;
}

const Actions = createContext<Notifications | null>(null);
const Items = createContext<readonly FlashbarProps.MessageDefinition[]>([]);

/** How long a success stays. */
const successTime = 6000;

export function useNotifications(): Notifications {
  const value = useContext(Actions);
  if (!value) throw new Error('useNotifications outside of <NotificationsRoot>');
  return value;
}

let nextId = 0;

export function NotificationsRoot({ children }: { children: ReactNode }) {
  const [items, setItems] = useState<readonly FlashbarProps.MessageDefinition[]>([]);
  const add = useCallback((item: FlashbarProps.MessageDefinition): string => {
    const id = `flash-${++nextId}`;
    const dismiss = (): void => setItems((all) => all.filter((other) => other.id !== id));
    setItems((all) => [{ ...item, id, dismissible: true, onDismiss: dismiss }, ...all]);
    if (item.type === 'success') window.setTimeout(dismiss, successTime);
    return id;
  }, []);
  const actions = useMemo<Notifications>(
    () => ({
      success: (text) => add({ type: 'success', content: text }),
      failure: (what, error) => add({ type: 'error', header: what, content: <ErrorText error={asServiceError(error)} /> }),
    }),
    [add],
  );
  return (
    <Actions.Provider value={actions}>
      <Items.Provider value={items}>{children}</Items.Provider>
    </Actions.Provider>
  );
}

export function NotificationArea() {
  const { t } = useI18n();
  const items = [...useUploadFlash(), ...useContext(Items)];
  return <Flashbar items={items.map((item) => ({ ...item, dismissLabel: t('common.close') }))} stackItems />;
}
