import Autosuggest from '@cloudscape-design/components/autosuggest';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tiles from '@cloudscape-design/components/tiles';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/aws';
import { listRoles } from '../../api/iam';
import { Copyable } from '../../components/Code';
import { S3UriField } from '../../components/S3UriField';
import { ValuesEditor } from '../../components/ValuesEditor';
import { shapes } from '../../generated/sagemaker';
import { useI18n } from '../../i18n/I18n';
import { scriptKeys, scriptSetting, type Kind } from './draft';
import { HyperparameterForm } from './HyperparameterForm';
import { isValidName, suggestedName } from './names';
import { PasteJson } from './PasteJson';
import { problemAt } from './problems';
import type { StepProps } from './StepProps';

export function SettingsStep({ draft, setDraft, set, catalogue, algorithm, problems }: StepProps) {
  const { t } = useI18n();
  const [pasting, setPasting] = useState(false);
  const [pasted, setPasted] = useState(0);
  const { request } = draft;
  const name = request.TrainingJobName ?? '';
  const suggestion = name !== '' && !isValidName(name) ? suggestedName(name) : undefined;
  const specification = request.AlgorithmSpecification ?? { TrainingInputMode: 'File' };
  const image = specification.TrainingImage ?? '';
  const hyperparameters = request.HyperParameters ?? {};
  const roles = useQuery({ queryKey: ['roles'], queryFn: ({ signal }) => listRoles(signal), retry: false });
  const images = useQuery({ queryKey: ['images'], queryFn: async ({ signal }) => (await call('control', 'ListImages', {}, signal)).Images ?? [], retry: false });

  const setImage = (next: string): void => set({ AlgorithmSpecification: { ...specification, TrainingImage: next } });
  const setKind = (kind: Kind): void =>
    setDraft({ kind, request: { ...request, HyperParameters: {}, AlgorithmSpecification: { ...specification, TrainingImage: '' } } });
  const setScript = (key: keyof typeof scriptKeys, value: string): void => {
    const { [scriptKeys[key]]: _, ...others } = hyperparameters;
    set({ HyperParameters: value === '' ? others : { ...others, [scriptKeys[key]]: JSON.stringify(value) } });
  };
  const own = Object.fromEntries(Object.entries(hyperparameters).filter(([key]) => draft.kind !== 'script' || !Object.values<string>(scriptKeys).includes(key)));
  const setOwn = (values: Record<string, string>): void => {
    const kept = Object.fromEntries(Object.entries(hyperparameters).filter(([key]) => draft.kind === 'script' && Object.values<string>(scriptKeys).includes(key)));
    set({ HyperParameters: { ...values, ...kept } });
  };

  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">{t('create.jobAndRole')}</Header>}>
        <SpaceBetween size="l">
          <FormField
            label={t('create.name')}
            constraintText={t('create.nameRule', { max: shapes.TrainingJobName.max })}
            errorText={name === '' ? problemAt(problems, 'trainingJobName') : isValidName(name) ? problemAt(problems, 'trainingJobName') : t('create.nameRefused')}
            secondaryControl={suggestion === undefined ? undefined : <Button onClick={() => set({ TrainingJobName: suggestion })}>{t('create.useName', { name: suggestion })}</Button>}
          >
            <Input value={name} onChange={({ detail }) => set({ TrainingJobName: detail.value })} spellcheck={false} />
          </FormField>
          <FormField label={t('job.role')} description={t('create.roleHint')} errorText={problemAt(problems, 'roleArn')}>
            <Autosuggest
              value={request.RoleArn ?? ''}
              options={(roles.data ?? []).map((arn) => ({ value: arn }))}
              enteredTextLabel={(text) => t('s3.use', { uri: text })}
              empty={t('create.noRoles')}
              onChange={({ detail }) => set({ RoleArn: detail.value })}
            />
          </FormField>
        </SpaceBetween>
      </Container>

      <Container header={<Header variant="h2">{t('jobs.algorithm')}</Header>}>
        <SpaceBetween size="l">
          <FormField label={t('create.source')} stretch>
            <Tiles
              value={draft.kind}
              columns={3}
              onChange={({ detail }) => setKind(detail.value as Kind)}
              items={[
                { value: 'builtin', label: t('create.builtin'), description: t('create.builtinText') },
                { value: 'image', label: t('create.image'), description: t('create.imageText') },
                { value: 'script', label: t('create.script'), description: t('create.scriptText') },
              ]}
            />
          </FormField>
          {draft.kind === 'builtin' && (
            <FormField label={t('create.builtin')} description={algorithm?.Summary} errorText={problemAt(problems, 'algorithmSpecification.trainingImage', 'algorithmSpecification')}>
              <Select
                filteringType="auto"
                placeholder={t('create.chooseAlgorithm')}
                selectedOption={algorithm ? { value: algorithm.Image, label: algorithm.Name } : null}
                options={(catalogue?.Algorithms ?? []).map((one) => ({ value: one.Image, label: one.Name, description: one.Summary }))}
                onChange={({ detail }) =>
                  setDraft({
                    ...draft,
                    request: { ...request, HyperParameters: {}, AlgorithmSpecification: { ...specification, TrainingImage: detail.selectedOption.value ?? '' } },
                  })
                }
              />
            </FormField>
          )}
          {draft.kind === 'image' && (
            <FormField label={t('job.image')} description={t('create.imageHint')} errorText={problemAt(problems, 'algorithmSpecification')}>
              <Autosuggest
                value={image}
                options={(images.data ?? []).filter((one) => one.Kind === 'Executable').map((one) => ({ value: one.ImageName, ...(one.Summary ? { description: one.Summary } : {}) }))}
                enteredTextLabel={(text) => t('s3.use', { uri: text })}
                empty={t('create.noImages')}
                onChange={({ detail }) => setImage(detail.value)}
              />
            </FormField>
          )}
          {draft.kind === 'script' && (
            <>
              <FormField label={t('create.framework')} errorText={problemAt(problems, 'algorithmSpecification')}>
                <Select
                  placeholder={t('create.choose')}
                  selectedOption={image === '' ? null : { value: image, label: image }}
                  options={(catalogue?.Frameworks ?? []).map((one) => ({ value: `${one.Repository}:latest`, label: one.Repository, description: one.Summary }))}
                  onChange={({ detail }) => setImage(detail.selectedOption.value ?? '')}
                />
              </FormField>
              <FormField label={t('create.program')} description={t('create.programHint')}>
                <Input value={scriptSetting(draft, 'program')} placeholder="train.py" spellcheck={false} onChange={({ detail }) => setScript('program', detail.value)} />
              </FormField>
              <FormField label={t('create.code')} description={t('create.codeHint')}>
                <S3UriField value={scriptSetting(draft, 'source')} placeholder="s3://…/sourcedir.tar.gz" onChange={(uri) => setScript('source', uri)} />
              </FormField>
            </>
          )}
          {image !== '' && (
            <div>
              <Box variant="awsui-key-label">{t('create.imagePath')}</Box>
              <Copyable text={image} label={t('job.image')} />
            </div>
          )}
          <FormField label={t('create.modeDefault')} description={t('create.modeHint')} errorText={problemAt(problems, 'algorithmSpecification.trainingInputMode')}>
            <RadioGroup
              direction="horizontal"
              value={specification.TrainingInputMode}
              items={shapes.TrainingInputMode.enum.map((mode) => ({ value: mode, label: mode }))}
              onChange={({ detail }) => set({ AlgorithmSpecification: { ...specification, TrainingInputMode: detail.value } })}
            />
          </FormField>
        </SpaceBetween>
      </Container>

      <Container header={<Header variant="h2" actions={<Button onClick={() => setPasting(true)}>{t('create.pasteJson')}</Button>}>{t('job.hyperparameters')}</Header>}>
        {draft.kind === 'builtin' ? (
          algorithm ? (
            <HyperparameterForm key={algorithm.Name} fields={algorithm.Hyperparameters} values={hyperparameters} onChange={(values) => set({ HyperParameters: values })} problems={problems} />
          ) : (
            <Box color="text-body-secondary">{t('create.chooseAlgorithm')}</Box>
          )
        ) : (
          <ValuesEditor key={`${draft.kind} ${pasted}`} values={own} onChange={setOwn} addText={t('create.addHyperparameter')} emptyText={t('job.noHyperparameters')} />
        )}
      </Container>
      {pasting && (
        <PasteJson
          onClose={() => setPasting(false)}
          onPaste={(values) => {
            set({ HyperParameters: { ...hyperparameters, ...values } });
            setPasted(pasted + 1);
            setPasting(false);
          }}
        />
      )}
    </SpaceBetween>
  );
}
