import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState, type ReactNode } from 'react';
import { duration } from '../../base/format';
import { Copyable } from '../../components/Code';
import { EditTags } from '../../components/EditTags';
import { StoreLink } from '../../components/StoreLink';
import type { DescribeTrainingJobResponse, Tag } from '../../generated/sagemaker';
import { useI18n } from '../../i18n/I18n';

/** Names and values, sorted by name, as text. */
export function ValuesTable({ values, label, empty, actions }: { values: Readonly<Record<string, string>>; label: string; empty: string; actions?: ReactNode }) {
  const { t } = useI18n();
  const rows = Object.entries(values).sort(([a], [b]) => a.localeCompare(b, 'en'));
  return (
    <Table
      header={
        <Header variant="h2" actions={actions}>
          {label}
        </Header>
      }
      items={rows}
      trackBy={([name]) => name}
      wrapLines
      contentDensity="compact"
      ariaLabels={{ tableLabel: label }}
      columnDefinitions={[
        { id: 'name', header: t('common.name'), cell: ([name]) => name, isRowHeader: true },
        { id: 'value', header: t('common.value'), cell: ([, value]) => <span className="mr-wrap">{value}</span> },
      ]}
      empty={empty}
    />
  );
}

/** Everything the job was made of; `tags` are undefined until they are known. */
export function JobDetails({ job, tags }: { job: DescribeTrainingJobResponse; tags: readonly Tag[] | undefined }) {
  const { t, dateTime, number } = useI18n();
  const [editing, setEditing] = useState(false);
  const resources = job.ResourceConfig;
  const pair = (label: string, value: string | number | undefined): { label: string; value: string }[] =>
    value === undefined || value === '' ? [] : [{ label, value: String(value) }];
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">{t('job.settings')}</Header>}>
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'ARN', value: <Copyable text={job.TrainingJobArn} label="ARN" /> },
            { label: t('job.image'), value: <Copyable text={job.AlgorithmSpecification?.TrainingImage ?? '–'} label={t('job.image')} /> },
            ...pair(t('jobs.mode'), job.AlgorithmSpecification?.TrainingInputMode),
            ...pair(t('job.role'), job.RoleArn),
            ...pair(t('job.instance'), resources?.InstanceType === undefined ? undefined : `${number(resources.InstanceCount ?? 1)} × ${resources.InstanceType}`),
            ...pair(t('job.volume'), resources ? `${number(resources.VolumeSizeInGB ?? 0)} GB` : undefined),
            ...pair(t('job.maxRuntime'), duration(job.StoppingCondition.MaxRuntimeInSeconds ?? 86400)),
            ...pair(t('job.trainingTime'), job.TrainingTimeInSeconds === undefined ? undefined : duration(job.TrainingTimeInSeconds)),
            ...pair(t('job.billableTime'), job.BillableTimeInSeconds === undefined ? undefined : duration(job.BillableTimeInSeconds)),
            ...pair(t('jobs.created'), dateTime(job.CreationTime)),
            { label: t('job.output'), value: <StoreLink uri={job.OutputDataConfig?.S3OutputPath ?? ''} /> },
            ...pair(t('job.key'), job.OutputDataConfig?.KmsKeyId),
            ...(job.CheckpointConfig ? [{ label: t('job.checkpoints'), value: <StoreLink uri={job.CheckpointConfig.S3Uri} /> }] : []),
            ...pair(t('job.isolation'), job.EnableNetworkIsolation ? t('common.yes') : t('common.no')),
            ...pair(t('job.spot'), job.EnableManagedSpotTraining ? t('common.yes') : undefined),
          ]}
        />
      </Container>
      <ValuesTable values={job.HyperParameters ?? {}} label={t('job.hyperparameters')} empty={t('job.noHyperparameters')} />
      {job.Environment && Object.keys(job.Environment).length > 0 && <ValuesTable values={job.Environment} label={t('job.environment')} empty="" />}
      <ValuesTable
        values={Object.fromEntries((tags ?? []).map((tag) => [tag.Key, tag.Value]))}
        label={t('job.tags')}
        empty={tags === undefined ? t('common.loading') : t('job.noTags')}
        actions={
          <Button disabled={tags === undefined} onClick={() => setEditing(true)}>
            {t('tags.edit')}
          </Button>
        }
      />
      {editing && tags !== undefined && <EditTags arn={job.TrainingJobArn} name={job.TrainingJobName} tags={tags} onClose={() => setEditing(false)} />}
    </SpaceBetween>
  );
}
