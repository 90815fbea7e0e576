import { call } from '../../api/aws';
import { useChrome } from '../../app/Page';
import { paths } from '../../base/paths';
import { Empty } from '../../components/Empty';
import { RouteButton } from '../../components/RouteButton';
import { RouteLink } from '../../components/RouteLink';
import { RelativeTime } from '../../components/Time';
import { TokenTable } from '../../components/TokenTable';
import type { ModelSummary } from '../../generated/sagemaker';
import { useI18n } from '../../i18n/I18n';

export function ModelsPage() {
  const { t } = useI18n();
  useChrome({ title: t('nav.models'), crumbs: [{ text: t('nav.models') }], contentType: 'table', help: <p>{t('models.help')}</p> });
  return (
    <TokenTable<ModelSummary>
      title={t('nav.models')}
      queryKey="models"
      trackBy="ModelName"
      filterLabel={t('models.filter')}
      fetchPage={async (name, token, signal) => {
        const page = await call('sagemaker', 'ListModels', { MaxResults: 100, ...(name === '' ? {} : { NameContains: name }), ...(token === undefined ? {} : { NextToken: token }) }, signal);
        return { items: page.Models, next: page.NextToken };
      }}
      columns={[
        { id: 'name', header: t('common.name'), cell: (model) => <RouteLink path={paths.model(model.ModelName)}>{model.ModelName}</RouteLink>, isRowHeader: true },
        { id: 'created', header: t('jobs.created'), cell: (model) => <RelativeTime seconds={model.CreationTime} /> },
      ]}
      actions={
        <RouteButton path={paths.createModel()} variant="primary">
          {t('models.create')}
        </RouteButton>
      }
      empty={<Empty title={t('models.none')} text={t('models.noneText')} action={<RouteButton path={paths.jobs}>{t('nav.trainingJobs')}</RouteButton>} />}
    />
  );
}
