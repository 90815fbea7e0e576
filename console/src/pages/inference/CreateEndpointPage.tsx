import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/aws';
import { ServiceError } from '../../api/errors';
import { getCatalogue } from '../../api/mr';
import { useNotifications } from '../../app/Notifications';
import { useAddress, useGo } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { useI18n } from '../../i18n/I18n';
import { configurationFor } from './configurations';
import { CreateForm } from './CreateForm';

/** Deploys one model: a configuration of its own and an endpoint that uses it. */
export function CreateEndpointPage() {
  const { t, tn, bytes } = useI18n();
  const go = useGo();
  const notify = useNotifications();
  const [search] = useAddress();
  const [model, setModel] = useState(search['model'] ?? '');
  const [wanted, setWanted] = useState('');
  const [name, setName] = useState(search['model'] ?? '');
  const [type, setType] = useState('ml.m5.large');
  const [count, setCount] = useState('1');
  const models = useQuery({
    queryKey: ['models-to-deploy', wanted],
    queryFn: ({ signal }) => call('sagemaker', 'ListModels', { MaxResults: 100, SortBy: 'CreationTime', SortOrder: 'Descending', ...(wanted === '' ? {} : { NameContains: wanted }) }, signal),
  });
  const catalogue = useQuery({ queryKey: ['catalogue'], queryFn: ({ signal }) => getCatalogue(signal), staleTime: Infinity });
  const create = async (): Promise<void> => {
    const configuration = configurationFor(name);
    await call('sagemaker', 'CreateEndpointConfig', {
      EndpointConfigName: configuration,
      ProductionVariants: [{ VariantName: 'AllTraffic', ModelName: model, InstanceType: type, InitialInstanceCount: Number(count) }],
    });
    try {
      await call('sagemaker', 'CreateEndpoint', { EndpointName: name, EndpointConfigName: configuration });
    } catch (failure) {
      // Where only the answer was lost there may be an endpoint that uses it.
      const refused = failure instanceof ServiceError && failure.status >= 400 && failure.status < 500;
      if (refused) await call('sagemaker', 'DeleteEndpointConfig', { EndpointConfigName: configuration }).catch(() => undefined);
      throw failure;
    }
    notify.success(t('endpoints.created', { name }));
    go(paths.endpoint(name));
  };
  return (
    <CreateForm
      title={t('endpoints.create')}
      list={{ text: t('nav.endpoints'), path: paths.endpoints }}
      help={t('endpoints.help')}
      heading={t('endpoints.settings')}
      ready={name !== '' && model !== ''}
      onCreate={create}
    >
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
          options={(catalogue.data?.InstanceTypes ?? []).map((one) => ({ value: one.Name, label: one.Name, description: tn('create.runsAs', one.Cpus, { memory: bytes(one.MemoryBytes) }) }))}
          onChange={({ detail }) => setType(detail.selectedOption.value ?? type)}
        />
      </FormField>
      <FormField label={t('create.instanceCount')}>
        <Input type="number" inputMode="numeric" value={count} onChange={({ detail }) => setCount(detail.value)} />
      </FormField>
    </CreateForm>
  );
}
