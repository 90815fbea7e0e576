import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import { createContext, useContext, useEffect, useRef, type ReactNode } from 'react';
import { useI18n } from '../i18n/I18n';

export interface Crumb {
  readonly text: string;
  /** Path of the router; the last crumb has none. */
  readonly path?: string;
}

/** What a page puts into the frame around it. */
export interface Chrome {
  readonly title: string;
  readonly crumbs: readonly Crumb[];
  readonly help?: ReactNode;
  readonly contentType: 'default' | 'table' | 'form' | 'wizard' | 'dashboard';
}

export const ChromeContext = createContext<(chrome: Chrome) => void>(() => undefined);

/** Titles the document and the breadcrumbs; `help` opens at the right. */
export function useChrome(chrome: Chrome): void {
  const set = useContext(ChromeContext);
  const latest = useRef(chrome);
  latest.current = chrome;
  const { locale } = useI18n();
  const key = JSON.stringify([chrome.title, chrome.crumbs, chrome.contentType, chrome.help !== undefined, locale]);
  useEffect(() => {
    set(latest.current);
  }, [key, set]);
}

interface PageProps extends Omit<Chrome, 'contentType'> {
  readonly contentType?: Chrome['contentType'];
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  readonly info?: ReactNode;
  readonly children: ReactNode;
}

/** A page with its heading. */
export function Page({ title, crumbs, help, contentType = 'default', description, actions, info, children }: PageProps) {
  useChrome({ title, crumbs, help, contentType });
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={description} actions={actions} info={info}>
          {title}
        </Header>
      }
    >
      {children}
    </ContentLayout>
  );
}
