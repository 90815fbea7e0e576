// The AWS SDK for JavaScript v3 in a program that knows only amazonaws.com, and other ways of Node.js to reach a host.
import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import {CloudWatchLogsClient, DescribeLogGroupsCommand} from '@aws-sdk/client-cloudwatch-logs';
import {CreateBucketCommand, GetObjectCommand, S3Client} from '@aws-sdk/client-s3';
import {ListTrainingJobsCommand, SageMakerClient} from '@aws-sdk/client-sagemaker';
import {GetCallerIdentityCommand, STSClient} from '@aws-sdk/client-sts';
import {Upload} from '@aws-sdk/lib-storage';

const bucket = process.argv[2];
const identity = await new STSClient({}).send(new GetCallerIdentityCommand({}));
assert.match(identity.Arn, /^arn:aws:sts::\d{12}:assumed-role\//);

const data = randomBytes(12_000_001);
for (const forcePathStyle of [false, true]) {
  const s3 = new S3Client({forcePathStyle});
  if (!forcePathStyle) await s3.send(new CreateBucketCommand({Bucket: bucket}));
  await new Upload({client: s3, params: {Bucket: bucket, Key: 'large', Body: data}}).done();
  const got = await s3.send(new GetObjectCommand({Bucket: bucket, Key: 'large'}));
  assert.ok(data.equals(Buffer.from(await got.Body.transformToByteArray())));
}
await new SageMakerClient({}).send(new ListTrainingJobsCommand({}));
await new CloudWatchLogsClient({}).send(new DescribeLogGroupsCommand({}));

/** Status and body of a request of the module `from`. */
function get(from, url) {
  return new Promise((resolve, reject) => {
    from.get(url, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => { body += text; }).on('end', () => resolve([response.statusCode, body]));
    }).on('error', reject);
  });
}

const region = process.env.AWS_REGION;
assert.equal((await get(https, `https://s3.${region}.amazonaws.com/`))[0], 403);  // no signature: the daemon's answer
assert.match((await get(http, `http://s3.${region}.amazonaws.com/`))[1], /AccessDenied/);
assert.match(await (await fetch(`https://s3.${region}.amazonaws.com/`)).text(), /AccessDenied/);

await assert.rejects(get(https, 'https://example.com/'), /millrace run: example.com:443 is not reached/);
assert.match((await get(http, 'http://example.com/'))[1], /example.com:80 is not reached/);
await assert.rejects(fetch('https://example.com/'));

const local = http.createServer((request, response) => response.end('local')).listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${local.address().port}/`;
  assert.deepEqual(await get(http, url), [200, 'local']);
  assert.equal(await (await fetch(url)).text(), 'local');
  local.close();
  console.log('all of it works');
});
