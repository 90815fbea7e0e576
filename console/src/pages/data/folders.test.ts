import { expect, it } from 'vitest';
import { foldersOf } from './folders';

it('every folder of a prefix leads to itself, those without a name too', () => {
  expect(foldersOf('')).toEqual([]);
  expect(foldersOf('a/b/')).toEqual([
    { name: 'a', prefix: 'a/' },
    { name: 'b', prefix: 'a/b/' },
  ]);
  expect(foldersOf('a//b/')).toEqual([
    { name: 'a', prefix: 'a/' },
    { name: '', prefix: 'a//' },
    { name: 'b', prefix: 'a//b/' },
  ]);
  expect(foldersOf('/')).toEqual([{ name: '', prefix: '/' }]);
});
