import type { MessageKey, Messages } from './en';

export type Values = Readonly<Record<string, string | number>>;

/** Keys that have a form for one and another for several: `base.one`, `base.other`. */
export type PluralKey = { [K in MessageKey]: K extends `${infer Base}.other` ? Base : never }[MessageKey];

/** Puts values where the message has `{name}`. */
export function fill(message: string, values: Values = {}): string {
  return message.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The names of a message's placeholders, sorted. */
export function placeholders(message: string): string[] {
  return [...new Set([...message.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''))].sort();
}

export function translate(messages: Messages, key: MessageKey, values?: Values): string {
  return fill(messages[key], values);
}

/** The form of `key` for `count`; `{count}` in the message is the number as the language writes it. */
export function translateCount(messages: Messages, locale: string, key: PluralKey, count: number, values?: Values): string {
  const form = new Intl.PluralRules(locale).select(count) === 'one' ? 'one' : 'other';
  const message = messages[`${key}.${form}` as MessageKey];
  return fill(message, { count: new Intl.NumberFormat(locale).format(count), ...values });
}
