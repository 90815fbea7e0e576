import type { Counts } from '../../api/lists';
import { useI18n } from '../../i18n/I18n';

/** "+ 1 added, − 2 removed, ~ 3 relabelled", without what there is none of. */
export function DraftCounts({ counts }: { counts: Counts }) {
  const { t, number } = useI18n();
  const parts = [
    counts.Added > 0 && `+ ${t('lists.count.added', { count: number(counts.Added) })}`,
    counts.Removed > 0 && `− ${t('lists.count.removed', { count: number(counts.Removed) })}`,
    counts.Relabelled > 0 && `~ ${t('lists.count.relabelled', { count: number(counts.Relabelled) })}`,
    counts.Moved > 0 && `> ${t('lists.count.moved', { count: number(counts.Moved) })}`,
    counts.Replaced > 0 && `⇄ ${t('lists.count.replaced', { count: number(counts.Replaced) })}`,
    counts.Renumbered > 0 && `# ${t('lists.count.renumbered', { count: number(counts.Renumbered) })}`,
  ].filter((part) => part !== false);
  return (
    <span className="mr-counts">
      {parts.length === 0 ? t('lists.unchanged') : parts.map((part) => <span key={part}>{part}</span>)}
    </span>
  );
}
