import { useI18n } from '../../i18n/I18n';
import type { Found } from './atlases';

/** One thumbnail out of its atlas. It is named by the cell that it stands in. */
export function Picture({ found }: { found: Found | undefined }) {
  const { t } = useI18n();
  if (found === undefined) return <div className="mr-thumb mr-thumb-waiting" />;
  if (found === null) return <div className="mr-thumb mr-thumb-none">{t('lists.noPicture')}</div>;
  const { url, column, line, columns, lines } = found;
  const share = (at: number, of: number): string => `${of <= 1 ? 0 : (100 * at) / (of - 1)}%`;
  return (
    <div
      className="mr-thumb"
      style={{ backgroundImage: `url(${url})`, backgroundSize: `${columns * 100}% ${lines * 100}%`, backgroundPosition: `${share(column, columns)} ${share(line, lines)}` }}
    />
  );
}
