import { expect, it } from 'vitest';
import { folderNames } from './folderNames';

const rows = (...entries: readonly (readonly [number, string])[]) => entries.map(([label, path], i) => ({ Index: i, Labels: [label], Path: path }));

it('a class is called by the folder that most of its pictures lie in', () => {
  const names = folderNames(rows([0, 'train/cat/1.jpg'], [0, 'train/cat/2.jpg'], [0, 'train/dog/9.jpg'], [1, 'train/dog/3.jpg']));
  expect([...names]).toEqual([[0, 'cat'], [1, 'dog']]);
});

it('a class whose pictures lie anywhere has no name, nor has one that shares its folder', () => {
  expect(folderNames(rows([0, 'a/1.jpg'], [0, 'b/2.jpg'])).size).toBe(0);
  expect(folderNames(rows([0, 'all/1.jpg'], [1, 'all/2.jpg'])).size).toBe(0);
  expect(folderNames(rows([0, '1.jpg'])).size).toBe(0);
});

it('a folder that is the number says nothing more', () => {
  expect(folderNames(rows([7, '7/1.jpg'])).size).toBe(0);
});

it('rows of several labels have no class that a folder could name', () => {
  expect(folderNames([{ Index: 0, Labels: [1, 0], Path: 'cat/1.jpg' }]).size).toBe(0);
});
