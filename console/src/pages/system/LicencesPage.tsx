import ExpandableSection from '@cloudscape-design/components/expandable-section';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useQuery } from '@tanstack/react-query';
import { getJson } from '../../api/http';
import { Page } from '../../app/Page';
import { basePath } from '../../base/paths';
import { LoadError } from '../../components/ErrorText';
import { useI18n } from '../../i18n/I18n';

interface Notice {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly text: string;
}

/** Whose work the console contains; the list is made when it is built. */
export function LicencesPage() {
  const { t } = useI18n();
  const notices = useQuery({ queryKey: ['licences'], queryFn: ({ signal }) => getJson<Notice[]>(`${basePath}/licences.json`, signal), staleTime: Infinity });
  return (
    <Page title={t('nav.licences')} crumbs={[{ text: t('nav.licences') }]} description={t('licences.description')}>
      {notices.isPending && <Spinner size="large" />}
      {notices.isError && <LoadError what={t('licences.loadFailed')} error={notices.error} />}
      <SpaceBetween size="s">
        {(notices.data ?? []).map((notice) => (
          <ExpandableSection key={notice.name} variant="container" headerText={`${notice.name} ${notice.version}`} headerDescription={notice.licence}>
            <pre className="mr-pre" tabIndex={0} role="region" aria-label={notice.name}>
              {notice.text}
            </pre>
          </ExpandableSection>
        ))}
      </SpaceBetween>
    </Page>
  );
}
