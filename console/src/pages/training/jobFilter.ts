import type { PropertyFilterProps } from '@cloudscape-design/components/property-filter';
import type { JobQuery } from '../../api/mr';

/** The filter of the jobs table as the address holds it: one value per property, all of them required. */
export interface JobFilter {
  readonly name?: string | undefined;
  readonly status?: string | undefined;
  readonly algorithm?: string | undefined;
  readonly tag?: string | undefined;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

type Token = PropertyFilterProps.Token;

export function tokensOf(filter: JobFilter): Token[] {
  const token = (propertyKey: string, operator: string, value: string | undefined): Token[] =>
    value === undefined || value === '' ? [] : [{ propertyKey, operator, value }];
  return [
    ...token('name', ':', filter.name),
    ...token('status', '=', filter.status),
    ...token('algorithm', '=', filter.algorithm),
    ...token('tag', '=', filter.tag),
    ...token('created', '>=', filter.after),
    ...token('created', '<=', filter.before),
  ];
}

/**
 * A later token of a property takes the place of an earlier one; text without a property is part of the name; a time that
 * is none is left out, since it would filter nothing.
 */
export function filterOf(tokens: readonly Token[]): JobFilter {
  const filter: { -readonly [K in keyof JobFilter]: JobFilter[K] } = {};
  for (const token of tokens) {
    const value = typeof token.value === 'string' ? token.value.trim() : '';
    switch (token.propertyKey ?? 'name') {
      case 'created':
        if (momentOf(value) === undefined) break;
        if (token.operator.startsWith('>')) filter.after = value;
        else filter.before = value;
        break;
      case 'status':
        filter.status = value;
        break;
      case 'algorithm':
        filter.algorithm = value;
        break;
      case 'tag':
        filter.tag = value;
        break;
      default:
        filter.name = value;
    }
  }
  return filter;
}

const form = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}))?$/;

/**
 * "2026-11-28" or "2026-11-28T09:30" in the user's own time zone as a moment: its beginning, or the beginning of the next
 * day or minute, since "up to" a day has all of that day. Undefined for anything else.
 */
export function momentOf(text: string | undefined, which: 'begin' | 'end' = 'begin'): string | undefined {
  const [, day, minute] = form.exec(text ?? '') ?? [];
  if (day === undefined) return undefined;
  const time = new Date(`${day}T${minute ?? '00:00'}`);
  // "2026-02-31" is not a day that Date refuses.
  if (Number.isNaN(time.getTime()) || time.getDate() !== Number(day.slice(8))) return undefined;
  if (which === 'end') {
    if (minute === undefined) time.setDate(time.getDate() + 1);
    else time.setMinutes(time.getMinutes() + 1);
  }
  return time.toISOString();
}

export function queryOf(filter: JobFilter): JobQuery {
  const { after, before, ...rest } = filter;
  return { ...rest, created_after: momentOf(after), created_before: momentOf(before, 'end') };
}
