import type { Problem } from '../../api/mr';
import type { CreateTrainingJobRequest } from '../../generated/sagemaker';
import { isValidName } from './names';
import { sourceOf } from './source';
import { stepOf } from './problems';

/** A constraint of the service model is broken: its field is a path of members. */
export function isViolation(problem: Problem): boolean {
  return /^[a-z][A-Za-z]*(\.|$)/.test(problem.Field) && !problem.Field.includes(' ');
}

/** The request with something in place of what is not filled in yet, so that the rest of it is looked at. */
export function withoutGaps(request: Partial<CreateTrainingJobRequest>): Partial<CreateTrainingJobRequest> {
  const { InputDataConfig: channels, ...others } = request;
  const whole = (channels ?? []).filter((channel) => channel.ChannelName && sourceOf(channel) !== '');
  return {
    ...others,
    TrainingJobName: isValidName(request.TrainingJobName ?? '') ? (request.TrainingJobName ?? '') : `unnamed-${Date.now().toString(36)}`,
    OutputDataConfig: request.OutputDataConfig ?? { S3OutputPath: 's3://not-chosen-yet/' },
    ...(whole.length === 0 ? {} : { InputDataConfig: whole }),
  };
}

/** Not about the fillings themselves. */
export function ownToFilled(problem: Problem, request: Partial<CreateTrainingJobRequest>): boolean {
  const step = stepOf(problem);
  if (step === 'output' || step === 'review') return false;
  // A channel that is not there yet is missed once the user has come to the channels.
  return step !== 'input' || (request.InputDataConfig ?? []).some((channel) => problem.Message.includes(channel.ChannelName));
}
