import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQuery } from '@tanstack/react-query';
import { request } from '../../api/http';
import { objectPath } from '../../api/s3';
import { Copyable } from '../../components/Code';
import { OpenListButton } from '../../components/OpenListButton';
import { DownloadButton } from '../../components/StoreLink';
import { useI18n } from '../../i18n/I18n';
import { ObjectPreview } from './ObjectPreview';

/** One object: what it is, its beginning, and what can be done with it. */
export function ObjectPanel({ bucket, objectKey, onClose, onDelete }: { bucket: string; objectKey: string; onClose: () => void; onDelete: () => void }) {
  const { t, bytes, dateTime } = useI18n();
  const uri = `s3://${bucket}/${objectKey}`;
  const facts = useQuery({
    queryKey: ['object-facts', bucket, objectKey],
    retry: false,
    queryFn: async ({ signal }) => (await request(objectPath(bucket, objectKey), { method: 'HEAD', signal })).headers,
  });
  const modified = Date.parse(facts.data?.get('last-modified') ?? '');
  return (
    <Container
      data-testid="object"
      header={
        <Header
          variant="h2"
          description={<Copyable text={uri} label={t('store.address')} />}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {objectKey.endsWith('.lst') && <OpenListButton source={uri} />}
              <DownloadButton uri={uri}>{t('common.download')}</DownloadButton>
              <Button onClick={onDelete}>{t('common.delete')}</Button>
              <Button variant="icon" iconName="close" ariaLabel={t('common.close')} onClick={onClose} />
            </SpaceBetween>
          }
        >
          {objectKey.replace(/^.*\//, '')}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <KeyValuePairs
          columns={3}
          items={[
            { label: t('common.size'), value: facts.data ? bytes(Number(facts.data.get('content-length'))) : '–' },
            { label: t('channel.contentType'), value: facts.data?.get('content-type') ?? '–' },
            { label: t('store.modified'), value: Number.isNaN(modified) ? '–' : dateTime(modified / 1000) },
          ]}
        />
        <ObjectPreview bucket={bucket} objectKey={objectKey} />
      </SpaceBetween>
    </Container>
  );
}
