import { Confirm } from '../../components/Confirm';
import { useI18n } from '../../i18n/I18n';

/** Asks before jobs are stopped, by their names. */
export function StopJobs({ names, onConfirm, onClose }: { names: readonly string[]; onConfirm: () => Promise<void>; onClose: () => void }) {
  const { t, tn } = useI18n();
  return (
    <Confirm title={tn('jobs.stopTitle', names.length)} action={t('jobs.stop')} onConfirm={onConfirm} onClose={onClose}>
      <p>{t('jobs.stopText')}</p>
      <ul>
        {names.map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
    </Confirm>
  );
}
