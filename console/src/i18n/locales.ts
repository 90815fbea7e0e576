import type { I18nProviderProps } from '@cloudscape-design/components/i18n';
import { en, type Messages } from './en';

export const locales = ['en', 'de', 'zh-CN', 'ja'] as const;
export type Locale = (typeof locales)[number];

/** Each language names itself. */
export const localeNames: Record<Locale, string> = { en: 'English', de: 'Deutsch', 'zh-CN': '简体中文', ja: '日本語' };

export interface Catalogue {
  readonly locale: Locale;
  readonly messages: Messages;
  /** What Cloudscape's own components say. */
  readonly components: readonly I18nProviderProps.Messages[];
}

const storageKey = 'millrace.language';

/** The language chosen earlier, else the first of the browser's that there is, else English. */
export function preferredLocale(stored: string | null, wanted: readonly string[]): Locale {
  const known = (language: string): Locale | undefined =>
    locales.find((locale) => locale === language) ?? locales.find((locale) => locale.split('-')[0] === language.split('-')[0]);
  for (const language of stored === null ? wanted : [stored, ...wanted]) {
    const locale = known(language);
    if (locale) return locale;
  }
  return 'en';
}

export function initialLocale(): Locale {
  return preferredLocale(window.localStorage.getItem(storageKey), window.navigator.languages);
}

export function rememberLocale(locale: Locale): void {
  window.localStorage.setItem(storageKey, locale);
}

/** Languages other than the chosen one are never loaded. */
export async function loadCatalogue(locale: Locale): Promise<Catalogue> {
  switch (locale) {
    case 'de': {
      const [own, components] = await Promise.all([import('./de'), import('@cloudscape-design/components/i18n/messages/all.de')]);
      return { locale, messages: own.de, components: [components.default] };
    }
    case 'zh-CN': {
      const [own, components] = await Promise.all([import('./zh-CN'), import('@cloudscape-design/components/i18n/messages/all.zh-CN')]);
      return { locale, messages: own.zhCN, components: [components.default] };
    }
    case 'ja': {
      const [own, components] = await Promise.all([import('./ja'), import('@cloudscape-design/components/i18n/messages/all.ja')]);
      return { locale, messages: own.ja, components: [components.default] };
    }
    case 'en': {
      const components = await import('@cloudscape-design/components/i18n/messages/all.en');
      return { locale, messages: en, components: [components.default] };
    }
  }
}
