import { expect, it } from 'vitest';
import type { Findings } from '../api/mr';
import { groupsOf } from './findings';

const nothing: Findings = { TrainingJobs: [], Models: [], Endpoints: [], Lists: [], Buckets: [], Objects: [], More: [] };

it('leaves out kinds of which nothing was found, and says which tag fitted and where there is more', () => {
  const groups = groupsOf({
    ...nothing,
    TrainingJobs: [{ Name: 'a', Status: 'Failed', Algorithm: 'kmeans', Tag: { Key: 'Project', Value: 'Lines' } }],
    Objects: [{ Bucket: 'b', Key: 'x/y.lst', Bytes: 3 }],
    More: ['TrainingJobs'],
  });
  expect(groups).toEqual([
    { kind: 'nav.trainingJobs', more: true, findings: [{ label: 'a', path: '/training/jobs/a', tag: 'Failed', description: 'Project=Lines' }] },
    { kind: 'search.objects', more: false, findings: [{ label: 's3://b/x/y.lst', path: '/data/s3/b?prefix=x%2F&object=x%2Fy.lst' }] },
  ]);
});

it('leads to lists by their number', () => {
  expect(groupsOf({ ...nothing, Lists: [{ Id: 7, Place: 's3://b/train.lst' }] })[0]?.findings).toEqual([{ label: 's3://b/train.lst', path: '/data/lists/7' }]);
});
