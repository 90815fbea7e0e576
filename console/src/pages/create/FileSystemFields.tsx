import Autosuggest from '@cloudscape-design/components/autosuggest';
import FormField from '@cloudscape-design/components/form-field';
import Grid from '@cloudscape-design/components/grid';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/aws';
import type { FileSystemDataSource } from '../../generated/sagemaker';
import { useI18n } from '../../i18n/I18n';

interface Properties {
  /** "EFS" or "FSxLustre" */
  readonly type: string;
  readonly value: FileSystemDataSource | undefined;
  readonly onChange: (change: Partial<FileSystemDataSource>) => void;
  readonly problemOf: (member: string) => string | undefined;
}

/** A directory of a registered file system. */
export function FileSystemFields({ type, value, onChange, problemOf }: Properties) {
  const { t } = useI18n();
  const systems = useQuery({ queryKey: ['file-systems'], queryFn: async ({ signal }) => (await call('control', 'ListFileSystems', {}, signal)).FileSystems ?? [], retry: false });
  const chosen = systems.data?.find((system) => system.FileSystemId === value?.FileSystemId);
  const isLustre = type === 'FSxLustre';
  const third = { colspan: { default: 12, s: 4 } };
  return (
    <Grid gridDefinition={[third, third, third]}>
      <FormField label={t('create.fileSystem')} description={chosen?.Path} errorText={problemOf('fileSystemId')}>
        <Autosuggest
          value={value?.FileSystemId ?? ''}
          placeholder="fs-…"
          options={(systems.data ?? []).filter((system) => system.FileSystemType === type).map((system) => ({ value: system.FileSystemId ?? '', ...(system.Path ? { description: system.Path } : {}) }))}
          enteredTextLabel={(text) => t('s3.use', { uri: text })}
          empty={t('create.noFileSystems')}
          onChange={({ detail }) => onChange({ FileSystemId: detail.value })}
        />
      </FormField>
      <FormField label={t('create.directory')} errorText={problemOf('directoryPath')} constraintText={isLustre ? t('create.lustrePath', { mount: chosen?.MountName ?? 'fsx' }) : t('create.efsPath')}>
        <Input value={value?.DirectoryPath ?? ''} placeholder={isLustre ? `/${chosen?.MountName ?? 'fsx'}/…` : '/…'} spellcheck={false} onChange={({ detail }) => onChange({ DirectoryPath: detail.value })} />
      </FormField>
      <FormField label={t('create.accessMode')} errorText={problemOf('fileSystemAccessMode')}>
        <RadioGroup
          direction="horizontal"
          value={value?.FileSystemAccessMode ?? 'ro'}
          items={[
            { value: 'ro', label: t('create.readOnly') },
            { value: 'rw', label: t('create.readWrite') },
          ]}
          onChange={({ detail }) => onChange({ FileSystemAccessMode: detail.value })}
        />
      </FormField>
    </Grid>
  );
}
