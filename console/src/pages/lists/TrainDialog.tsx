import Alert from '@cloudscape-design/components/alert';
import { getCatalogue } from '../../api/mr';
import type { ImageList } from '../../api/lists';
import { call } from '../../api/aws';
import { useGo } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { Confirm } from '../../components/Confirm';
import { useI18n } from '../../i18n/I18n';
import { sessionAccount } from '../../session/session';
import { emptyDraft } from '../create/draft';
import { loadDraft, replaceDraft, saveDraft } from '../create/draftStore';
import { draftOf } from './useList';
import { takesList, withList, type ListChannel } from '../create/listChannel';

/** Starts the form of a training job with the list as one of its channels. */
export function TrainDialog({ list, root, channel, onClose }: { list: ImageList; root: string; channel: ListChannel; onClose: () => void }) {
  const { t } = useI18n();
  const go = useGo();
  const kept = loadDraft();
  return (
    <Confirm
      title={t('lists.trainTitle')}
      action={t('lists.trainAction')}
      onClose={onClose}
      onConfirm={async () => {
        const [catalogue, systems] = await Promise.all([getCatalogue(), list.Source.startsWith('fs-') ? call('control', 'ListFileSystems', {}) : undefined]);
        const further = kept !== null && takesList(kept, catalogue.Algorithms, channel);
        const draft = withList(further ? kept : emptyDraft(sessionAccount()), catalogue.Algorithms, channel, { source: list.Source, images: root }, systems?.FileSystems ?? []);
        if (further) saveDraft(draft);
        else replaceDraft(draft);
        go(`${paths.createJob}?step=input`);
      }}
    >
      <p>{t('lists.trainText', { channel, source: list.Source })}</p>
      {kept !== null && <p>{t('lists.trainKept')}</p>}
      {draftOf(list) && <Alert type="warning">{t('lists.trainDraft')}</Alert>}
    </Confirm>
  );
}
