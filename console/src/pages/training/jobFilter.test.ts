import { describe, expect, it } from 'vitest';
import { filterOf, queryOf, momentOf, tokensOf } from './jobFilter';

describe('the filter of the jobs table', () => {
  it('goes from the address to tokens and back', () => {
    const filter = { name: 'ic', status: 'Failed', tag: 'Project=Home value', after: '2026-11-01', before: '2026-11-28' };
    expect(filterOf(tokensOf(filter))).toEqual(filter);
  });

  it('takes text without a property as part of the name', () => {
    expect(filterOf([{ operator: ':', value: ' ll ' }])).toEqual({ name: 'll' });
  });

  it('keeps the last token of a property', () => {
    expect(filterOf([{ propertyKey: 'status', operator: '=', value: 'Failed' }, { propertyKey: 'status', operator: '=', value: 'Stopped' }])).toEqual({ status: 'Stopped' });
  });

  it('reads days and minutes in local time and nothing else', () => {
    expect(momentOf('2026-11-28')).toBe(new Date(2026, 10, 28).toISOString());
    expect(momentOf('2026-11-28T09:30')).toBe(new Date(2026, 10, 28, 9, 30).toISOString());
    expect(['yesterday', '2026-02-31', '2026-13-01', ''].map((text) => momentOf(text))).toEqual(Array(4).fill(undefined));
    expect(filterOf([{ propertyKey: 'created', operator: '>=', value: 'x' }])).toEqual({});
    expect(queryOf({ name: 'a', after: 'x' })).toEqual({ name: 'a', created_after: undefined, created_before: undefined });
  });
  it('takes a day or minute that is the last whole, over the ends of months too', () => {
    expect(queryOf({ before: '2026-11-30' }).created_before).toBe(new Date(2026, 11, 1).toISOString());
    expect(queryOf({ before: '2026-11-28T09:59' }).created_before).toBe(new Date(2026, 10, 28, 10, 0).toISOString());
  });
});
