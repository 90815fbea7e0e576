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

/** A later token of a property takes the place of an earlier one; text without a property is part of the name. */
export function filterOf(tokens: readonly Token[]): JobFilter {
  const filter: { -readonly [K in keyof JobFilter]: JobFilter[K] } = {};
  for (const token of tokens) {
    const value = typeof token.value === 'string' ? token.value.trim() : '';
    switch (token.propertyKey ?? 'name') {
      case 'created':
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

/** "2026-11-28" or "2026-11-28T09:30" in the user's own time zone as a moment; undefined for anything else. */
export function momentOf(text: string | undefined): string | undefined {
  if (text === undefined || !/^\d{4}-\d{2}-\d{2}/.test(text)) return undefined;
  const time = new Date(text.length === 10 ? `${text}T00:00` : text);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

export function queryOf(filter: JobFilter): JobQuery {
  const { after, before, ...rest } = filter;
  return { ...rest, created_after: momentOf(after), created_before: momentOf(before) };
}
