import type { AutosuggestProps } from '@cloudscape-design/components/autosuggest';
import TopNavigation from '@cloudscape-design/components/top-navigation';
import { hrefOf } from '../base/paths';
import { useI18n } from '../i18n/I18n';
import { localeNames, locales } from '../i18n/locales';
import { signOut, type Session } from '../session/session';
import { SearchBox } from './SearchBox';
import { useNotifications } from './Notifications';
import { chooseDensity, chooseTheme, type DensityChoice, type ThemeChoice } from './theme';
import { useAppearance } from './useAppearance';
import { useFollow } from './useRoute';

interface Properties {
  readonly session: Session;
  readonly searchRef: React.Ref<AutosuggestProps.Ref>;
  readonly onShowKeys: () => void;
}

export function TopBar({ session, searchRef, onShowKeys }: Properties) {
  const { t, locale, setLocale } = useI18n();
  const follow = useFollow();
  const notify = useNotifications();
  const { theme, density } = useAppearance();
  const themes: readonly ThemeChoice[] = ['system', 'light', 'dark'];
  const densities: readonly DensityChoice[] = ['comfortable', 'compact'];
  return (
    <TopNavigation
      visualContext="none"
      identity={{ href: hrefOf('/'), title: 'millrace', logo: { src: '/console/favicon.svg', alt: '' }, onFollow: follow }}
      search={<SearchBox inputRef={searchRef} />}
      i18nStrings={{
        searchIconAriaLabel: t('search.label'),
        searchDismissIconAriaLabel: t('search.close'),
        overflowMenuTriggerText: t('top.more'),
        overflowMenuTitleText: t('top.all'),
        overflowMenuBackIconAriaLabel: t('top.back'),
        overflowMenuDismissIconAriaLabel: t('top.closeMenu'),
      }}
      utilities={[
        {
          type: 'menu-dropdown',
          text: t('top.appearance'),
          iconName: 'settings',
          items: [
            {
              id: 'theme',
              text: t('theme.title'),
              items: themes.map((choice) => ({
                id: `theme:${choice}`,
                itemType: 'checkbox' as const,
                checked: theme === choice,
                text: t(`theme.${choice}`),
              })),
            },
            {
              id: 'density',
              text: t('density.title'),
              items: densities.map((choice) => ({
                id: `density:${choice}`,
                itemType: 'checkbox' as const,
                checked: density === choice,
                text: t(`density.${choice}`),
              })),
            },
          ],
          onItemClick: ({ detail }) => {
            const [kind, value] = detail.id.split(':');
            if (kind === 'theme') chooseTheme(value as ThemeChoice);
            else chooseDensity(value as DensityChoice);
          },
        },
        {
          type: 'menu-dropdown',
          text: localeNames[locale],
          ariaLabel: `${t('top.language')}: ${localeNames[locale]}`,
          items: locales.map((each) => ({ id: each, text: localeNames[each], lang: each })),
          onItemClick: ({ detail }) => {
            const chosen = locales.find((each) => each === detail.id);
            if (chosen) setLocale(chosen);
          },
        },
        {
          type: 'menu-dropdown',
          text: session.User,
          iconName: 'user-profile',
          description: t('top.account', { account: session.Account, region: session.Region }),
          items: [
            { id: 'keys', text: t('keys.title') },
            { id: 'settings', text: t('nav.settings'), href: hrefOf('/system/settings') },
            { id: 'sign-out', text: t('session.signOut') },
          ],
          onItemFollow: follow,
          onItemClick: ({ detail }) => {
            if (detail.id === 'keys') onShowKeys();
            if (detail.id === 'sign-out') signOut().catch((error: unknown) => notify.failure(t('session.signOutFailed'), error));
          },
        },
      ]}
    />
  );
}
