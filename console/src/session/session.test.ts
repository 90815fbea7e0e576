import { expect, it } from 'vitest';
import { tokenOf } from './session';

it('finds the token of a link, whatever stands before it, and takes a broken encoding as it is', () => {
  expect(tokenOf('http://127.0.0.1:9000/console/#token=a%2Bb')).toBe('a+b');
  expect(tokenOf(' #token=abc\n')).toBe('abc');
  expect(tokenOf('#token=100%')).toBe('100%');
  expect(tokenOf('AKIAEXAMPLE')).toBeNull();
});
