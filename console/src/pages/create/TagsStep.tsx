import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import TagEditor, { type TagEditorProps } from '@cloudscape-design/components/tag-editor';
import { useState } from 'react';
import { shapes } from '../../generated/sagemaker';
import { useI18n } from '../../i18n/I18n';
import type { StepProps } from './StepProps';

export function TagsStep({ draft, set }: StepProps) {
  const { t } = useI18n();
  const [tags, setTags] = useState<readonly TagEditorProps.Tag[]>(() => (draft.request.Tags ?? []).map((tag) => ({ key: tag.Key, value: tag.Value, existing: false })));
  return (
    <Container header={<Header variant="h2" description={t('create.tagsHint')}>{t('job.tags')}</Header>}>
      <TagEditor
        tags={tags}
        tagLimit={shapes.TagList.max}
        allowedCharacterPattern={shapes.TagKey.pattern}
        onChange={({ detail }) => {
          setTags(detail.tags);
          set({ Tags: detail.tags.filter((tag) => tag.key !== '').map((tag) => ({ Key: tag.key, Value: tag.value })) });
        }}
      />
    </Container>
  );
}
