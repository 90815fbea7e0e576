import { describe, expect, it } from 'vitest';
import { continuedFrom, draftOf, emptyChannel, emptyDraft, requestOfDraft, scriptSetting, isUntouched } from './draft';
import { isValidName, nextName, suggestedName } from './names';
import { channelField, isMissing, problemAt, shortMessage, stepOf } from './problems';

describe('a name', () => {
  it('follows the rule of the API, not the longer list of the guides', () => {
    expect(['Job-1', 'a--b', '1', 'a'.repeat(63)].map(isValidName)).toEqual([true, true, true, true]);
    expect(['-a', 'a-', 'a_b', 'a.b', 'a b', '', 'a'.repeat(64)].map(isValidName)).toEqual(Array(7).fill(false));
  });

  it('that is refused has a neighbour that is not', () => {
    expect(suggestedName('a_b')).toBe('a-b');
    expect(suggestedName(' Größe 2.0 ')).toBe('Gro-e-2-0');
    expect(suggestedName('___')).toBeUndefined();
  });

  it('of a copy counts up within the limit', () => {
    expect(nextName('job')).toBe('job-2');
    expect(nextName('job-9')).toBe('job-10');
    expect(nextName('a'.repeat(63))).toBe(`${'a'.repeat(61)}-2`);
  });
});

describe('a draft', () => {
  it('is sent without the fields that are empty, but with tags that have no value', () => {
    const { request } = emptyDraft('111122223333');
    const sent = requestOfDraft({
      kind: 'builtin',
      request: { ...request, HyperParameters: { k: '3', epochs: '' }, Tags: [{ Key: 'a', Value: '' }], InputDataConfig: [{ ...emptyChannel('train'), ContentType: '' }] },
    });
    expect(sent).not.toHaveProperty('TrainingJobName');
    expect(sent).not.toHaveProperty('OutputDataConfig');
    expect(sent.HyperParameters).toEqual({ k: '3' });
    expect(sent.Tags).toEqual([{ Key: 'a', Value: '' }]);
    expect(sent.InputDataConfig).toEqual([{ ChannelName: 'train', DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3DataDistributionType: 'FullyReplicated' } } }]);
  });

  it('keeps variables that are set to nothing, and such settings of a program of one’s own', () => {
    const request = { HyperParameters: { flag: '' }, Environment: { EMPTY: '' } };
    expect(requestOfDraft({ kind: 'image', request })).toEqual(request);
    expect(requestOfDraft({ kind: 'builtin', request })).toEqual({ Environment: { EMPTY: '' } });
  });

  it('is untouched until something but its algorithm is filled in', () => {
    const draft = emptyDraft('111122223333');
    expect(isUntouched({ ...draft, request: { ...draft.request, AlgorithmSpecification: { TrainingImage: 'kmeans:1', TrainingInputMode: 'File' } } })).toBe(true);
    expect(isUntouched({ ...draft, request: { ...draft.request, TrainingJobName: 'a' } })).toBe(false);
  });

  it('of another job has a new name and knows a script by its settings', () => {
    const draft = draftOf({ TrainingJobName: 'a', HyperParameters: { sagemaker_program: '"train.py"' } }, undefined);
    expect([draft.kind, draft.request.TrainingJobName, scriptSetting(draft, 'program')]).toEqual(['script', 'a-2', 'train.py']);
  });

  it('that goes on from a model has one channel for it', () => {
    const once = continuedFrom(emptyDraft('1'), 's3://b/x/output/model.tar.gz');
    const twice = continuedFrom(once, 's3://b/y/output/model.tar.gz');
    expect(twice.request.InputDataConfig?.map((channel) => channel.DataSource.S3DataSource?.S3Uri)).toEqual(['s3://b/y/output/model.tar.gz']);
  });
});

describe('problems', () => {
  it('are mended where their field is', () => {
    const at = (Field: string, Message = ''): string => stepOf({ Field, Message });
    expect([at('trainingJobName'), at("hyperparameter 'epochs'"), at('resourceConfig.instanceType'), at(channelField(0, 'channelName')), at('outputDataConfig.s3OutputPath'), at('tags.1.member.key')]).toEqual([
      'settings', 'settings', 'resources', 'input', 'output', 'tags',
    ]);
    expect(at('', 'No S3 objects found under S3 URL "s3://x" given in input data source.')).toBe('input');
    expect(at('', 'something else')).toBe('review');
  });

  it('are found by field and told without the count', () => {
    const problems = [{ Field: 'trainingJobName', Message: "1 validation error detected: Value 'a_b' at 'trainingJobName' failed" }];
    expect(problemAt(problems, 'trainingJobName')).toBe("Value 'a_b' at 'trainingJobName' failed");
    expect(problemAt(problems, 'roleArn')).toBeUndefined();
    expect(shortMessage('plain')).toBe('plain');
    expect(isMissing({ Field: "hyperparameter 'k'", Message: "hyperparameter 'k': expected a whole number. Set it: Clusters." })).toBe(true);
    expect(isMissing({ Field: "hyperparameter 'k'", Message: "hyperparameter 'k': got \"x\", expected a whole number." })).toBe(false);
    expect(isMissing({ Field: '', Message: 'AlgorithmSpecification: exactly one of TrainingImage and AlgorithmName must be given.' })).toBe(true);
    expect(isMissing({ Field: 'x', Message: "Value null at 'x' failed to satisfy constraint: Member must not be null" })).toBe(true);
  });
});
