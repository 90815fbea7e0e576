// The AWS SDK for JavaScript v3, at its newest, against a daemon whose address comes in the environment.
import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {Readable} from 'node:stream';
import {test} from 'node:test';
import {
  CloudWatchLogsClient, DescribeLogStreamsCommand, GetLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CopyObjectCommand, CreateBucketCommand, DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand,
  ListObjectsV2Command, PutObjectCommand, S3Client, paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import {
  AddTagsCommand, CreateTrainingJobCommand, DescribeTrainingJobCommand, ListTagsCommand, SageMakerClient,
  StopTrainingJobCommand, paginateListTrainingJobs, waitUntilTrainingJobCompletedOrStopped,
} from '@aws-sdk/client-sagemaker';
import {GetCallerIdentityCommand, STSClient} from '@aws-sdk/client-sts';
import {Upload} from '@aws-sdk/lib-storage';
import {getSignedUrl} from '@aws-sdk/s3-request-presigner';

const endpoint = process.env.AWS_ENDPOINT_URL;
const settings = {endpoint, region: 'us-west-2', maxAttempts: 1};
const s3 = new S3Client({...settings, forcePathStyle: true});
const sagemaker = new SageMakerClient(settings);
const logs = new CloudWatchLogsClient(settings);
const bucket = `js-${process.pid}`;
const bytesOf = async (body) => Buffer.from(await body.transformToByteArray());

await s3.send(new CreateBucketCommand({Bucket: bucket}));

test('an object sent from memory comes back whole, with its checksum', async () => {
  const put = await s3.send(new PutObjectCommand({Bucket: bucket, Key: 'a b/ü+.txt', Body: 'hello', Metadata: {x: 'y'}}));
  assert.ok(put.ChecksumCRC32 || put.ETag);
  const got = await s3.send(new GetObjectCommand({Bucket: bucket, Key: 'a b/ü+.txt', ChecksumMode: 'ENABLED'}));
  assert.equal(await got.Body.transformToString(), 'hello');
  assert.deepEqual(got.Metadata, {x: 'y'});
});

for (const ChecksumAlgorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256']) {
  test(`a stream travels in aws-chunked framing with a ${ChecksumAlgorithm} trailer`, async () => {
    const data = randomBytes(3_000_000);
    const Key = `stream-${ChecksumAlgorithm}`;
    const put = await s3.send(new PutObjectCommand({
      Bucket: bucket, Key, Body: Readable.from([data.subarray(0, 1_000_000), data.subarray(1_000_000)]),
      ContentLength: data.length, ChecksumAlgorithm,
    }));
    assert.ok(put[`Checksum${ChecksumAlgorithm}`], JSON.stringify(put));
    const got = await s3.send(new GetObjectCommand({Bucket: bucket, Key}));
    assert.ok(data.equals(await bytesOf(got.Body)));
    assert.equal(got.ContentEncoding, undefined);
  });
}

test('300 MB go up by parallel multipart and come back', async () => {
  const block = randomBytes(1 << 20);
  async function* blocks() {
    for (let i = 0; i < 300; i++) yield block;
  }
  const upload = new Upload({
    client: s3, params: {Bucket: bucket, Key: 'big', Body: Readable.from(blocks())}, partSize: 16 << 20, queueSize: 4,
  });
  await upload.done();
  const head = await s3.send(new HeadObjectCommand({Bucket: bucket, Key: 'big'}));
  assert.equal(head.ContentLength, 300 << 20);
  const got = await s3.send(new GetObjectCommand({Bucket: bucket, Key: 'big', Range: `bytes=${299 << 20}-`}));
  assert.ok(block.equals(await bytesOf(got.Body)));
});

test('listing pages, copies and batch deletes work', async () => {
  for (let i = 0; i < 5; i++) await s3.send(new PutObjectCommand({Bucket: bucket, Key: `list/${i}`, Body: ''}));
  const keys = [];
  for await (const page of paginateListObjectsV2({client: s3, pageSize: 2}, {Bucket: bucket, Prefix: 'list/'})) {
    keys.push(...page.Contents.map((item) => item.Key));
  }
  assert.deepEqual(keys, [0, 1, 2, 3, 4].map((i) => `list/${i}`));
  await s3.send(new CopyObjectCommand({Bucket: bucket, Key: 'list/5', CopySource: `${bucket}/list/0`}));
  const deleted = await s3.send(new DeleteObjectsCommand({
    Bucket: bucket, Delete: {Objects: [0, 1, 2, 3, 4, 5].map((i) => ({Key: `list/${i}`}))},
  }));
  assert.equal(deleted.Deleted.length, 6);
  const left = await s3.send(new ListObjectsV2Command({Bucket: bucket, Prefix: 'list/'}));
  assert.equal(left.KeyCount, 0);
});

test('a presigned URL reads without keys', async () => {
  await s3.send(new PutObjectCommand({Bucket: bucket, Key: 'signed', Body: 'by url'}));
  const url = await getSignedUrl(s3, new GetObjectCommand({Bucket: bucket, Key: 'signed'}), {expiresIn: 60});
  assert.equal(await (await fetch(url)).text(), 'by url');
});

test('missing keys carry their names as errors', async () => {
  await assert.rejects(s3.send(new GetObjectCommand({Bucket: bucket, Key: 'none'})), {name: 'NoSuchKey'});
});

test('a training job is created, tagged, waited for, listed and its log is read', async () => {
  const TrainingJobName = `js-job-${process.pid}`;
  const {TrainingJobArn} = await sagemaker.send(new CreateTrainingJobCommand({
    TrainingJobName, RoleArn: 'arn:aws:iam::111122223333:role/Trainer',
    AlgorithmSpecification: {TrainingImage: 'report', TrainingInputMode: 'File'},
    OutputDataConfig: {S3OutputPath: `s3://${bucket}/out`},
    ResourceConfig: {InstanceType: 'ml.m7i.large', InstanceCount: 1, VolumeSizeInGB: 5},
    StoppingCondition: {MaxRuntimeInSeconds: 300},
  }));
  await waitUntilTrainingJobCompletedOrStopped({client: sagemaker, minDelay: 1, maxDelay: 1, maxWaitTime: 60},
                                               {TrainingJobName});
  const job = await sagemaker.send(new DescribeTrainingJobCommand({TrainingJobName}));
  assert.equal(job.TrainingJobStatus, 'Completed', job.FailureReason);
  assert.ok(job.CreationTime instanceof Date);
  await sagemaker.send(new AddTagsCommand({ResourceArn: TrainingJobArn, Tags: [{Key: 'k', Value: 'v'}]}));
  const tags = await sagemaker.send(new ListTagsCommand({ResourceArn: TrainingJobArn}));
  assert.deepEqual(tags.Tags, [{Key: 'k', Value: 'v'}]);
  const names = [];
  for await (const page of paginateListTrainingJobs({client: sagemaker}, {NameContains: 'js-job'})) {
    names.push(...page.TrainingJobSummaries.map((summary) => summary.TrainingJobName));
  }
  assert.deepEqual(names, [TrainingJobName]);
  const logGroupName = '/aws/sagemaker/TrainingJobs';
  const {logStreams} = await logs.send(new DescribeLogStreamsCommand({
    logGroupName, logStreamNamePrefix: `${TrainingJobName}/`}));
  const {events} = await logs.send(new GetLogEventsCommand({
    logGroupName, logStreamName: logStreams[0].logStreamName, startFromHead: true}));
  assert.ok(events.some((event) => event.message.startsWith('arguments')));
  await assert.rejects(sagemaker.send(new StopTrainingJobCommand({TrainingJobName})), {name: 'ValidationException'});
});

test('the caller has an assumed role', async () => {
  const identity = await new STSClient(settings).send(new GetCallerIdentityCommand({}));
  assert.match(identity.Arn, /^arn:aws:sts::\d{12}:assumed-role\//);
});
