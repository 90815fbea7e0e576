import FormField from '@cloudscape-design/components/form-field';
import { useState } from 'react';
import { imagesOf, rememberPlaces } from '../../api/listImages';
import type { ImageList } from '../../api/lists';
import { Confirm } from '../../components/Confirm';
import { S3UriField } from '../../components/S3UriField';
import { useI18n } from '../../i18n/I18n';

/** Says where the pictures of a list lie. */
export function ImagesDialog({ list, root, onChosen, onClose }: { list: ImageList; root: string; onChosen: (root: string) => void; onClose: () => void }) {
  const { t } = useI18n();
  const [images, setImages] = useState(root);
  return (
    <Confirm
      title={t('lists.images')}
      action={t('lists.use')}
      onClose={onClose}
      onConfirm={async () => {
        rememberPlaces(list.Id, images.trim());
        onChosen(imagesOf(list.Id, list.Source));
      }}
    >
      <FormField label={t('lists.images')} constraintText={t('lists.imagesRule')}>
        <S3UriField value={images} onChange={setImages} foldersOnly placeholder={t('lists.imagesDefault')} />
      </FormField>
    </Confirm>
  );
}
