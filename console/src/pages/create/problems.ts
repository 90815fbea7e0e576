import type { Problem } from '../../api/mr';

/** The pages of the form, in order. */
export const steps = ['settings', 'resources', 'input', 'output', 'tags', 'review'] as const;
export type Step = (typeof steps)[number];

const places: readonly (readonly [RegExp, Step])[] = [
  [/^(trainingJobName|algorithmSpecification|roleArn|hyperParameters|environment)\b|^hyperparameter /i, 'settings'],
  [/^(resourceConfig|stoppingCondition|enable|checkpointConfig|retryStrategy|vpcConfig)/i, 'resources'],
  [/^inputDataConfig|\bchannel '/i, 'input'],
  [/^outputDataConfig/i, 'output'],
  [/^tags\b/i, 'tags'],
];

const wordings: readonly (readonly [RegExp, Step])[] = [
  [/training job names must be unique|AlgorithmSpecification|TrainingImage|hyperparameter/i, 'settings'],
  [/S3OutputPath|output/i, 'output'],
  [/InputDataConfig|channel|S3 URL|FileSystem|InputMode|input data/i, 'input'],
  [/MaxWaitTime|MaxRuntime|Checkpoint|Instance|Volume/i, 'resources'],
];

/** Where in the form a problem is mended: by its field, else by what its text is about. */
export function stepOf(problem: Problem): Step {
  for (const [pattern, step] of places) if (pattern.test(problem.Field)) return step;
  for (const [pattern, step] of wordings) if (pattern.test(problem.Message)) return step;
  return 'review';
}

/** Nothing was entered yet: told only once the user wants to go on. */
export function isMissing(problem: Problem): boolean {
  return /must not be null| Set it: | Add it\.$|exactly one of \w+ and \w+ must be given/.test(problem.Message);
}

/** "1 validation error detected: Value 'a_b' at 'trainingJobName' failed to satisfy constraint: Member must …" without its beginning. */
export function shortMessage(message: string): string {
  return message.replace(/^1 validation error detected: /, '');
}

/** What is wrong with one field, in the service's words; undefined when nothing is. */
export function problemAt(problems: readonly Problem[], ...fields: readonly string[]): string | undefined {
  const found = problems.filter((problem) => fields.some((field) => problem.Field === field || problem.Field.startsWith(`${field}.`)));
  return found.length === 0 ? undefined : found.map((problem) => shortMessage(problem.Message)).join(' ');
}

/** The fields of the service count list elements from 1. */
export function channelField(index: number, member = ''): string {
  return `inputDataConfig.${index + 1}.member${member === '' ? '' : `.${member}`}`;
}
