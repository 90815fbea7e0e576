import Box from '@cloudscape-design/components/box';
import { paths } from '../base/paths';
import { RouteLink } from '../components/RouteLink';
import { useI18n } from '../i18n/I18n';
import { Page } from './Page';

export function NotFound() {
  const { t } = useI18n();
  return (
    <Page title={t('notFound.title')} crumbs={[{ text: t('notFound.title') }]}>
      <Box variant="p">{t('notFound.text')}</Box>
      <RouteLink path={paths.home}>{t('notFound.home')}</RouteLink>
    </Page>
  );
}
