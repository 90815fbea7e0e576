import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import Tabs from '@cloudscape-design/components/tabs';
import { duration } from '../../base/format';
import { Code } from '../../components/Code';
import { LoadError } from '../../components/ErrorText';
import { asCli, asJson, asPython, type ApiRequest } from '../../components/copyAs';
import { useDestination } from '../../components/useDestination';
import type { Channel, CreateTrainingJobRequest } from '../../generated/sagemaker';
import { useI18n } from '../../i18n/I18n';
import { sourceOf } from './source';
import { shortMessage, stepOf, steps, type Step } from './problems';
import type { Check } from './useCheck';

interface Properties {
  readonly request: Partial<CreateTrainingJobRequest>;
  readonly api: ApiRequest;
  readonly check: Check;
  readonly titles: Readonly<Record<Step, string>>;
  readonly onEdit: (step: Step) => void;
}

/** Everything once more, what the service would say to it, and the request in three spellings. */
export function ReviewStep({ request, api, check, titles, onEdit }: Properties) {
  const { t, number } = useI18n();
  const { problems } = check;
  const destination = useDestination();
  const resources = request.ResourceConfig;
  const section = (step: Step, content: React.ReactNode): React.ReactNode => (
    <Container header={<Header variant="h2" actions={<Button onClick={() => onEdit(step)} ariaLabel={t('create.editStep', { step: titles[step] })}>{t('create.edit')}</Button>}>{titles[step]}</Header>}>{content}</Container>
  );
  const pairs = (values: readonly (readonly [string, string | undefined])[]): React.ReactNode => (
    <KeyValuePairs columns={3} items={values.map(([label, value]) => ({ label, value: value === undefined || value === '' ? '–' : value }))} />
  );
  const named = (values: Readonly<Record<string, string>>, empty: string): React.ReactNode =>
    Object.keys(values).length === 0 ? <Box color="text-body-secondary">{empty}</Box> : pairs(Object.entries(values));
  return (
    <SpaceBetween size="l">
      {check.state === 'failed' ? (
        <LoadError what={t('create.checkFailed')} error={check.error} onRetry={() => void check.checkNow().catch(() => undefined)} />
      ) : problems.length > 0 ? (
        <Alert type="error" header={t('create.problems')}>
          <ul className="mr-problems">
            {problems.map((problem) => {
              const step = stepOf(problem);
              return (
                <li key={problem.Field + problem.Message}>
                  <span className="mr-wrap">{shortMessage(problem.Message)}</span>{' '}
                  {step !== 'review' && steps.includes(step) && (
                    <Button variant="inline-link" onClick={() => onEdit(step)}>
                      {titles[step]}
                    </Button>
                  )}
                </li>
              );
            })}
          </ul>
        </Alert>
      ) : check.state === 'checked' ? (
        <Alert type="success">{t('create.noProblems')}</Alert>
      ) : (
        <Alert type="info">
          <StatusIndicator type="loading">{t('create.checking')}</StatusIndicator>
        </Alert>
      )}
      {section(
        'settings',
        <SpaceBetween size="l">
          {pairs([
            [t('create.name'), request.TrainingJobName],
            [t('job.role'), request.RoleArn],
            [t('job.image'), request.AlgorithmSpecification?.TrainingImage],
            [t('create.modeDefault'), request.AlgorithmSpecification?.TrainingInputMode],
          ])}
          <div>
            <Box variant="awsui-key-label">{t('job.hyperparameters')}</Box>
            {named(request.HyperParameters ?? {}, t('job.noHyperparameters'))}
          </div>
        </SpaceBetween>,
      )}
      {section(
        'resources',
        pairs([
          [t('create.instanceType'), resources?.InstanceType],
          [t('create.instanceCount'), resources?.InstanceCount === undefined ? undefined : number(resources.InstanceCount)],
          [t('create.volume'), resources?.VolumeSizeInGB === undefined ? undefined : number(resources.VolumeSizeInGB)],
          [t('create.maxRuntime'), request.StoppingCondition?.MaxRuntimeInSeconds === undefined ? undefined : duration(request.StoppingCondition.MaxRuntimeInSeconds)],
          [t('job.checkpoints'), request.CheckpointConfig?.S3Uri],
        ]),
      )}
      {section(
        'input',
        <Table
          variant="embedded"
          wrapLines
          contentDensity="compact"
          items={request.InputDataConfig ?? []}
          ariaLabels={{ tableLabel: titles.input }}
          columnDefinitions={[
            { id: 'name', header: t('channel.name'), cell: (channel: Channel) => channel.ChannelName, isRowHeader: true, minWidth: 110 },
            { id: 'source', header: t('channel.source'), cell: sourceOf, minWidth: 180 },
            { id: 'mode', header: t('jobs.mode'), cell: (channel) => channel.InputMode ?? request.AlgorithmSpecification?.TrainingInputMode ?? '–', minWidth: 110 },
            { id: 'type', header: t('channel.contentType'), cell: (channel) => channel.ContentType ?? '–', minWidth: 130 },
          ]}
          empty={t('job.noChannels')}
        />,
      )}
      {section(
        'output',
        pairs([
          [t('create.outputPath'), request.OutputDataConfig?.S3OutputPath],
          [t('job.key'), request.OutputDataConfig?.KmsKeyId],
        ]),
      )}
      {section('tags', named(Object.fromEntries((request.Tags ?? []).map((tag) => [tag.Key, tag.Value])), t('job.noTags')))}
      <Container header={<Header variant="h2">{t('create.preview')}</Header>}>
        <Tabs
          tabs={[
            { id: 'json', label: t('copyAs.json'), content: <Code text={asJson([api])} label={t('copyAs.json')} /> },
            { id: 'boto3', label: t('copyAs.boto3'), content: <Code text={asPython([api], destination)} label={t('copyAs.boto3')} /> },
            { id: 'cli', label: t('copyAs.cli'), content: <Code text={asCli([api], destination)} label={t('copyAs.cli')} /> },
          ]}
        />
      </Container>
    </SpaceBetween>
  );
}
