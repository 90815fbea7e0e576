import type { CreateTrainingJobRequest, DescribeTrainingJobResponse, Tag } from '../../generated/sagemaker';

/**
 * The request that would make the job again: what DescribeTrainingJob echoes of it. An empty key, which is how the
 * service says "none", is left out, and so are the metric definitions that it supplies itself for its own algorithms.
 */
export function requestOf(job: DescribeTrainingJobResponse, tags: readonly Tag[], isBuiltIn: boolean): Partial<CreateTrainingJobRequest> {
  const { MetricDefinitions, ...algorithm } = job.AlgorithmSpecification ?? { TrainingInputMode: 'File' };
  const { KmsKeyId, ...output } = job.OutputDataConfig ?? { S3OutputPath: '' };
  const optional: Partial<CreateTrainingJobRequest> = {
    ...(job.HyperParameters ? { HyperParameters: job.HyperParameters } : {}),
    ...(job.InputDataConfig ? { InputDataConfig: job.InputDataConfig } : {}),
    ...(job.VpcConfig ? { VpcConfig: job.VpcConfig } : {}),
    ...(job.EnableNetworkIsolation ? { EnableNetworkIsolation: true } : {}),
    ...(job.EnableInterContainerTrafficEncryption ? { EnableInterContainerTrafficEncryption: true } : {}),
    ...(job.EnableManagedSpotTraining ? { EnableManagedSpotTraining: true } : {}),
    ...(job.CheckpointConfig ? { CheckpointConfig: job.CheckpointConfig } : {}),
    ...(job.Environment ? { Environment: job.Environment } : {}),
    ...(job.RetryStrategy ? { RetryStrategy: job.RetryStrategy } : {}),
    ...(job.ExperimentConfig ? { ExperimentConfig: job.ExperimentConfig } : {}),
    ...(tags.length > 0 ? { Tags: [...tags] } : {}),
  };
  return {
    TrainingJobName: job.TrainingJobName,
    AlgorithmSpecification: { ...algorithm, ...(MetricDefinitions && !isBuiltIn ? { MetricDefinitions } : {}) },
    ...(job.RoleArn === undefined ? {} : { RoleArn: job.RoleArn }),
    OutputDataConfig: { ...output, ...(KmsKeyId ? { KmsKeyId } : {}) },
    ...(job.ResourceConfig ? { ResourceConfig: job.ResourceConfig } : {}),
    StoppingCondition: job.StoppingCondition,
    ...optional,
  };
}
