import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useSyncExternalStore } from 'react';
import { Page } from '../../app/Page';
import { chooseDensity, chooseTheme, type DensityChoice, type ThemeChoice } from '../../app/theme';
import { useAppearance } from '../../app/useAppearance';
import { useI18n } from '../../i18n/I18n';
import { localeNames, locales } from '../../i18n/locales';
import { currentSession, onSession } from '../../session/session';

/** How the console looks to this browser, and whose session it is. */
export function SettingsPage() {
  const { t, locale, setLocale, dateTime } = useI18n();
  const { theme, density } = useAppearance();
  const state = useSyncExternalStore(onSession, currentSession);
  const session = state.kind === 'signed-in' ? state.session : null;
  return (
    <Page title={t('nav.settings')} crumbs={[{ text: t('nav.settings') }]}>
      <SpaceBetween size="l">
        <Container header={<Header variant="h2">{t('top.appearance')}</Header>}>
          <SpaceBetween size="l">
            <FormField label={t('theme.title')}>
              <RadioGroup
                value={theme}
                items={(['system', 'light', 'dark'] as const).map((value) => ({ value, label: t(`theme.${value}`) }))}
                onChange={({ detail }) => chooseTheme(detail.value as ThemeChoice)}
              />
            </FormField>
            <FormField label={t('density.title')}>
              <RadioGroup
                value={density}
                items={(['comfortable', 'compact'] as const).map((value) => ({ value, label: t(`density.${value}`) }))}
                onChange={({ detail }) => chooseDensity(detail.value as DensityChoice)}
              />
            </FormField>
            <FormField label={t('top.language')}>
              <RadioGroup
                value={locale}
                items={locales.map((value) => ({ value, label: <span lang={value}>{localeNames[value]}</span> }))}
                onChange={({ detail }) => {
                  const chosen = locales.find((each) => each === detail.value);
                  if (chosen) setLocale(chosen);
                }}
              />
            </FormField>
          </SpaceBetween>
        </Container>
        {session && (
          <Container header={<Header variant="h2">{t('session.mine')}</Header>}>
            <KeyValuePairs
              columns={3}
              items={[
                { label: t('session.user'), value: session.User },
                { label: t('session.account'), value: session.Account },
                { label: t('session.region'), value: session.Region },
                { label: t('session.expires'), value: dateTime(Date.parse(session.ExpiresAt) / 1000) },
                { label: t('session.version'), value: session.Version },
              ]}
            />
          </Container>
        )}
      </SpaceBetween>
    </Page>
  );
}
