import { describe, expect, it } from 'vitest';
import { asCli, asPython, pythonLiteral, shellQuoted } from './copyAs';

const request = {
  service: 'sagemaker',
  operation: 'CreateTrainingJob',
  input: { TrainingJobName: "it's", EnableNetworkIsolation: false, HyperParameters: { k: '3' } },
};

describe('copying a request', () => {
  it('quotes for the shell what holds a quote', () => {
    expect(shellQuoted("it's")).toBe(`'it'\\''s'`);
    expect(asCli(request)).toContain('aws sagemaker create-training-job --cli-input-json \'{');
    expect(asCli(request)).toContain(`"it'\\''s"`);
  });

  it('writes keyword arguments and literals for Python', () => {
    expect(asPython(request)).toBe(
      'import boto3\n\nsagemaker = boto3.client("sagemaker")\nsagemaker.create_training_job(\n    TrainingJobName="it\'s",\n' +
        '    EnableNetworkIsolation=False,\n    HyperParameters={"k": "3"},\n)\n',
    );
    expect(pythonLiteral([])).toBe('[]');
    expect(pythonLiteral(null)).toBe('None');
  });

  it('breaks long structures over lines', () => {
    expect(pythonLiteral({ a: 'x'.repeat(60), b: 'y'.repeat(60) })).toMatch(/^\{\n {4}"a": "x+",\n {4}"b": "y+",\n\}$/);
  });
});
