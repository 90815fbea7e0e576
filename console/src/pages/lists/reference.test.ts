import { expect, it } from 'vitest';
import { parseReference } from './reference';

it('a side of a comparison is a list with its version or draft', () => {
  expect(parseReference('4f2a@17')).toEqual({ id: '4f2a', version: '17' });
  expect(parseReference('4f2a@draft')).toEqual({ id: '4f2a', version: 'draft' });
  expect(parseReference('4f2a')).toBeNull();
  expect(parseReference('@3')).toBeNull();
  expect(parseReference(undefined)).toBeNull();
});
