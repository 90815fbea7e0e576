import { describe, expect, it } from 'vitest';
import { asCli, asJson, asPython, pythonLiteral, shellQuoted } from './copyAs';

const request = {
  service: 'sagemaker',
  operation: 'CreateTrainingJob',
  input: { TrainingJobName: "it's", EnableNetworkIsolation: false, HyperParameters: { k: '3' } },
};
const here = { endpoint: 'http://10.0.0.7:9000', region: 'eu-west-1' };

describe('copying a request', () => {
  it('quotes for the shell what holds a quote, and names this installation', () => {
    expect(shellQuoted("it's")).toBe(`'it'\\''s'`);
    const command = asCli([request], here);
    expect(command).toContain("aws sagemaker create-training-job \\\n  --endpoint-url http://10.0.0.7:9000 \\\n  --region eu-west-1 \\\n  --cli-input-json '{");
    expect(command).toContain(`"it'\\''s"`);
  });

  it('writes keyword arguments and literals for Python', () => {
    expect(asPython([request], here)).toBe(
      'import boto3\n\nsagemaker = boto3.client("sagemaker", endpoint_url="http://10.0.0.7:9000", region_name="eu-west-1")\n' +
        'sagemaker.create_training_job(\n    TrainingJobName="it\'s",\n    EnableNetworkIsolation=False,\n    HyperParameters={"k": "3"},\n)\n',
    );
    expect(pythonLiteral([])).toBe('[]');
    expect(pythonLiteral(null)).toBe('None');
  });

  it('breaks long structures over lines', () => {
    expect(pythonLiteral({ a: 'x'.repeat(60), b: 'y'.repeat(60) })).toMatch(/^\{\n {4}"a": "x+",\n {4}"b": "y+",\n\}$/);
  });

  it('writes the bytes of an object to a file, by the name that each tool has for S3', () => {
    const object = { service: 's3', operation: 'GetObject', input: { Bucket: 'b', Key: 'my lists/train.lst' }, outfile: 'train.lst' };
    expect(asCli([object], here)).toMatch(/^aws s3api get-object [^]* '\{[^]*\}' \\\n {2}train\.lst$/);
    expect(asPython([object], here)).toContain('open("train.lst", "wb").write(s3.get_object(');
  });

  it('puts several requests one after another, with one client', () => {
    const two = [request, { ...request, operation: 'StopTrainingJob', input: { TrainingJobName: 'a' } }];
    expect(asPython(two, here).match(/boto3\.client/g)).toHaveLength(1);
    expect(asCli(two, here).match(/^aws /gm)).toHaveLength(2);
    expect(JSON.parse(asJson(two))).toEqual([{ CreateTrainingJob: request.input }, { StopTrainingJob: { TrainingJobName: 'a' } }]);
  });
});
