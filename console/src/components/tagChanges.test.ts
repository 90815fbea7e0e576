import { expect, it } from 'vitest';
import { tagChanges } from './tagChanges';

const tag = (Key: string, Value: string) => ({ Key, Value });

it('adds what is new or has another value, and removes what is gone', () => {
  expect(tagChanges([tag('a', '1'), tag('b', '2'), tag('c', '')], [tag('a', '1'), tag('b', '3'), tag('d', '')])).toEqual({
    add: [tag('b', '3'), tag('d', '')],
    remove: ['c'],
  });
  expect(tagChanges([tag('a', '1')], [tag('a', '1')])).toEqual({ add: [], remove: [] });
});
