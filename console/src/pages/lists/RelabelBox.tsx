import Button from '@cloudscape-design/components/button';
import type { ClassNames } from './classNames';
import type { Typed } from './typeAhead';
import { useI18n } from '../../i18n/I18n';

/** What has been typed over the grid, and which classes it may mean. */
export function RelabelBox({ text, typed, names, count, onChoose, onCancel }: { text: string; typed: Typed; names: ClassNames; count: number; onChoose: (labels: readonly number[]) => void; onCancel: () => void }) {
  const { t, tn } = useI18n();
  return (
    <div className="mr-relabel" data-testid="relabel">
      <span role="status">
        {tn('lists.relabelTo', count)} <kbd>{text}</kbd>
        {typed.labels === null ? ` ${t('lists.noSuchClass')}` : ` → ${names.all(typed.labels)}`}
      </span>
      {typed.candidates.map((one) => (
        <Button key={one.Label} variant="inline-link" onClick={() => onChoose([one.Label])}>
          {names.one(one.Label)}
        </Button>
      ))}
      <span className="mr-relabel-keys">{t('lists.relabelKeys')}</span>
      <Button variant="icon" iconName="close" ariaLabel={t('common.cancel')} onClick={onCancel} />
    </div>
  );
}
