import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Wizard from '@cloudscape-design/components/wizard';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { asServiceError, type ServiceError } from '../../api/errors';
import { call } from '../../api/aws';
import { getCatalogue } from '../../api/mr';
import { useNotifications } from '../../app/Notifications';
import { Page, useChrome } from '../../app/Page';
import { useAddress, useGo } from '../../app/useRoute';
import { repositoryOf } from '../../base/images';
import { paths } from '../../base/paths';
import { CopyAs } from '../../components/CopyAs';
import type { ApiRequest, Json } from '../../components/copyAs';
import { ErrorText, LoadError } from '../../components/ErrorText';
import { useI18n } from '../../i18n/I18n';
import type { CreateTrainingJobRequest } from '../../generated/sagemaker';
import { ChannelsStep } from './ChannelsStep';
import { requestOfDraft, type Draft } from './draft';
import { dropDraft, dropFormer, saveDraft } from './draftStore';
import { OutputStep } from './OutputStep';
import { isMissing, shortMessage, stepOf, steps, type Step } from './problems';
import { ResourcesStep } from './ResourcesStep';
import { ReviewStep } from './ReviewStep';
import { SettingsStep } from './SettingsStep';
import type { StepProps } from './StepProps';
import { TagsStep } from './TagsStep';
import { useCheck } from './useCheck';
import { useDraft, type Drafting } from './useDraft';

/** Waits for the catalogue and the draft. */
export function CreateJobPage() {
  const { t } = useI18n();
  const catalogue = useQuery({ queryKey: ['catalogue'], queryFn: ({ signal }) => getCatalogue(signal), staleTime: Infinity });
  const drafting = useDraft(catalogue.data);
  const failure = catalogue.error ?? drafting.error;
  if (drafting.draft === null || catalogue.data === undefined) {
    return (
      <Page title={t('jobs.create')} crumbs={[{ text: t('nav.trainingJobs'), path: paths.jobs }, { text: t('jobs.create') }]}>
        {failure ? <LoadError what={t('create.loadFailed')} error={failure} /> : <Spinner size="large" />}
      </Page>
    );
  }
  return <Form {...drafting} draft={drafting.draft} catalogue={catalogue.data} />;
}

