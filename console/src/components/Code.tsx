import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import { useI18n } from '../i18n/I18n';

/** Text to be copied: a request, a command. */
export function Code({ text, label }: { text: string; label: string }) {
  const { t } = useI18n();
  return (
    <div className="mr-code">
      <div className="mr-code-copy">
        <CopyToClipboard variant="icon" textToCopy={text} copyButtonAriaLabel={t('common.copy', { what: label })} copySuccessText={t('common.copied')} copyErrorText={t('copyAs.failed')} />
      </div>
      <pre tabIndex={0} role="region" aria-label={label}>
        {text}
      </pre>
    </div>
  );
}

/** An ARN or address in a line, with its button. */
export function Copyable({ text, label }: { text: string; label: string }) {
  const { t } = useI18n();
  return (
    <CopyToClipboard variant="inline" textToCopy={text} copyButtonAriaLabel={t('common.copy', { what: label })} copySuccessText={t('common.copied')} copyErrorText={t('copyAs.failed')} />
  );
}
