import { expect, it } from 'vitest';
import type { DescribeTrainingJobResponse } from '../../generated/sagemaker';
import { requestOf } from './requestOf';

const job: DescribeTrainingJobResponse = {
  TrainingJobName: 'a',
  TrainingJobArn: 'arn',
  ModelArtifacts: { S3ModelArtifacts: 's3://b/a/output/model.tar.gz' },
  TrainingJobStatus: 'Completed',
  SecondaryStatus: 'Completed',
  AlgorithmSpecification: { TrainingImage: 'kmeans:1', TrainingInputMode: 'File', MetricDefinitions: [{ Name: 'test:msd', Regex: 'x' }] },
  OutputDataConfig: { S3OutputPath: 's3://b/out', KmsKeyId: '' },
  ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 1 },
  StoppingCondition: { MaxRuntimeInSeconds: 60 },
  CreationTime: 1,
  EnableNetworkIsolation: false,
  Environment: {},
};

it('leaves out what the service added, and keeps the tags', () => {
  const request = requestOf(job, [{ Key: 'Project', Value: 'x' }], true);
  expect(request.AlgorithmSpecification).toEqual({ TrainingImage: 'kmeans:1', TrainingInputMode: 'File' });
  expect(request.OutputDataConfig).toEqual({ S3OutputPath: 's3://b/out' });
  expect(request).not.toHaveProperty('EnableNetworkIsolation');
  expect(request).not.toHaveProperty('TrainingJobArn');
  expect(request.Tags).toEqual([{ Key: 'Project', Value: 'x' }]);
});

it('keeps the metric definitions of a program of one’s own', () => {
  expect(requestOf(job, [], false).AlgorithmSpecification?.MetricDefinitions).toHaveLength(1);
});

it('keeps what is asked of debugging, profiling and the rest', () => {
  const asked = {
    DebugHookConfig: { S3OutputPath: 's3://b/debug' },
    ProfilerConfig: { DisableProfiler: true },
    TensorBoardOutputConfig: { S3OutputPath: 's3://b/board' },
    RemoteDebugConfig: { EnableRemoteDebug: false },
    RetryStrategy: { MaximumRetryAttempts: 2 },
  };
  expect(requestOf({ ...job, ...asked }, [], true)).toMatchObject(asked);
});