function Form({ draft, setDraft, restored, former, bringBack, forget, reset, catalogue }: Omit<Drafting, 'draft' | 'error'> & { draft: Draft } & Pick<StepProps, 'catalogue'>) {
  const { t } = useI18n();
  const go = useGo();
  const notify = useNotifications();
  const client = useQueryClient();
  const [search, change] = useAddress();
  const [attempted, setAttempted] = useState<ReadonlySet<Step>>(new Set());
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<ServiceError | null>(null);
  const [generation, setGeneration] = useState(0);
  useChrome({
    title: t('jobs.create'),
    crumbs: [{ text: t('nav.trainingJobs'), path: paths.jobs }, { text: t('jobs.create') }],
    contentType: 'wizard',
    help: (
      <>
        <h3>{t('create.name')}</h3>
        <p>{t('create.help.name')}</p>
        <h3>{t('create.step.input')}</h3>
        <p>{t('create.help.channels')}</p>
        <p>{t('create.help.modes')}</p>
        <h3>{t('create.step.output')}</h3>
        <p>{t('create.help.output')}</p>
      </>
    ),
  });
  const request = useMemo(() => requestOfDraft(draft), [draft]);
  const check = useCheck(request);
  const { problems, checkNow } = check;
  const active = Math.max(0, steps.findIndex((step) => step === search['step']));
  const image = repositoryOf(draft.request.AlgorithmSpecification?.TrainingImage);
  const algorithm = draft.kind === 'builtin' ? catalogue?.Algorithms.find((one) => one.ImageNames.includes(image)) : undefined;
  const told = problems.filter((problem) => attempted.has(stepOf(problem)) || !isMissing(problem));
  const titles: Record<Step, string> = {
    settings: t('create.step.settings'),
    resources: t('create.step.resources'),
    input: t('create.step.input'),
    output: t('create.step.output'),
    tags: t('create.step.tags'),
    review: t('create.step.review'),
  };
  const show = (step: Step): void => change({ step: step === 'settings' ? undefined : step });
  const attempt = (these: readonly Step[]): void => setAttempted(new Set([...attempted, ...these]));

  /** Goes forward when this page has no problem; backward always. */
  const navigate = async (to: number): Promise<void> => {
    const from = steps[active];
    const target = steps[to];
    if (from === undefined || target === undefined) return;
    if (to > active) {
      attempt(target === 'review' ? steps : [from]);
      setBusy(true);
      try {
        const found = await checkNow();
        if (found.some((problem) => stepOf(problem) === from)) return;
      } catch (error) {
        notify.failure(t('create.checkFailed'), error);
        return;
      } finally {
        setBusy(false);
      }
    }
    show(target);
    window.scrollTo(0, 0);
  };

  const submit = async (): Promise<void> => {
    attempt(steps);
    setBusy(true);
    setRefused(null);
    try {
      await call('sagemaker', 'CreateTrainingJob', request as CreateTrainingJobRequest);
      dropDraft();
      // What was put aside for this job is what waits here next.
      if (former !== null) saveDraft(former);
      dropFormer();
      void client.invalidateQueries({ queryKey: ['jobs'] });
      notify.success(t('create.accepted', { name: request.TrainingJobName ?? '' }));
      go(paths.job(request.TrainingJobName ?? ''));
    } catch (error) {
      setRefused(asServiceError(error));
      setBusy(false);
    }
  };

  /** Another draft: every page shows it from its beginning. */
  const begin = (change: () => void): void => {
    change();
    setAttempted(new Set());
    setGeneration(generation + 1);
    show('settings');
  };
  const set = (next: Partial<CreateTrainingJobRequest>): void => setDraft({ ...draft, request: { ...draft.request, ...next } });
  const properties: StepProps = { draft, setDraft, set, catalogue, algorithm, problems: told };
  const api: ApiRequest = { service: 'sagemaker', operation: 'CreateTrainingJob', input: request as Json };
  const contents: Record<Step, React.ReactNode> = {
    settings: <SettingsStep key={generation} {...properties} />,
    resources: <ResourcesStep key={generation} {...properties} />,
    input: <ChannelsStep key={generation} {...properties} />,
    output: <OutputStep {...properties} />,
    tags: <TagsStep key={generation} {...properties} />,
    review: <ReviewStep request={request} api={api} check={check} titles={titles} onEdit={show} />,
  };
  const generalOf = (step: Step): string | undefined => {
    if (step === 'input' || step === 'review') return undefined;
    const general = told.filter((problem) => stepOf(problem) === step && (problem.Field === '' || (problem.Field.startsWith('hyperparameter') && algorithm === undefined)));
    return general.length === 0 ? undefined : general.map((problem) => shortMessage(problem.Message)).join(' ');
  };

  return (
    <SpaceBetween size="l">
      {restored && (
        <Alert type="info" action={<Button onClick={() => begin(reset)}>{t('create.startAnew')}</Button>}>
          {t('create.restored')}
        </Alert>
      )}
      {former !== null && (
        <Alert type="warning" dismissible dismissAriaLabel={t('create.forgetFormer')} onDismiss={forget} action={<Button onClick={() => begin(bringBack)}>{t('create.bringBack')}</Button>}>
          {former.request.TrainingJobName ? t('create.formerNamed', { name: former.request.TrainingJobName }) : t('create.former')}
        </Alert>
      )}
      <Wizard
        activeStepIndex={active}
        isLoadingNextStep={busy}
        submitButtonText={t('jobs.create')}
        secondaryActions={
          <SpaceBetween direction="horizontal" size="xs">
            <CopyAs request={api} />
            {active < steps.length - 2 && <Button onClick={() => void navigate(steps.length - 1)}>{t('create.skipTo', { step: titles.review })}</Button>}
          </SpaceBetween>
        }
        onNavigate={({ detail }) => void navigate(detail.requestedStepIndex)}
        onCancel={() => go(paths.jobs)}
        onSubmit={() => void submit()}
        steps={steps.map((step) => ({
          title: titles[step],
          isOptional: step === 'tags',
          content: contents[step],
          errorText: step === 'review' && refused ? <ErrorText error={refused} /> : generalOf(step),
        }))}
      />
    </SpaceBetween>
  );
}
