import AppLayoutToolbar from '@cloudscape-design/components/app-layout-toolbar';
import type { AutosuggestProps } from '@cloudscape-design/components/autosuggest';
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import HelpPanel from '@cloudscape-design/components/help-panel';
import SideNavigation from '@cloudscape-design/components/side-navigation';
import { Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { hrefOf } from '../base/paths';
import { useI18n } from '../i18n/I18n';
import { SessionGate } from '../session/SessionGate';
import type { Session } from '../session/session';
import { ErrorBoundary } from './ErrorBoundary';
import { KeyMap, keyMap } from './KeyMap';
import { useShortcuts } from './keyboard';
import { navigation } from './navigation';
import { NotificationArea, NotificationsRoot } from './Notifications';
import { ChromeContext, type Chrome } from './Page';
import { TopBar } from './TopBar';
import { useFollow, useGo } from './useRoute';

/** The side navigation stands open where there is room for it beside the page. */
const wideScreen = '(min-width: 1000px)';

function Frame({ session }: { session: Session }) {
  const { t } = useI18n();
  const go = useGo();
  const follow = useFollow();
  const { pathname } = useLocation();
  const [chrome, setChrome] = useState<Chrome>({ title: '', crumbs: [], contentType: 'default' });
  const [navigationOpen, setNavigationOpen] = useState(() => window.matchMedia(wideScreen).matches);
  const [helpOpen, setHelpOpen] = useState(false);
  const [keysShown, setKeysShown] = useState(false);
  const search = useRef<AutosuggestProps.Ref>(null);

  const shortcuts = useMemo(() => {
    const actions: Record<string, () => void> = {
      '/': () => {
        if (search.current) search.current.focus();
        // On a narrow screen the search hides behind its icon.
        else document.querySelector<HTMLElement>('#top-bar [data-utility-special="search"] button, #top-bar button')?.click();
      },
      '?': () => setKeysShown(true),
    };
    for (const { keys, path } of keyMap) {
      if (path !== undefined) actions[keys] = () => go(path);
    }
    return actions;
  }, [go]);
  useShortcuts(shortcuts);

  useEffect(() => {
    document.title = chrome.title === '' ? 'Millrace' : `${chrome.title} – Millrace`;
  }, [chrome.title]);

  const path = pathname.startsWith(hrefOf('/')) ? pathname.slice(hrefOf('').length) : pathname;
  const active = navigation.flatMap((section) => section.entries).find((entry) => path === entry.path || path.startsWith(`${entry.path}/`));

  return (
    <>
      <a className="mr-skip" href="#content">
        {t('top.skip')}
      </a>
      <header id="top-bar">
        <TopBar session={session} searchRef={search} onShowKeys={() => setKeysShown(true)} />
      </header>
      <AppLayoutToolbar
        headerSelector="#top-bar"
        footerSelector="#footer"
        contentType={chrome.contentType}
        navigationOpen={navigationOpen}
        onNavigationChange={({ detail }) => setNavigationOpen(detail.open)}
        toolsHide={chrome.help === undefined}
        toolsOpen={helpOpen}
        onToolsChange={({ detail }) => setHelpOpen(detail.open)}
        ariaLabels={{
          navigation: t('top.navigation'),
          navigationClose: t('top.closeNavigation'),
          navigationToggle: t('top.openNavigation'),
          tools: t('top.help'),
          toolsClose: t('top.closeHelp'),
          toolsToggle: t('top.openHelp'),
          notifications: t('top.notifications'),
        }}
        navigation={
          <SideNavigation
            header={{ text: t('nav.home'), href: hrefOf('/') }}
            activeHref={active ? hrefOf(active.path) : hrefOf('/')}
            onFollow={(event) => {
              follow(event);
              if (!window.matchMedia(wideScreen).matches) setNavigationOpen(false);
            }}
            items={navigation.map((section) => ({
              type: 'section' as const,
              text: t(section.label),
              items: section.entries.map((entry) => ({ type: 'link' as const, text: t(entry.label), href: hrefOf(entry.path) })),
            }))}
          />
        }
        breadcrumbs={
          <BreadcrumbGroup
            items={[
              { text: 'Millrace', href: hrefOf('/') },
              ...chrome.crumbs.map((crumb) => ({ text: crumb.text, href: crumb.path === undefined ? '#' : hrefOf(crumb.path) })),
            ]}
            onFollow={follow}
            ariaLabel={t('top.breadcrumbs')}
          />
        }
        notifications={<NotificationArea />}
        tools={<HelpPanel header={<h2>{chrome.title}</h2>}>{chrome.help}</HelpPanel>}
        content={
          <div id="content" tabIndex={-1}>
            <ErrorBoundary resetKey={pathname}>
              <ChromeContext.Provider value={setChrome}>
                <Outlet />
              </ChromeContext.Provider>
            </ErrorBoundary>
          </div>
        }
      />
      <footer id="footer">{t('footer.sentence')}</footer>
      <KeyMap visible={keysShown} onDismiss={() => setKeysShown(false)} />
    </>
  );
}

export function Shell() {
  return (
    <SessionGate>
      {(session) => (
        <NotificationsRoot>
          <Frame session={session} />
        </NotificationsRoot>
      )}
    </SessionGate>
  );
}
