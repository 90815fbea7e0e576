import Checkbox from '@cloudscape-design/components/checkbox';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ServiceError } from '../../api/errors';
import { call } from '../../api/aws';
import { useNotifications } from '../../app/Notifications';
import { useGo } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { Confirm } from '../../components/Confirm';
import { useI18n } from '../../i18n/I18n';
import { isOwnConfiguration } from './configurations';

/** Deletes an endpoint, and the configuration that nothing else uses. */
export function DeleteEndpoint({ name, configuration, onClose }: { name: string; configuration: string | undefined; onClose: () => void }) {
  const { t } = useI18n();
  const go = useGo();
  const notify = useNotifications();
  const client = useQueryClient();
  const [both, setBoth] = useState(configuration !== undefined && isOwnConfiguration(configuration, name));
  return (
    <Confirm
      title={t('endpoints.deleteTitle')}
      action={t('common.delete')}
      onClose={onClose}
      onConfirm={async () => {
        await call('sagemaker', 'DeleteEndpoint', { EndpointName: name });
        notify.success(t('deleted', { name }));
        if (configuration !== undefined && both) {
          await call('sagemaker', 'DeleteEndpointConfig', { EndpointConfigName: configuration }).catch((error: unknown) => {
            // Somebody may have been faster.
            if (!(error instanceof ServiceError && error.status === 400)) notify.failure(t('endpoints.configurationStays', { name: configuration }), error);
          });
        }
        void client.invalidateQueries({ queryKey: ['endpoints'] });
        go(paths.endpoints);
      }}
    >
      <SpaceBetween size="s">
        <span>{t('endpoints.deleteText', { name })}</span>
        {configuration !== undefined && (
          <Checkbox checked={both} onChange={({ detail }) => setBoth(detail.checked)} description={t('endpoints.deleteConfigurationHint')}>
            {t('endpoints.deleteConfiguration', { name: configuration })}
          </Checkbox>
        )}
      </SpaceBetween>
    </Confirm>
  );
}
