import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/aws';
import { openList } from '../../api/lists';
import { useGo } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { Confirm } from '../../components/Confirm';
import { S3UriField } from '../../components/S3UriField';
import { useI18n } from '../../i18n/I18n';

/** Opens a list by its address: an object, or a file of a registered file system. */
export function OpenListDialog({ address, onClose }: { address: string; onClose: () => void }) {
  const { t } = useI18n();
  const go = useGo();
  const [source, setSource] = useState(address);
  const [images, setImages] = useState('');
  const systems = useQuery({ queryKey: ['file-systems'], queryFn: async ({ signal }) => (await call('control', 'ListFileSystems', {}, signal)).FileSystems ?? [] });
  const known = (systems.data ?? []).map((system) => `${system.FileSystemId}:/`);
  return (
    <Confirm
      title={t('lists.openTitle')}
      action={t('lists.open')}
      onClose={onClose}
      onConfirm={async () => {
        go(paths.list(await openList(source.trim(), images.trim())));
      }}
    >
      <SpaceBetween size="m">
        <FormField label={t('lists.source')} constraintText={known.length === 0 ? t('lists.sourceRule') : t('lists.sourceRuleFs', { systems: known.slice(0, 5).join(', ') })}>
          <S3UriField value={source} onChange={setSource} placeholder="s3://…/train.lst" />
        </FormField>
        <FormField label={t('lists.images')} constraintText={t('lists.imagesRule')}>
          <S3UriField value={images} onChange={setImages} foldersOnly placeholder={t('lists.imagesDefault')} />
        </FormField>
      </SpaceBetween>
    </Confirm>
  );
}
