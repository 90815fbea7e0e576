import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import { useState } from 'react';
import { discardDraft, type ImageList, type ListDraft } from '../../api/lists';
import { useNotifications } from '../../app/Notifications';
import { useGo } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { Confirm } from '../../components/Confirm';
import { useI18n } from '../../i18n/I18n';
import { DraftCounts } from './ChangeCounts';
import { ProposeDialog } from './ProposeDialog';
import { CopyDialog, SaveDialog } from './SaveDialog';
import type { ClassNames } from './classNames';
import type { Edits } from './useList';

/** What the caller has changed and not saved, and what can become of it. */
export function DraftBar({ list, draft, names, edits }: { list: ImageList; draft: ListDraft; names: ClassNames; edits: Edits }) {
  const { t } = useI18n();
  const go = useGo();
  const notify = useNotifications();
  const [dialog, setDialog] = useState<'version' | 'copy' | 'propose' | 'discard' | null>(null);
  const close = (): void => setDialog(null);
  return (
    <section className="mr-draft" aria-label={t('lists.draft')} data-testid="draft">
      <div>
        <strong>{t('lists.draftOn', { version: draft.Base })}</strong> <DraftCounts counts={draft} />
        {draft.Base !== list.Version && <div className="mr-hint">{t('lists.draftBehind', { version: list.Version })}</div>}
      </div>
      <div className="mr-draft-actions">
        <Button onClick={() => go(paths.diff(`${list.Id}@${draft.Base}`, `${list.Id}@draft`))}>{t('lists.seeChanges')}</Button>
        <Button onClick={() => setDialog('discard')}>{t('lists.discard')}</Button>
        <ButtonDropdown
          variant="primary"
          mainAction={{ text: t('lists.save'), onClick: () => setDialog('version') }}
          items={[
            { id: 'copy', text: t('lists.saveCopy') },
            { id: 'propose', text: t('lists.propose') },
          ]}
          ariaLabel={t('lists.moreWays')}
          onItemClick={({ detail }) => setDialog(detail.id as 'copy' | 'propose')}
        />
      </div>
      {dialog === 'version' && <SaveDialog list={list} draft={draft} names={names} onClose={close} onSaved={edits.ended} onEdited={edits.refresh} />}
      {dialog === 'copy' && <CopyDialog list={list} draft={draft} onClose={close} />}
      {dialog === 'propose' && <ProposeDialog draft={draft} onClose={close} onProposed={() => edits.ended()} />}
      {dialog === 'discard' && (
        <Confirm
          title={t('lists.discardTitle')}
          action={t('lists.discard')}
          onClose={close}
          onConfirm={async () => {
            await discardDraft(draft.Id);
            notify.success(t('lists.discarded'));
            edits.ended();
          }}
        >
          <p>{t('lists.discardText')}</p>
          <DraftCounts counts={draft} />
        </Confirm>
      )}
    </section>
  );
}
