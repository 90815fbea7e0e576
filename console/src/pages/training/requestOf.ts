import type { CreateTrainingJobRequest, DescribeTrainingJobResponse, Tag } from '../../generated/sagemaker';

type Echoed = Exclude<keyof CreateTrainingJobRequest & keyof DescribeTrainingJobResponse, 'TrainingJobName' | 'AlgorithmSpecification' | 'OutputDataConfig'>;

/** Members that the service echoes as they were sent; the compiler asks for every one that there is. */
const echoed: Readonly<Record<Echoed, true>> = {
  RoleArn: true,
  HyperParameters: true,
  InputDataConfig: true,
  ResourceConfig: true,
  StoppingCondition: true,
  VpcConfig: true,
  EnableNetworkIsolation: true,
  EnableInterContainerTrafficEncryption: true,
  EnableManagedSpotTraining: true,
  CheckpointConfig: true,
  DebugHookConfig: true,
  DebugRuleConfigurations: true,
  TensorBoardOutputConfig: true,
  ExperimentConfig: true,
  ProfilerConfig: true,
  ProfilerRuleConfigurations: true,
  Environment: true,
  RetryStrategy: true,
  RemoteDebugConfig: true,
  InfraCheckConfig: true,
};

/** How the service says "not set" of a member that was left out. */
function isUnset(value: unknown): boolean {
  return value === undefined || value === null || value === false || (Array.isArray(value) && value.length === 0);
}

/**
 * The request that would make the job again: what DescribeTrainingJob echoes of it. An empty key, which is how the
 * service says "none", is left out, and so are the metric definitions that it supplies itself for its own algorithms.
 */
export function requestOf(job: DescribeTrainingJobResponse, tags: readonly Tag[], isBuiltIn: boolean): Partial<CreateTrainingJobRequest> {
  const { MetricDefinitions, ...algorithm } = job.AlgorithmSpecification ?? { TrainingInputMode: 'File' };
  const { KmsKeyId, ...output } = job.OutputDataConfig ?? { S3OutputPath: '' };
  const rest = Object.keys(echoed).flatMap((member) => {
    const value = job[member as Echoed];
    return isUnset(value) ? [] : [[member, value] as const];
  });
  return {
    TrainingJobName: job.TrainingJobName,
    AlgorithmSpecification: { ...algorithm, ...(MetricDefinitions && !isBuiltIn ? { MetricDefinitions } : {}) },
    OutputDataConfig: { ...output, ...(KmsKeyId ? { KmsKeyId } : {}) },
    ...Object.fromEntries(rest),
    ...(tags.length > 0 ? { Tags: [...tags] } : {}),
  };
}
