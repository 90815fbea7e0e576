import { expect, it } from 'vitest';
import { emptyChannel } from './draft';
import { isViolation, ownToFilled, withoutGaps } from './probe';

it('tells broken constraints from other problems', () => {
  expect(['trainingJobName', 'resourceConfig.volumeSizeInGB', "hyperparameter 'epochs'", "channel 'train'", ''].map((Field) => isViolation({ Field, Message: '' }))).toEqual([
    true, true, false, false, false,
  ]);
});

it('fills the gaps and leaves what is there', () => {
  const channel = { ...emptyChannel('train'), DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://b/x' } } };
  const filled = withoutGaps({ TrainingJobName: 'a_b', HyperParameters: { k: 'x' }, InputDataConfig: [channel, emptyChannel('other')] });
  expect(filled.TrainingJobName).toMatch(/^unnamed-/);
  expect(filled.OutputDataConfig?.S3OutputPath).toMatch(/^s3:/);
  expect(filled.HyperParameters).toEqual({ k: 'x' });
  expect(filled.InputDataConfig).toEqual([channel]);
  expect(withoutGaps({ TrainingJobName: 'mine', OutputDataConfig: { S3OutputPath: 's3://b/o' } })).toMatchObject({ TrainingJobName: 'mine', OutputDataConfig: { S3OutputPath: 's3://b/o' } });
});

it('keeps what is said about the user’s own entries', () => {
  const request = { InputDataConfig: [emptyChannel('train')] };
  expect(ownToFilled({ Field: "hyperparameter 'k'", Message: 'x' }, request)).toBe(true);
  expect(ownToFilled({ Field: "channel 'train'", Message: "channel 'train': got" }, request)).toBe(true);
  expect(ownToFilled({ Field: "channel 'validation'", Message: "channel 'validation': missing" }, request)).toBe(false);
  expect(ownToFilled({ Field: '', Message: 'The bucket of S3OutputPath does not exist' }, request)).toBe(false);
});
