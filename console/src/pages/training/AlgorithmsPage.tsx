import Box from '@cloudscape-design/components/box';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Table from '@cloudscape-design/components/table';
import { useQuery } from '@tanstack/react-query';
import { getCatalogue } from '../../api/mr';
import { Page } from '../../app/Page';
import { paths } from '../../base/paths';
import { Copyable } from '../../components/Code';
import { LoadError } from '../../components/ErrorText';
import { RouteButton } from '../../components/RouteButton';
import { useI18n } from '../../i18n/I18n';

/** The built-in algorithms as they describe themselves. */
export function AlgorithmsPage() {
  const { t } = useI18n();
  const catalogue = useQuery({ queryKey: ['catalogue'], queryFn: ({ signal }) => getCatalogue(signal), staleTime: Infinity });
  return (
    <Page title={t('nav.algorithms')} crumbs={[{ text: t('nav.algorithms') }]} description={t('algorithms.description')}>
      {catalogue.isPending && <Spinner size="large" />}
      {catalogue.isError && <LoadError what={t('algorithms.loadFailed')} error={catalogue.error} onRetry={() => void catalogue.refetch()} />}
      <SpaceBetween size="l">
        {(catalogue.data?.Algorithms ?? []).map((algorithm) => (
          <ExpandableSection
            key={algorithm.Name}
            variant="container"
            headerText={algorithm.Name}
            headerDescription={algorithm.Summary}
            headerActions={<RouteButton path={`${paths.createJob}?algorithm=${encodeURIComponent(algorithm.Name)}`}>{t('jobs.create')}</RouteButton>}
          >
            <SpaceBetween size="l">
              <div>
                <Box variant="awsui-key-label">{t('job.image')}</Box>
                {algorithm.ImageNames.map((image) => (
                  <div key={image}>
                    <Copyable text={`${image}:1`} label={t('job.image')} />
                  </div>
                ))}
              </div>
              <Table
                variant="embedded"
                contentDensity="compact"
                wrapLines
                items={algorithm.Channels}
                trackBy="Name"
                ariaLabels={{ tableLabel: t('job.channels') }}
                columnDefinitions={[
                  { id: 'name', header: t('channel.name'), cell: (channel) => channel.Name, isRowHeader: true },
                  { id: 'required', header: t('common.required'), cell: (channel) => (channel.Required ? t('common.yes') : t('common.no')) },
                  { id: 'modes', header: t('jobs.mode'), cell: (channel) => channel.InputModes.join(', ') },
                  { id: 'types', header: t('channel.contentType'), cell: (channel) => channel.ContentTypes.join(', ') },
                ]}
              />
              <Table
                variant="embedded"
                contentDensity="compact"
                wrapLines
                items={algorithm.Hyperparameters}
                trackBy="name"
                ariaLabels={{ tableLabel: t('job.hyperparameters') }}
                columnDefinitions={[
                  { id: 'name', header: t('create.hyperparameter'), cell: (field) => field.name, isRowHeader: true },
                  { id: 'default', header: t('common.default'), cell: (field) => (field.required ? t('common.required') : (field.default ?? '–')) },
                  { id: 'expects', header: t('common.expects'), cell: (field) => field.expects ?? '' },
                  { id: 'doc', header: t('common.meaning'), cell: (field) => field.doc },
                ]}
              />
            </SpaceBetween>
          </ExpandableSection>
        ))}
      </SpaceBetween>
    </Page>
  );
}
