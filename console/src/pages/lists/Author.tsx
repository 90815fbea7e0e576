import { useI18n } from '../../i18n/I18n';

/** The name that stands for whoever changed the file without the console. */
const elsewhere = '(changed elsewhere)';

export function Author({ name }: { name: string }) {
  const { t } = useI18n();
  return <>{name === elsewhere ? t('lists.outside') : name}</>;
}
