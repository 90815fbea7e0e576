import Box from '@cloudscape-design/components/box';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Modal from '@cloudscape-design/components/modal';
import type { MessageKey } from '../i18n/en';
import { useI18n } from '../i18n/I18n';

/** What a key does, and where it goes. */
export const keyMap: readonly { readonly keys: string; readonly label: MessageKey; readonly path?: string }[] = [
  { keys: '/', label: 'keys.search' },
  { keys: '?', label: 'keys.show' },
  { keys: 'g h', label: 'nav.home', path: '/' },
  { keys: 'g j', label: 'nav.trainingJobs', path: '/training/jobs' },
  { keys: 'g m', label: 'nav.models', path: '/inference/models' },
  { keys: 'g e', label: 'nav.endpoints', path: '/inference/endpoints' },
  { keys: 'g d', label: 'nav.buckets', path: '/data/s3' },
  { keys: 'c', label: 'keys.create', path: '/training/jobs/create' },
  { keys: '+ -', label: 'keys.zoom' },
  { keys: '← →', label: 'keys.pan' },
];

export function KeyMap({ visible, onDismiss }: { visible: boolean; onDismiss: () => void }) {
  const { t } = useI18n();
  return (
    <Modal visible={visible} onDismiss={onDismiss} header={t('keys.title')}>
      <KeyValuePairs
        columns={2}
        items={[...keyMap.map(({ keys, label }) => ({ keys, text: t(label) })), { keys: 'Esc', text: t('keys.escape') }].map(({ keys, text }) => ({
          label: text,
          value: (
            <Box variant="span">
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </Box>
          ),
        }))}
      />
    </Modal>
  );
}
