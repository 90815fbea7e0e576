import { describe, expect, it } from 'vitest';
import { de } from './de';
import { en } from './en';
import { ja } from './ja';
import { preferredLocale } from './locales';
import { fill, placeholders, translateCount } from './translate';
import { zhCN } from './zh-CN';

describe.each([
  ['de', de],
  ['zh-CN', zhCN],
  ['ja', ja],
] as const)('the catalogue %s', (_, catalogue) => {
  const messages: Record<string, string> = catalogue;

  it('has the keys of the English one, no more and no fewer', () => {
    expect(Object.keys(messages).sort()).toEqual(Object.keys(en).sort());
  });

  it('has the placeholders of the English one in every message', () => {
    for (const [key, message] of Object.entries(en)) {
      expect([key, placeholders(messages[key] ?? '')]).toEqual([key, placeholders(message)]);
    }
  });

  it('has no empty message', () => {
    expect(Object.entries(messages).filter(([, message]) => message.trim() === '')).toEqual([]);
  });
});

describe('messages', () => {
  it('are filled with their values, and an unknown placeholder stays as it is', () => {
    expect(fill('{a} of {b} in {c}', { a: 1, b: 'x' })).toBe('1 of x in {c}');
  });

  it('take the form that the number wants', () => {
    expect(translateCount(en, 'en', 'jobs.total', 1)).toBe('1 job');
    expect(translateCount(en, 'en', 'jobs.total', 12345)).toBe('12,345 jobs');
  });
});

describe('the language', () => {
  it('is the one chosen earlier, then the first of the browser that there is, then English', () => {
    expect(preferredLocale('ja', ['de-CH'])).toBe('ja');
    expect(preferredLocale(null, ['fr', 'de-CH', 'ja'])).toBe('de');
    expect(preferredLocale(null, ['zh-TW'])).toBe('zh-CN');
    expect(preferredLocale('xx', ['fr'])).toBe('en');
  });
});
