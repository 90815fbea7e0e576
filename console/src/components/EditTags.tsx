import TagEditor, { type TagEditorProps } from '@cloudscape-design/components/tag-editor';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/aws';
import { useNotifications } from '../app/Notifications';
import { shapes, type Tag } from '../generated/sagemaker';
import { useI18n } from '../i18n/I18n';
import { Confirm } from './Confirm';
import { tagChanges } from './tagChanges';

/** Changes the tags of something that has an ARN. */
export function EditTags({ arn, name, tags, onClose }: { arn: string; name: string; tags: readonly Tag[]; onClose: () => void }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const notify = useNotifications();
  const [edited, setEdited] = useState<readonly TagEditorProps.Tag[]>(() => tags.map((tag) => ({ key: tag.Key, value: tag.Value, existing: true })));
  const [valid, setValid] = useState(true);
  const save = async (): Promise<void> => {
    if (!valid) throw new Error(t('tags.invalid'));
    const after = edited.filter((tag) => !tag.markedForRemoval && tag.key !== '').map((tag) => ({ Key: tag.key, Value: tag.value }));
    const { add, remove } = tagChanges(tags, after);
    try {
      // First what is taken away: a thing has so many tags and no more.
      if (remove.length > 0) await call('sagemaker', 'DeleteTags', { ResourceArn: arn, TagKeys: [...remove] });
      if (add.length > 0) await call('sagemaker', 'AddTags', { ResourceArn: arn, Tags: [...add] });
    } finally {
      void client.invalidateQueries({ queryKey: ['tags', arn] });
    }
    if (add.length + remove.length > 0) notify.success(t('tags.saved', { name }));
  };
  return (
    <Confirm title={t('tags.edit')} action={t('tags.save')} onConfirm={save} onClose={onClose}>
      <TagEditor
        tags={edited}
        tagLimit={shapes.TagList.max}
        allowedCharacterPattern={shapes.TagKey.pattern}
        onChange={({ detail }) => {
          setEdited(detail.tags);
          setValid(detail.valid);
        }}
      />
    </Confirm>
  );
}
