import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Grid from '@cloudscape-design/components/grid';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { duration } from '../../base/format';
import { S3UriField } from '../../components/S3UriField';
import { ValuesEditor } from '../../components/ValuesEditor';
import type { InstanceType } from '../../api/mr';
import { useI18n } from '../../i18n/I18n';
import { problemAt } from './problems';
import type { StepProps } from './StepProps';

/** A field of digits; empty is undefined. */
function NumberInput({ value, onChange }: { value: number | undefined; onChange: (value: number | undefined) => void }) {
  return <Input type="number" inputMode="numeric" value={value === undefined ? '' : String(value)} onChange={({ detail }) => onChange(detail.value === '' ? undefined : Number(detail.value))} />;
}

/** JSON leaves out what is undefined; a type that says so does not allow it to stand there. */
function without<T extends object>(value: T, ...optional: readonly (keyof T)[]): T {
  return Object.fromEntries(Object.entries(value).filter(([key, each]) => each !== undefined || !optional.includes(key as keyof T))) as T;
}

export function ResourcesStep({ draft, set, catalogue, problems }: StepProps) {
  const { t, tn, bytes } = useI18n();
  const { request } = draft;
  const resources = request.ResourceConfig ?? {};
  const stopping = request.StoppingCondition ?? {};
  const spot = request.EnableManagedSpotTraining === true;
  const describe = (type: InstanceType): string => tn('create.runsAs', type.Cpus, { memory: bytes(type.MemoryBytes) });
  const chosen = catalogue?.InstanceTypes.find((type) => type.Name === resources.InstanceType);
  const setResources = (change: object): void => set({ ResourceConfig: without({ ...resources, ...change }, 'InstanceCount', 'VolumeSizeInGB', 'KeepAlivePeriodInSeconds') });
  const setStopping = (change: object): void => set({ StoppingCondition: without({ ...stopping, ...change }, 'MaxRuntimeInSeconds', 'MaxWaitTimeInSeconds') });
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">{t('create.resources')}</Header>}>
        <Grid gridDefinition={[{ colspan: { default: 12, s: 6 } }, { colspan: { default: 12, s: 6 } }, { colspan: { default: 12, s: 6 } }, { colspan: { default: 12, s: 6 } }]}>
          <FormField label={t('create.instanceType')} constraintText={chosen ? describe(chosen) : undefined} errorText={problemAt(problems, 'resourceConfig.instanceType')}>
            <Select
              filteringType="auto"
              virtualScroll
              selectedOption={resources.InstanceType === undefined ? null : { value: resources.InstanceType, label: resources.InstanceType }}
              options={(catalogue?.InstanceTypes ?? []).map((type) => ({ value: type.Name, label: type.Name, description: describe(type) }))}
              onChange={({ detail }) => setResources({ InstanceType: detail.selectedOption.value })}
            />
          </FormField>
          <FormField label={t('create.instanceCount')} errorText={problemAt(problems, 'resourceConfig.instanceCount')}>
            <NumberInput value={resources.InstanceCount} onChange={(value) => setResources({ InstanceCount: value })} />
          </FormField>
          <FormField label={t('create.volume')} errorText={problemAt(problems, 'resourceConfig.volumeSizeInGB')}>
            <NumberInput value={resources.VolumeSizeInGB} onChange={(value) => setResources({ VolumeSizeInGB: value })} />
          </FormField>
          <FormField
            label={t('create.maxRuntime')}
            constraintText={stopping.MaxRuntimeInSeconds === undefined ? undefined : duration(stopping.MaxRuntimeInSeconds)}
            errorText={problemAt(problems, 'stoppingCondition.maxRuntimeInSeconds')}
          >
            <NumberInput value={stopping.MaxRuntimeInSeconds} onChange={(value) => setStopping({ MaxRuntimeInSeconds: value })} />
          </FormField>
        </Grid>
      </Container>
      <Container header={<Header variant="h2">{t('create.further')}</Header>}>
        <SpaceBetween size="l">
          <Toggle checked={request.EnableNetworkIsolation === true} onChange={({ detail }) => set({ EnableNetworkIsolation: detail.checked })} description={t('create.isolationHint')}>
            {t('job.isolation')}
          </Toggle>
          <Toggle
            checked={spot}
            description={t('create.spotHint')}
            onChange={({ detail }) => {
              const { MaxWaitTimeInSeconds: _, ...others } = stopping;
              set({
                EnableManagedSpotTraining: detail.checked,
                StoppingCondition: detail.checked ? { ...others, MaxWaitTimeInSeconds: stopping.MaxRuntimeInSeconds ?? 86_400 } : others,
              });
            }}
          >
            {t('job.spot')}
          </Toggle>
          {spot && (
            <FormField label={t('create.maxWait')} errorText={problemAt(problems, 'stoppingCondition.maxWaitTimeInSeconds')}>
              <NumberInput value={stopping.MaxWaitTimeInSeconds} onChange={(value) => setStopping({ MaxWaitTimeInSeconds: value })} />
            </FormField>
          )}
          <FormField label={<>{t('job.checkpoints')} <i>– {t('common.optional')}</i></>} description={t('create.checkpointHint')} errorText={problemAt(problems, 'checkpointConfig')}>
            <S3UriField foldersOnly value={request.CheckpointConfig?.S3Uri ?? ''} onChange={(uri) => set({ CheckpointConfig: { ...request.CheckpointConfig, S3Uri: uri } })} />
          </FormField>
          <FormField label={<>{t('job.environment')} <i>– {t('common.optional')}</i></>} errorText={problemAt(problems, 'environment')} stretch>
            <ValuesEditor values={request.Environment ?? {}} onChange={(values) => set({ Environment: values })} addText={t('create.addVariable')} emptyText={t('create.noVariables')} />
          </FormField>
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}
