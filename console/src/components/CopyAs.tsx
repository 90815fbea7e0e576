import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import { useNotifications } from '../app/Notifications';
import { useI18n } from '../i18n/I18n';
import { asCli, asJson, asPython, type ApiRequest } from './copyAs';
import { useDestination } from './useDestination';

const spellings = { json: asJson, cli: asCli, boto3: asPython } as const;

/** Puts the request, or the requests, that the page stands for on the clipboard. */
export function CopyAs({ request }: { request: ApiRequest | readonly ApiRequest[] }) {
  const { t } = useI18n();
  const notify = useNotifications();
  const destination = useDestination();
  return (
    <ButtonDropdown
      items={[
        { id: 'json', text: t('copyAs.json') },
        { id: 'cli', text: t('copyAs.cli') },
        { id: 'boto3', text: t('copyAs.boto3') },
      ]}
      onItemClick={({ detail }) => {
        const spelling = spellings[detail.id as keyof typeof spellings];
        navigator.clipboard.writeText(spelling(Array.isArray(request) ? (request as readonly ApiRequest[]) : [request as ApiRequest], destination)).then(
          () => notify.success(t('copyAs.copied')),
          (error: unknown) => notify.failure(t('copyAs.failed'), error),
        );
      }}
    >
      {t('copyAs.title')}
    </ButtonDropdown>
  );
}
