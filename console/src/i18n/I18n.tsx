import { I18nProvider } from '@cloudscape-design/components/i18n';
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { formatsOf, type Formats } from '../base/format';
import type { MessageKey } from './en';
import { loadCatalogue, rememberLocale, type Catalogue, type Locale } from './locales';
import { translate, translateCount, type PluralKey, type Values } from './translate';

export interface I18n extends Formats {
  readonly locale: Locale;
  setLocale(locale: Locale): void;
  t(key: MessageKey, values?: Values): string;
  /** The form of a message for a number of things. */
  tn(key: PluralKey, count: number, values?: Values): string;
}

const Context = createContext<I18n | null>(null);

export function useI18n(): I18n {
  const value = useContext(Context);
  if (!value) throw new Error('useI18n outside of <I18nRoot>');
  return value;
}

export function I18nRoot({ initial, children }: { initial: Catalogue; children: ReactNode }) {
  const [catalogue, setCatalogue] = useState(initial);
  const { locale, messages } = catalogue;
  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  const value = useMemo<I18n>(
    () => ({
      ...formatsOf(locale),
      locale,
      setLocale: (next) => {
        rememberLocale(next);
        void loadCatalogue(next).then(setCatalogue);
      },
      t: (key, values) => translate(messages, key, values),
      tn: (key, count, values) => translateCount(messages, locale, key, count, values),
    }),
    [locale, messages],
  );
  return (
    <Context.Provider value={value}>
      <I18nProvider locale={locale} messages={catalogue.components}>
        {children}
      </I18nProvider>
    </Context.Provider>
  );
}
