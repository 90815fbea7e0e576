import { expect, it } from 'vitest';
import type { Series } from '../api/mr';
import { groupsOf, isInstanceMetric } from './groups';

const series = (Name: string): Series => ({ Id: 1, Name, Points: 1, First: 0, Last: 0, Min: 0, Max: 0, LastValue: 0 });

it('charts the same metric of all phases together', () => {
  expect(groupsOf([series('validation:accuracy'), series('train:loss'), series('train:accuracy'), series('lr')]).map((group) => [group.title, group.series.map((one) => one.Name)])).toEqual([
    ['lr', ['lr']],
    ['accuracy', ['train:accuracy', 'validation:accuracy']],
    ['loss', ['train:loss']],
  ]);
});

it('tells metrics of the machine from those of the training', () => {
  expect([series('CPUUtilization'), series('train:loss')].map(isInstanceMetric)).toEqual([true, false]);
});
