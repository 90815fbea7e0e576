import { expect, it } from 'vitest';
import { differences, flattened } from './compare';

it('lays a request out by paths, channels and tags under their names', () => {
  expect(flattened({ HyperParameters: { k: '3' }, InputDataConfig: [{ ChannelName: 'train', InputMode: 'File' }], Tags: [{ Key: 'Team', Value: 'a' }] })).toEqual({
    'HyperParameters.k': '3',
    'InputDataConfig[train].InputMode': 'File',
    'Tags[Team]': 'a',
  });
});

it('finds what differs and what only one side has', () => {
  expect(differences({ x: '1', y: '2' }, { x: '1', z: '3' })).toEqual([
    { name: 'x', a: '1', b: '1', different: false },
    { name: 'y', a: '2', b: '–', different: true },
    { name: 'z', a: '–', b: '3', different: true },
  ]);
});
