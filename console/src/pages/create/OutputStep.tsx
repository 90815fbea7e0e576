import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { S3UriField } from '../../components/S3UriField';
import { shapes } from '../../generated/sagemaker';
import { useI18n } from '../../i18n/I18n';
import { problemAt } from './problems';
import type { StepProps } from './StepProps';

export function OutputStep({ draft, set, problems }: StepProps) {
  const { t } = useI18n();
  const output = draft.request.OutputDataConfig ?? { S3OutputPath: '' };
  const name = draft.request.TrainingJobName ?? '';
  return (
    <Container header={<Header variant="h2">{t('create.output')}</Header>}>
      <SpaceBetween size="l">
        <FormField
          label={t('create.outputPath')}
          stretch
          description={output.S3OutputPath === '' ? undefined : t('create.outputWill', { uri: `${output.S3OutputPath.replace(/\/+$/, '')}/${name}/output/model.tar.gz` })}
          errorText={problemAt(problems, 'outputDataConfig.s3OutputPath', 'outputDataConfig')}
        >
          <S3UriField foldersOnly value={output.S3OutputPath} onChange={(uri) => set({ OutputDataConfig: { ...output, S3OutputPath: uri } })} />
        </FormField>
        <FormField label={<>{t('job.key')} <i>– {t('common.optional')}</i></>} description={t('create.keyHint')} errorText={problemAt(problems, 'outputDataConfig.kmsKeyId')}>
          <Input value={output.KmsKeyId ?? ''} placeholder="alias/…" spellcheck={false} onChange={({ detail }) => set({ OutputDataConfig: { ...output, KmsKeyId: detail.value } })} />
        </FormField>
        <FormField label={t('create.outputCompression')}>
          <RadioGroup
            direction="horizontal"
            value={output.CompressionType ?? 'GZIP'}
            items={shapes.OutputCompressionType.enum.map((value) => ({ value, label: value }))}
            onChange={({ detail }) => set({ OutputDataConfig: { ...output, CompressionType: detail.value } })}
          />
        </FormField>
      </SpaceBetween>
    </Container>
  );
}
