import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/aws';
import { useNotifications } from '../../app/Notifications';
import { useAddress, useGo } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { CopyAs } from '../../components/CopyAs';
import type { Json } from '../../components/copyAs';
import { LoadError } from '../../components/ErrorText';
import { S3UriField } from '../../components/S3UriField';
import { ValuesEditor } from '../../components/ValuesEditor';
import { useI18n } from '../../i18n/I18n';
import { currentSession } from '../../session/session';
import { CreateForm } from './CreateForm';

/** A model from a job's artifact, or from any image and data. */
export function CreateModelPage() {
  const { t } = useI18n();
  const go = useGo();
  const notify = useNotifications();
  const [search] = useAddress();
  const job = search['job'];
  const state = currentSession();
  const account = state.kind === 'signed-in' ? state.session.Account : '';
  const source = useQuery({
    queryKey: ['job', job],
    enabled: job !== undefined,
    queryFn: ({ signal }) => call('sagemaker', 'DescribeTrainingJob', { TrainingJobName: job ?? '' }, signal),
  });
  const [name, setName] = useState(job ?? '');
  const [image, setImage] = useState<string | null>(null);
  const [data, setData] = useState<string | null>(null);
  const [role, setRole] = useState<string | null>(null);
  const [environment, setEnvironment] = useState<Record<string, string>>({});

  // What the job says holds until the user writes something else.
  const shown = {
    image: image ?? source.data?.AlgorithmSpecification?.TrainingImage ?? '',
    data: data ?? source.data?.ModelArtifacts.S3ModelArtifacts ?? '',
    role: role ?? source.data?.RoleArn ?? `arn:aws:iam::${account}:role/millrace`,
  };
  const request = {
    ModelName: name,
    ExecutionRoleArn: shown.role,
    PrimaryContainer: {
      Image: shown.image,
      ...(shown.data === '' ? {} : { ModelDataUrl: shown.data }),
      ...(Object.keys(environment).length === 0 ? {} : { Environment: environment }),
    },
  };
  return (
    <CreateForm
      title={t('models.create')}
      list={{ text: t('nav.models'), path: paths.models }}
      help={t('models.help')}
      heading={t('models.container')}
      ready={name !== '' && shown.image !== ''}
      secondaryActions={<CopyAs request={{ service: 'sagemaker', operation: 'CreateModel', input: request as Json }} />}
      onCreate={async () => {
        await call('sagemaker', 'CreateModel', request);
        notify.success(t('models.created', { name }));
        go(paths.model(name));
      }}
    >
      {source.isError && <LoadError what={t('job.loadFailed', { name: job ?? '' })} error={source.error} onRetry={() => void source.refetch()} />}
      <FormField label={t('models.name')} constraintText={t('models.nameRule')}>
        <Input value={name} onChange={({ detail }) => setName(detail.value)} spellcheck={false} />
      </FormField>
      <FormField label={t('models.image')} description={t('models.imageHint')} stretch>
        <Input value={shown.image} onChange={({ detail }) => setImage(detail.value)} spellcheck={false} />
      </FormField>
      <FormField label={t('models.data')} description={t('models.dataHint')} stretch>
        <S3UriField value={shown.data} onChange={setData} />
      </FormField>
      <FormField label={t('job.role')} stretch>
        <Input value={shown.role} onChange={({ detail }) => setRole(detail.value)} spellcheck={false} />
      </FormField>
      <FormField label={<>{t('job.environment')} <i>– {t('common.optional')}</i></>} stretch>
        <ValuesEditor values={environment} onChange={setEnvironment} addText={t('create.addVariable')} emptyText={t('create.noVariables')} />
      </FormField>
    </CreateForm>
  );
}
