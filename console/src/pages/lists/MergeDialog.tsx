import { mergeProposal, type Proposal } from '../../api/lists';
import { useNotifications } from '../../app/Notifications';
import { useI18n } from '../../i18n/I18n';
import type { ClassNames } from './classNames';
import { WriteDialog } from './WriteDialog';

/** Writes a proposal into its list. What the list has changed meanwhile stays, save where both changed a row. */
export function MergeDialog({ proposal, names, onClose, onDone }: { proposal: Proposal; names: ClassNames; onClose: () => void; onDone: (proposal: Proposal) => void }) {
  const { t } = useI18n();
  const notify = useNotifications();
  return (
    <WriteDialog
      title={t('proposals.mergeTitle')}
      action={t('proposals.merge')}
      mergeAction={t('proposals.merge')}
      list={proposal.List}
      names={names}
      onClose={onClose}
      write={async (take) => {
        onDone(await mergeProposal(proposal.Number, take));
        notify.success(t('proposals.merged', { source: proposal.Source }));
      }}
    >
      <p>{t('proposals.mergeText', { source: proposal.Source })}</p>
    </WriteDialog>
  );
}
