// Invocations through the AWS SDK for JavaScript v3. Address and endpoint come in the environment.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {InvokeEndpointCommand, SageMakerRuntimeClient} from '@aws-sdk/client-sagemaker-runtime';

const runtime = new SageMakerRuntimeClient({endpoint: process.env.AWS_ENDPOINT_URL, region: 'us-west-2', maxAttempts: 1});
const EndpointName = process.env.MILLRACE_ENDPOINT;

test('an invocation reaches the model and its answer comes back', async () => {
  const answer = await runtime.send(new InvokeEndpointCommand({
    EndpointName, Body: '1,2', ContentType: 'text/csv', CustomAttributes: 'trace=1',
  }));
  assert.equal(answer.InvokedProductionVariant, 'AllTraffic');
  assert.equal(answer.CustomAttributes, 'heard');
  const heard = JSON.parse(Buffer.from(answer.Body).toString());
  assert.equal(heard.bytes, 3);
  assert.equal(heard.headers['Content-Type'], 'text/csv');
});

test('an error of the model has its status and text', async () => {
  await assert.rejects(
    runtime.send(new InvokeEndpointCommand({EndpointName, Body: '{"do": "fail", "status": 503}'})),
    (error) => error.name === 'ModelError' && error.OriginalStatusCode === 503 && error.OriginalMessage === 'out of luck');
});

test('an unknown endpoint is a ValidationError', async () => {
  await assert.rejects(runtime.send(new InvokeEndpointCommand({EndpointName: 'nobody', Body: '1'})),
    (error) => error.name === 'ValidationError' && /not found/.test(error.message));
});
