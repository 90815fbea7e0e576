import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ServiceError } from '../api/errors';
import { useI18n } from '../i18n/I18n';
import { localeNames, locales } from '../i18n/locales';
import { SignInForm } from './SignInForm';

export function SignInPage({ error }: { error?: ServiceError | undefined }) {
  const { t, locale, setLocale } = useI18n();
  return (
    <main className="mr-sign-in">
      <SpaceBetween size="l">
        <div className="mr-brand">
          <img src="/console/favicon.svg" alt="" width="40" height="40" />
          <span>millrace</span>
        </div>
        <Container header={<Header variant="h1" description={t('session.description')}>{t('session.title')}</Header>}>
          <SpaceBetween size="l">
            <SignInForm error={error} />
            <Box color="text-body-secondary">
              {t('session.linkHint')} <code>millrace console</code>
            </Box>
          </SpaceBetween>
        </Container>
        <Select
          ariaLabel={t('top.language')}
          selectedOption={{ value: locale, label: localeNames[locale] }}
          options={locales.map((each) => ({ value: each, label: localeNames[each], lang: each }))}
          onChange={({ detail }) => {
            const chosen = locales.find((each) => each === detail.selectedOption.value);
            if (chosen) setLocale(chosen);
          }}
        />
        <Box color="text-body-secondary" fontSize="body-s">
          {t('footer.sentence')}
        </Box>
      </SpaceBetween>
    </main>
  );
}
