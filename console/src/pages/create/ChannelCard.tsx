import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Autosuggest from '@cloudscape-design/components/autosuggest';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Grid from '@cloudscape-design/components/grid';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ChannelDescription, Problem } from '../../api/mr';
import { PrefixSize } from '../../components/PrefixSize';
import { S3UriField } from '../../components/S3UriField';
import { shapes, type Channel, type FileSystemDataSource, type S3DataSource } from '../../generated/sagemaker';
import { useI18n } from '../../i18n/I18n';
import { sourceOf } from './source';
import { FileSystemFields } from './FileSystemFields';
import { ModelPicker } from './ModelPicker';
import { channelField, problemAt, shortMessage } from './problems';

interface Properties {
  readonly index: number;
  readonly channel: Channel;
  readonly names: readonly string[];
  readonly known: readonly ChannelDescription[];
  readonly defaultMode: string;
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
  readonly problems: readonly Problem[];
  readonly onChange: (channel: Channel) => void;
  readonly onRemove: () => void;
}

const inherit = '';
const half = { colspan: { default: 12, s: 6 } };

/** One channel with every field it has; "Done" folds it to a line. */
export function ChannelCard({ index, channel, names, known, defaultMode, open, onOpen, problems, onChange, onRemove }: Properties) {
  const { t } = useI18n();
  const field = (member: string): string => channelField(index, member);
  const name = channel.ChannelName;
  const description = known.find((one) => one.Name === name);
  const mode = channel.InputMode ?? defaultMode;
  const isModel = name === 'model';
  const s3 = channel.DataSource.S3DataSource;
  const files = channel.DataSource.FileSystemDataSource;
  const kind = s3 ? 'S3' : (files?.FileSystemType ?? 'S3');
  const set = (member: keyof Channel, value: string): void => {
    const { [member]: _, ...others } = channel;
    onChange((value === inherit && member !== 'ChannelName' ? others : { ...others, [member]: value }) as Channel);
  };
  const setS3 = (change: Partial<S3DataSource>): void =>
    onChange({ ...channel, DataSource: { S3DataSource: { ...(s3 ?? { S3DataType: 'S3Prefix', S3Uri: '' }), ...change } } });
  const setFiles = (change: Partial<FileSystemDataSource>): void =>
    onChange({
      ...channel,
      DataSource: { FileSystemDataSource: { ...(files ?? { FileSystemId: '', FileSystemType: kind, FileSystemAccessMode: 'ro', DirectoryPath: '' }), ...change } },
    });
  const setKind = (next: string): void => {
    if (next === 'S3') setS3({});
    else setFiles({ FileSystemType: next });
  };
  const own = problems.filter((problem) => problem.Field.startsWith(channelField(index)) || (name !== '' && problem.Field.includes(`channel '${name}'`)));
  const duplicate = name !== '' && names.indexOf(name) !== index;
  const options = (values: readonly string[]): { value: string; label: string }[] => values.map((value) => ({ value, label: value }));

  return (
    <ExpandableSection
      variant="container"
      headingTagOverride="h2"
      expanded={open}
      onChange={({ detail }) => onOpen(detail.expanded)}
      headerText={name === '' ? t('create.newChannel') : name}
      headerDescription={[sourceOf(channel), channel.ContentType ?? '', own.length > 0 ? t('create.hasProblems') : ''].filter((part) => part !== '').join(' · ')}
      headerActions={
        <Button onClick={onRemove} ariaLabel={t('create.removeChannel', { name })}>
          {t('common.remove')}
        </Button>
      }
    >
      <SpaceBetween size="l">
        {own
          .filter((problem) => problem.Field.includes("channel '"))
          .map((problem) => (
            <Alert key={problem.Message} type="error">
              <span className="mr-wrap">{shortMessage(problem.Message)}</span>
            </Alert>
          ))}
        <Grid gridDefinition={[half, half]}>
          <FormField label={t('create.channelName')} errorText={duplicate ? t('create.duplicateChannel') : problemAt(own, field('channelName'))}>
            <Autosuggest
              value={name}
              options={known.map((one) => ({ value: one.Name, ...(one.Required ? { tags: [t('common.required')] } : {}) }))}
              enteredTextLabel={(text) => t('s3.use', { uri: text })}
              empty={t('create.ownChannel')}
              onChange={({ detail }) => set('ChannelName', detail.value)}
            />
          </FormField>
          <FormField label={t('jobs.mode')} errorText={problemAt(own, field('inputMode'))} constraintText={isModel ? t('create.modelMode') : undefined}>
            <RadioGroup
              direction="horizontal"
              value={channel.InputMode ?? inherit}
              items={[{ value: inherit, label: t('create.inheritMode', { mode: defaultMode }) }, ...shapes.TrainingInputMode.enum.map((one) => ({ value: one, label: one, disabled: isModel && one !== 'File' }))]}
              onChange={({ detail }) => set('InputMode', detail.value)}
            />
          </FormField>
        </Grid>
        {isModel && <ModelPicker value={s3?.S3Uri ?? ''} onChange={(artifact) => onChange({ ...channel, InputMode: 'File', ContentType: channel.ContentType ?? 'application/x-sagemaker-model', DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: artifact, S3DataDistributionType: 'FullyReplicated' } } })} />}
        <FormField label={t('create.dataSource')}>
          <RadioGroup
            direction="horizontal"
            value={kind}
            items={[
              { value: 'S3', label: 'S3' },
              { value: 'EFS', label: 'EFS' },
              { value: 'FSxLustre', label: 'FSx for Lustre' },
            ]}
            onChange={({ detail }) => setKind(detail.value)}
          />
        </FormField>
        {kind === 'S3' ? (
          <>
            <Grid gridDefinition={[half, half]}>
              <FormField label={t('create.dataType')} errorText={problemAt(own, field('dataSource.s3DataSource.s3DataType'))}>
                <Select selectedOption={{ value: s3?.S3DataType ?? 'S3Prefix' }} options={options(shapes.S3DataType.enum)} onChange={({ detail }) => setS3({ S3DataType: detail.selectedOption.value ?? 'S3Prefix' })} />
              </FormField>
              <FormField label={t('create.distribution')} errorText={problemAt(own, field('dataSource.s3DataSource.s3DataDistributionType'))}>
                <Select
                  selectedOption={{ value: s3?.S3DataDistributionType ?? 'FullyReplicated' }}
                  options={options(shapes.S3DataDistribution.enum)}
                  onChange={({ detail }) => setS3({ S3DataDistributionType: detail.selectedOption.value ?? 'FullyReplicated' })}
                />
              </FormField>
            </Grid>
            <FormField label={t('create.s3Location')} stretch errorText={problemAt(own, field('dataSource.s3DataSource.s3Uri'))} description={<PrefixSize uri={s3?.S3Uri ?? ''} />}>
              <S3UriField value={s3?.S3Uri ?? ''} onChange={(uri) => setS3({ S3Uri: uri })} />
            </FormField>
            {s3?.S3DataType === 'AugmentedManifestFile' && (
              <FormField label={t('create.attributes')} constraintText={t('create.attributesHint')} errorText={problemAt(own, field('dataSource.s3DataSource.attributeNames'))}>
                <Input value={(s3.AttributeNames ?? []).join(', ')} onChange={({ detail }) => setS3({ AttributeNames: detail.value.split(/,\s*/) })} />
              </FormField>
            )}
          </>
        ) : (
          <FileSystemFields type={kind} value={files} onChange={setFiles} problemOf={(member) => problemAt(own, field(`dataSource.fileSystemDataSource.${member}`))} />
        )}
        <Grid gridDefinition={[half, half, half]}>
          <FormField
            label={<>{t('channel.contentType')} <i>– {t('common.optional')}</i></>}
            errorText={problemAt(own, field('contentType'))}
            constraintText={mode === 'Pipe' && channel.ContentType === undefined ? t('create.pipeType') : t('create.typeHint')}
          >
            <Autosuggest
              value={channel.ContentType ?? ''}
              options={(description?.ContentTypes ?? []).map((value) => ({ value }))}
              enteredTextLabel={(text) => t('s3.use', { uri: text })}
              empty={t('create.anyType')}
              onChange={({ detail }) => set('ContentType', detail.value)}
            />
          </FormField>
          <FormField label={t('create.compression')} errorText={problemAt(own, field('compressionType'))}>
            <Select selectedOption={{ value: channel.CompressionType ?? 'None' }} options={options(shapes.CompressionType.enum)} onChange={({ detail }) => set('CompressionType', detail.selectedOption.value ?? inherit)} />
          </FormField>
          <FormField label={t('create.wrapper')} errorText={problemAt(own, field('recordWrapperType'))}>
            <Select selectedOption={{ value: channel.RecordWrapperType ?? 'None' }} options={options(shapes.RecordWrapper.enum)} onChange={({ detail }) => set('RecordWrapperType', detail.selectedOption.value ?? inherit)} />
          </FormField>
        </Grid>
        <Box float="right">
          <Button variant="primary" onClick={() => onOpen(false)} ariaLabel={t('create.doneWith', { name })}>
            {t('create.done')}
          </Button>
        </Box>
      </SpaceBetween>
    </ExpandableSection>
  );
}
