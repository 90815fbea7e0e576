import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/aws';
import { listJobs } from '../../api/mr';
import { useI18n } from '../../i18n/I18n';

const shown = 100;

/** The model of an earlier job, by the job's name. */
export function ModelPicker({ value, onChange }: { value: string; onChange: (artifact: string) => void }) {
  const { t, relative } = useI18n();
  const [wanted, setWanted] = useState('');
  const jobs = useQuery({
    queryKey: ['model-jobs', wanted],
    queryFn: ({ signal }) => listJobs({ status: 'Completed', name: wanted, limit: shown }, signal),
  });
  const now = Date.now() / 1000;
  const job = /\/([^/]+)\/output\/model\.tar\.gz$/.exec(value)?.[1];
  return (
    <FormField label={t('create.earlierJob')} description={t('create.earlierJobHint')} stretch>
      <Select
        filteringType="manual"
        filteringAriaLabel={t('search.label')}
        placeholder={t('create.chooseJob')}
        selectedOption={job === undefined ? null : { value: job, label: job }}
        statusType={jobs.isPending ? 'loading' : 'finished'}
        empty={t('jobs.noMatch')}
        options={(jobs.data?.Jobs ?? []).map((one) => ({ value: one.Name, label: one.Name, description: one.Algorithm, labelTag: relative(Date.parse(one.CreationTime) / 1000, now) }))}
        onLoadItems={({ detail }) => setWanted(detail.filteringText)}
        onChange={({ detail }) => {
          void call('sagemaker', 'DescribeTrainingJob', { TrainingJobName: detail.selectedOption.value ?? '' }).then((found) => onChange(found.ModelArtifacts.S3ModelArtifacts));
        }}
      />
    </FormField>
  );
}
