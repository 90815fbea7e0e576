import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { asServiceError, type ServiceError } from '../../api/errors';
import { call } from '../../api/aws';
import { getCatalogue } from '../../api/mr';
import { useNotifications } from '../../app/Notifications';
import { Page } from '../../app/Page';
import { useAddress, useGo } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { ErrorText } from '../../components/ErrorText';
import { RouteButton } from '../../components/RouteButton';
import { useI18n } from '../../i18n/I18n';

/** Deploys one model: a configuration of its own and an endpoint that uses it. */
export function CreateEndpointPage() {
  const { t, number, bytes } = useI18n();
  const go = useGo();
  const notify = useNotifications();
  const [search] = useAddress();
  const [model, setModel] = useState(search['model'] ?? '');
  const [wanted, setWanted] = useState('');
  const [name, setName] = useState(search['model'] ?? '');
  const [type, setType] = useState('ml.m5.large');
  const [count, setCount] = useState('1');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ServiceError | null>(null);
  const models = useQuery({
    queryKey: ['models-to-deploy', wanted],
    queryFn: ({ signal }) => call('sagemaker', 'ListModels', { MaxResults: 100, SortBy: 'CreationTime', SortOrder: 'Descending', ...(wanted === '' ? {} : { NameContains: wanted }) }, signal),
  });
  const catalogue = useQuery({ queryKey: ['catalogue'], queryFn: ({ signal }) => getCatalogue(signal), staleTime: Infinity });
  const create = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    // A configuration cannot be changed, so each endpoint made here has its own.
    const configuration = `${name.slice(0, 50)}-${Date.now().toString(36)}`;
    try {
      await call('sagemaker', 'CreateEndpointConfig', {
        EndpointConfigName: configuration,
        ProductionVariants: [{ VariantName: 'AllTraffic', ModelName: model, InstanceType: type, InitialInstanceCount: Number(count) }],
      });
      try {
        await call('sagemaker', 'CreateEndpoint', { EndpointName: name, EndpointConfigName: configuration });
      } catch (failure) {
        await call('sagemaker', 'DeleteEndpointConfig', { EndpointConfigName: configuration });
        throw failure;
      }
      notify.success(t('endpoints.created', { name }));
      go(paths.endpoint(name));
    } catch (failure) {
      setError(asServiceError(failure));
      setBusy(false);
    }
  };
  return (
    <Page title={t('endpoints.create')} crumbs={[{ text: t('nav.endpoints'), path: paths.endpoints }, { text: t('endpoints.create') }]} contentType="form" help={<p>{t('endpoints.help')}</p>}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <Form
          errorText={error ? <ErrorText error={error} /> : undefined}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <RouteButton path={paths.endpoints} variant="link">
                {t('common.cancel')}
              </RouteButton>
              <Button variant="primary" loading={busy} formAction="submit" disabled={name === '' || model === ''}>
                {t('endpoints.create')}
              </Button>
            </SpaceBetween>
          }
        >
          <Container header={<Header variant="h2">{t('endpoints.settings')}</Header>}>
            <SpaceBetween size="l">
              <FormField label={t('endpoints.name')} constraintText={t('models.nameRule')}>
                <Input value={name} onChange={({ detail }) => setName(detail.value)} spellcheck={false} />
              </FormField>
              <FormField label={t('endpoints.model')}>
                <Select
                  filteringType="manual"
                  placeholder={t('create.choose')}
                  selectedOption={model === '' ? null : { value: model, label: model }}
                  options={(models.data?.Models ?? []).map((one) => ({ value: one.ModelName, label: one.ModelName }))}
                  statusType={models.isPending ? 'loading' : 'finished'}
                  empty={t('models.none')}
                  onLoadItems={({ detail }) => setWanted(detail.filteringText)}
                  onChange={({ detail }) => {
                    const chosen = detail.selectedOption.value ?? '';
                    if (name === '' || name === model) setName(chosen);
                    setModel(chosen);
                  }}
                />
              </FormField>
              <FormField label={t('create.instanceType')}>
                <Select
                  filteringType="auto"
                  virtualScroll
                  selectedOption={{ value: type, label: type }}
                  options={(catalogue.data?.InstanceTypes ?? []).map((one) => ({ value: one.Name, label: one.Name, description: t('create.runsAs', { cpus: number(one.Cpus), memory: bytes(one.MemoryBytes) }) }))}
                  onChange={({ detail }) => setType(detail.selectedOption.value ?? type)}
                />
              </FormField>
              <FormField label={t('create.instanceCount')}>
                <Input type="number" inputMode="numeric" value={count} onChange={({ detail }) => setCount(detail.value)} />
              </FormField>
            </SpaceBetween>
          </Container>
        </Form>
      </form>
    </Page>
  );
}
