import { expect, it } from 'vitest';
import { whereOf } from './where';

it('fields of the filter are tests that all have to hold', () => {
  expect(whereOf({})).toBeUndefined();
  expect(whereOf({ class: '3' })).toBe('class = 3');
  expect(whereOf({ class: '3', path: 'cats/', query: 'index < 9 or index > 20' })).toBe('class = 3 and path ~ "*cats/*" and (index < 9 or index > 20)');
});

it('a query alone stays as it was typed, so that its errors name the right column', () => {
  expect(whereOf({ query: ' label = 3 ' })).toBe('label = 3');
});

it('what would mean something in a pattern matches any character', () => {
  expect(whereOf({ path: 'a"[b]*.jpg' })).toBe('path ~ "*a??b??.jpg*"');
});
