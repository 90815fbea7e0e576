import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { call } from '../../api/aws';
import { ServiceError } from '../../api/errors';
import { listJobs } from '../../api/mr';
import { listObjects, parseUri } from '../../api/s3';
import { useNotifications } from '../../app/Notifications';
import { useI18n } from '../../i18n/I18n';

const shown = 100;

/** Where a job's model lies; null where it has left none, as one that was stopped early. */
async function modelOf(job: string): Promise<string | null> {
  const artifact = (await call('sagemaker', 'DescribeTrainingJob', { TrainingJobName: job })).ModelArtifacts.S3ModelArtifacts;
  const place = parseUri(artifact);
  if (place && (await listObjects(place.bucket, place.key, { delimiter: '', limit: 1 })).objects.length === 0) return null;
  return artifact;
}

/** The model of an earlier job, by the job's name. */
export function ModelPicker({ value, onChange }: { value: string; onChange: (artifact: string) => void }) {
  const { t, relative } = useI18n();
  const notify = useNotifications();
  const [wanted, setWanted] = useState('');
  // The form may have changed by the time that the job's artifact is known: what it is told has to be its own of then.
  const tell = useRef(onChange);
  tell.current = onChange;
  const chosen = useRef('');
  const jobs = useQuery({
    queryKey: ['model-jobs', wanted],
    // One that was stopped leaves the model that it had so far.
    queryFn: async ({ signal }) => {
      const found = await Promise.all(['Completed', 'Stopped'].map((status) => listJobs({ status, name: wanted, limit: shown }, signal)));
      return found.flatMap((page) => page.Jobs).sort((a, b) => b.CreationTime.localeCompare(a.CreationTime));
    },
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
        statusType={jobs.isPending ? 'loading' : jobs.isError ? 'error' : 'finished'}
        errorText={t('jobs.loadFailed')}
        empty={t('jobs.noMatch')}
        options={(jobs.data ?? []).map((one) => ({ value: one.Name, label: one.Name, description: one.Status === 'Completed' ? one.Algorithm : `${one.Algorithm} · ${one.Status}`, labelTag: relative(Date.parse(one.CreationTime) / 1000, now) }))}
        onLoadItems={({ detail }) => setWanted(detail.filteringText)}
        onChange={({ detail }) => {
          const name = detail.selectedOption.value ?? '';
          chosen.current = name;
          void modelOf(name).then(
            (artifact) => {
              if (chosen.current !== name) return;
              if (artifact === null) notify.failure(name, new ServiceError('ValidationException', t('job.noArtifact'), 0, ''));
              else tell.current(artifact);
            },
            (error: unknown) => notify.failure(t('job.loadFailed', { name }), error),
          );
        }}
      />
    </FormField>
  );
}
