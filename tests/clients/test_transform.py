"""Batch transform through stock boto3: every way to split, assemble, filter and join; what fails, stops and resumes."""

import gzip
import json
import os
import random
import signal
import struct
import time

import boto3
import pytest
from botocore.exceptions import ClientError, WaiterError

from conftest import ROLE, Daemon, log_lines, unique
from conftest import wait_until_ended as wait_until_trained
from processes import supervisors_of
from tabular_jobs import TabularJobs, csv, image_of
from test_image_classification import IMAGE, dataset, run as train_images, stripes

GROUP = "/aws/sagemaker/TransformJobs"


@pytest.fixture(scope="module")
def model(daemon, sagemaker):
    image = daemon.add_program("batch_model.py")
    name = unique("model")
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={
        "Image": image, "Environment": {"LEVEL": "3"}})
    return name


def request(name, model, bucket, prefix="in/", content_type="text/csv", split="Line", assemble="Line", output=None,
            **changes):
    """A small complete CreateTransformJob request; `changes` replace top-level members."""
    return {key: value for key, value in {
        "TransformJobName": name,
        "ModelName": model,
        "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/{prefix}"}},
                           "ContentType": content_type, "SplitType": split},
        "TransformOutput": {"S3OutputPath": f"s3://{bucket}/out", "AssembleWith": assemble, **(output or {})},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        **changes}.items() if value is not None}


def wait_until_ended(sagemaker, name, timeout=90):
    deadline = time.monotonic() + timeout
    while True:
        job = sagemaker.describe_transform_job(TransformJobName=name)
        if job["TransformJobStatus"] in ("Completed", "Failed", "Stopped"):
            return job
        assert time.monotonic() < deadline, json.dumps(job, default=str)
        time.sleep(0.05)


@pytest.fixture
def transform(sagemaker, s3, bucket, model):
    """Stores objects below in/, runs a job, and returns its description and what is below out/."""
    def run(objects, change=None, **more):
        for key, body in objects.items():
            s3.put_object(Bucket=bucket, Key=f"in/{key}", Body=body)
        name = unique("transform")
        order = request(name, model, bucket, **more)
        if change:
            change(order)
        sagemaker.create_transform_job(**order)
        return wait_until_ended(sagemaker, name), stored(s3, bucket)
    return run


def stored(s3, bucket, prefix="out/"):
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])]
    return {key[len(prefix):]: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def completed(result):
    job, outputs = result
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    return outputs


def asked(logs, job):
    """Bodies of the requests that the model's server had, in order."""
    lines = [line.split(" ", 1)[1] for line in log_lines(logs, job, GROUP) if line.startswith("asked ")]
    return [json.JSONDecoder().raw_decode(line)[0] for line in lines]


def recordio(*payloads):
    return b"".join(struct.pack("<II", 0xCED7230A, len(each)) + each + b"\0" * (-len(each) % 4) for each in payloads)


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def tfrecord(*payloads):
    return b"".join((length := struct.pack("<Q", len(each))) + masked_crc(length) + each + masked_crc(each)
                    for each in payloads)


def test_each_object_becomes_one_beside_its_name_with_a_line_for_each_line(transform):
    outputs = completed(transform({"a.csv": b"1,2\n3,4\n", "deep/b.csv": b"5,6\r\n\n7,8", "empty.csv": b""}))
    assert outputs == {"a.csv.out": b"3.0\n7.0\n", "deep/b.csv.out": b"11.0\n15.0\n", "empty.csv.out": b""}


@pytest.mark.parametrize("strategy, requests", [("SingleRecord", ["1,2", "3,4"]), ("MultiRecord", ["1,2\n3,4"])])
def test_the_strategy_says_how_many_lines_a_request_has(transform, logs, strategy, requests):
    job, outputs = transform({"a.csv": b"1,2\n3,4\n"}, BatchStrategy=strategy, MaxConcurrentTransforms=1)
    assert completed((job, outputs)) == {"a.csv.out": b"3.0\n7.0\n"}
    assert asked(logs, job["TransformJobName"]) == requests
    data_log = [line for line in log_lines(logs, job["TransformJobName"], GROUP) if "sagemaker logs" in line]
    name = {"SingleRecord": "SINGLE_RECORD", "MultiRecord": "MULTI_RECORD"}[strategy]
    assert f"[sagemaker logs]: MaxConcurrentTransforms=1, MaxPayloadInMB=6, BatchStrategy={name}" in data_log


@pytest.mark.parametrize("split, file", [("RecordIO", recordio(b"abc", b"de")), ("TFRecord", tfrecord(b"abc", b"de"))])
def test_binary_records_are_sent_bare_or_with_their_frames(transform, split, file):
    more = {"split": split, "assemble": "None", "content_type": "application/x-record"}
    assert completed(transform({"a": file}, BatchStrategy="SingleRecord", **more)) == {"a.out": b"3 bytes2 bytes"}
    assert completed(transform({"a": file}, BatchStrategy="MultiRecord", **more)) == {"a.out": f"{len(file)} bytes".encode()}


def test_unsplit_and_packed_objects(transform):
    assert completed(transform({"x.png": b"\x89PNG" * 10}, split="None", assemble="None", content_type="image/png")) == {
        "x.png.out": b"40 bytes"}
    outputs = completed(transform(
        {"x.png": b"", "a.csv.gz": gzip.compress(b"1,2\n") + gzip.compress(b"3,4\n")}, prefix="in/a",
        change=lambda order: order["TransformInput"].update(CompressionType="Gzip")))
    assert outputs["a.csv.gz.out"] == b"3.0\n7.0\n"


def test_a_manifest_names_the_objects(transform, s3, bucket):
    manifest = json.dumps([{"prefix": f"s3://{bucket}/in/"}, "deep/b.csv", "a.csv"])
    s3.put_object(Bucket=bucket, Key="list.manifest", Body=manifest)

    def change(order):
        order["TransformInput"]["DataSource"]["S3DataSource"] = {
            "S3DataType": "ManifestFile", "S3Uri": f"s3://{bucket}/list.manifest"}
    outputs = completed(transform({"a.csv": b"1,2", "deep/b.csv": b"3", "c.csv": b"bad"}, change))
    assert outputs == {"a.csv.out": b"3.0\n", "deep/b.csv.out": b"3.0\n"}


def test_csv_is_filtered_joined_and_filtered_again(transform, logs):
    job, outputs = transform({"a.csv": b'"x, y",1,2\nid2,3,4\n'}, content_type="text/csv; label_size=0", DataProcessing={
        "InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"})
    assert completed((job, outputs)) == {"a.csv.out": b'"x, y",3.0\nid2,7.0\n'}
    assert asked(logs, job["TransformJobName"]) == ["1,2\n3,4"]
    assert any(line.endswith("accept text/csv") for line in log_lines(logs, job["TransformJobName"], GROUP))


@pytest.mark.parametrize("strategy", ["SingleRecord", "MultiRecord"])
def test_json_lines_get_their_answer_as_a_member(transform, strategy):
    lines = b'{"id": 1, "x": [1, 2], "y": 0}\n{"id": 2, "x": [3, 4], "y": 0}\n'
    outputs = completed(transform({"a.jsonl": lines}, content_type="application/jsonlines", BatchStrategy=strategy,
                                  DataProcessing={"InputFilter": "$['x']", "JoinSource": "Input",
                                                  "OutputFilter": "$['id','SageMakerOutput']"}))
    assert [json.loads(line) for line in outputs["a.jsonl.out"].splitlines()] == [
        {"id": 1, "SageMakerOutput": {"sum": 3}}, {"id": 2, "SageMakerOutput": {"sum": 7}}]


def test_a_json_document_is_joined_as_a_whole(transform):
    outputs = completed(transform({"a.json": b"[1,2]", "b.json": b'{"x": [5]}'}, content_type="application/json", split="None",
                                  assemble="None", DataProcessing={"JoinSource": "Input"}))
    assert json.loads(outputs["a.json.out"]) == {"SageMakerInput": [1, 2], "SageMakerOutput": {"sum": 3}}
    assert json.loads(outputs["b.json.out"]) == {"x": [5], "SageMakerOutput": {"sum": 5}}


def test_one_object_that_fails_fails_the_job_and_the_others_are_done(transform, logs, bucket):
    job, outputs = transform({"a.csv": b"1,2\n", "b.csv": b"1\n2\nbad\n4\n", "c.csv": b"3,4\n"}, BatchStrategy="SingleRecord")
    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"].startswith(
        f"ClientError: s3://{bucket}/in/b.csv, line 3: the model answered status 400: no number: bad"), job
    assert "1 of 3 objects failed" in job["FailureReason"]
    assert outputs == {"a.csv.out": b"3.0\n", "c.csv.out": b"7.0\n"}
    assert any(f"[sagemaker logs]: {bucket}/in/b.csv: " in line for line in log_lines(logs, job["TransformJobName"], GROUP))


def test_a_record_that_filters_do_not_fit_is_told_with_its_line(transform, bucket):
    job, _ = transform({"a.csv": b"1,2\n3\n"}, DataProcessing={"InputFilter": "$[1]"})
    assert job["FailureReason"].startswith(f"ClientError: s3://{bucket}/in/a.csv, line 2: $[1] selects element 1")


def test_a_model_that_hangs_fails_the_job_in_time_with_the_reason(transform, bucket):
    job, outputs = transform({"a.csv": b"hang\n"}, ModelClientConfig={
        "InvocationsTimeoutInSeconds": 1, "InvocationsMaxRetries": 1})
    assert job["FailureReason"] == (f"AlgorithmError: s3://{bucket}/in/a.csv, line 1: the model did not answer within 1 s "
                                    "(2 attempts)")
    assert outputs == {}


def test_a_server_that_crashes_is_started_again_and_asked_again(transform):
    assert completed(transform({"a.csv": b"1,2\n", "b.csv": b"once\n"})) == {"a.csv.out": b"3.0\n", "b.csv.out": b"1.0\n"}


def test_the_container_is_told_of_the_batch_and_asked_for_its_parameters(transform, logs):
    parameters = {"MaxConcurrentTransforms": 2, "BatchStrategy": "SINGLE_RECORD", "MaxPayloadInMB": 3}
    job, _ = transform({"a.csv": b"1\n2\n"}, Environment={"PARAMETERS": json.dumps(parameters)})
    lines = log_lines(logs, job["TransformJobName"], GROUP)
    assert "[sagemaker logs]: MaxConcurrentTransforms=2, MaxPayloadInMB=3, BatchStrategy=SINGLE_RECORD" in lines
    assert "batch {'SAGEMAKER_BATCH': 'true'} ['serve']" in lines
    job, _ = transform({"a.csv": b"1\n2\n"}, MaxPayloadInMB=2, MaxConcurrentTransforms=5, BatchStrategy="MultiRecord")
    assert any("'SAGEMAKER_BATCH_STRATEGY': 'MULTI_RECORD', 'SAGEMAKER_MAX_CONCURRENT_TRANSFORMS': '5', "
               "'SAGEMAKER_MAX_PAYLOAD_IN_MB': '2'" in line for line in log_lines(logs, job["TransformJobName"], GROUP))


def test_results_stand_in_the_records_order_whatever_is_answered_first(transform):
    lines = b"".join(b"wait\n" if i % 7 == 0 else b"%d\n" % i for i in range(40))
    outputs = completed(transform({"a.csv": lines}, BatchStrategy="SingleRecord", MaxConcurrentTransforms=8,
                                  Environment={"WAIT": "0.2"}))
    assert [float(line) for line in outputs["a.csv.out"].split()] == [0 if i % 7 == 0 else i for i in range(40)]


def test_objects_of_any_size_are_streamed_where_the_payload_has_no_limit(transform):
    assert completed(transform({"big": b"x" * (24 << 20)}, split="None", assemble="None", content_type="application/octet-stream",
                               MaxPayloadInMB=0)) == {"big.out": b"25165824 bytes"}
    job, _ = transform({"big": b"x" * (7 << 20)}, split="None", assemble="None", content_type="application/octet-stream")
    assert "it has more than the 6.3 MB of one request" in job["FailureReason"]


def test_instances_share_the_objects(transform, logs):
    objects = {f"{i}.csv": b"%d,1\n" % i for i in range(7)}
    job, outputs = transform(objects, TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 3})
    assert completed((job, outputs)) == {f"{i}.csv.out": b"%d.0\n" % (i + 1) for i in range(7)}
    streams = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=job["TransformJobName"] + "/")["logStreams"]
    assert len([each for each in streams if not each["logStreamName"].endswith("/data-log")]) == 3
    assert sorted(asked(logs, job["TransformJobName"])) == [f"{i},1" for i in range(7)]


def start_slow(sagemaker, s3, bucket, model, objects=6):
    """A job of so many objects that takes half a second for each; returns when two are done."""
    for i in range(objects):
        s3.put_object(Bucket=bucket, Key=f"in/{i}.csv", Body=b"wait\n%d\n" % i)
    name = unique("slow")
    sagemaker.create_transform_job(**request(name, model, bucket, Environment={"WAIT": "0.5"}))
    deadline = time.monotonic() + 60
    while len(stored(s3, bucket)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return name


def test_a_stopped_job_keeps_what_is_whole_and_leaves_nothing_half(sagemaker, s3, bucket, model):
    name = start_slow(sagemaker, s3, bucket, model, objects=40)
    sagemaker.stop_transform_job(TransformJobName=name)
    job = wait_until_ended(sagemaker, name)
    assert job["TransformJobStatus"] == "Stopped" and "FailureReason" not in job
    outputs = stored(s3, bucket)
    assert 2 <= len(outputs) < 40
    assert all(body == b"0.0\n%s.0\n" % key.split(".")[0].encode() for key, body in outputs.items())
    with pytest.raises(ClientError) as refused:
        sagemaker.stop_transform_job(TransformJobName=name)
    assert refused.value.response["Error"]["Message"] == (
        "The request was rejected because the transform job is in status Stopped.")


def expect_each_once(sagemaker, s3, logs, bucket, name, objects=6):
    """Done objects were not asked about again; the one under way when its supervisor died may have been."""
    job = wait_until_ended(sagemaker, name)
    assert job["TransformJobStatus"] == "Completed", job
    assert stored(s3, bucket) == {f"{i}.csv.out": b"0.0\n%d.0\n" % i for i in range(objects)}
    bodies = asked(logs, name)
    assert set(bodies) == {f"wait\n{i}" for i in range(objects)}
    assert bodies.count("wait\n0") == bodies.count("wait\n1") == 1, bodies
    return bodies


def test_a_killed_supervisor_is_followed_by_one_that_goes_on(sagemaker, s3, logs, bucket, model):
    name = start_slow(sagemaker, s3, bucket, model)
    os.kill(supervisors_of(f"transform.{name}")["algo-1"], signal.SIGKILL)
    assert len(expect_each_once(sagemaker, s3, logs, bucket, name)) <= 7


@pytest.mark.parametrize("with_supervisor", [False, True])
def test_a_killed_daemon_goes_on_where_it_was(tmp_path, with_supervisor):
    daemon = Daemon(tmp_path / "data")
    try:
        sagemaker, s3 = daemon.client("sagemaker"), daemon.client("s3")
        bucket, model = unique("bucket"), unique("model")
        s3.create_bucket(Bucket=bucket)
        sagemaker.create_model(ModelName=model, ExecutionRoleArn=ROLE, PrimaryContainer={
            "Image": daemon.add_program("batch_model.py")})
        name = start_slow(sagemaker, s3, bucket, model)
        daemon.kill()
        if with_supervisor:
            os.kill(supervisors_of(f"transform.{name}")["algo-1"], signal.SIGKILL)
        daemon.start()
        bodies = expect_each_once(daemon.client("sagemaker"), daemon.client("s3"), daemon.client("logs"), bucket, name)
        assert len(bodies) <= (7 if with_supervisor else 6), bodies
    finally:
        daemon.stop()


def test_an_input_that_was_changed_is_done_again_by_the_successor(sagemaker, s3, bucket, model):
    name = start_slow(sagemaker, s3, bucket, model)
    os.kill(supervisors_of(f"transform.{name}")["algo-1"], signal.SIGSTOP)
    s3.put_object(Bucket=bucket, Key="in/0.csv", Body=b"50,50\n")
    os.kill(supervisors_of(f"transform.{name}")["algo-1"], signal.SIGKILL)
    assert wait_until_ended(sagemaker, name)["TransformJobStatus"] == "Completed"
    assert stored(s3, bucket)["0.csv.out"] == b"100.0\n"


def test_what_comes_and_goes_below_the_prefix_changes_nothing_for_the_successors(sagemaker, s3, logs, bucket, model):
    for i in range(6):
        s3.put_object(Bucket=bucket, Key=f"in/{i}.csv", Body=b"wait\n%d\n" % i)
    name = unique("slow")
    sagemaker.create_transform_job(**request(
        name, model, bucket, Environment={"WAIT": "0.5"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 2}))
    deadline = time.monotonic() + 60
    while len(stored(s3, bucket)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    s3.put_object(Bucket=bucket, Key="in/+new.csv", Body=b"7\n")  # before all others
    for process in supervisors_of(f"transform.{name}").values():
        os.kill(process, signal.SIGKILL)
    job = wait_until_ended(sagemaker, name)
    assert job["TransformJobStatus"] == "Completed", job
    assert stored(s3, bucket) == {f"{i}.csv.out": b"0.0\n%d.0\n" % i for i in range(6)}
    assert set(asked(logs, name)) <= {f"wait\n{i}" for i in range(6)}


def test_outputs_may_lie_among_the_inputs_but_replace_none(sagemaker, transform, s3, bucket, model):
    among = {"S3OutputPath": f"s3://{bucket}/in"}
    job, _ = transform({"a.csv": b"1\n", "b.csv": b"2\n"}, output=among)
    assert job["TransformJobStatus"] == "Completed", job
    assert sorted(stored(s3, bucket, "in/")) == ["a.csv", "a.csv.out", "b.csv", "b.csv.out"]
    again, _ = transform({}, output=among)
    assert again["FailureReason"] == (
        f"ClientError: the output of s3://{bucket}/in/a.csv would replace s3://{bucket}/in/a.csv.out, which is an input of "
        "this job too. Choose an S3OutputPath outside of the input, or take the earlier outputs out of it.")
    assert sorted(stored(s3, bucket, "in/")) == ["a.csv", "a.csv.out", "b.csv", "b.csv.out"]


def test_jobs_are_listed_tagged_and_known_by_their_arn(sagemaker, transform, model, bucket, s3):
    job, _ = transform({"a.csv": b"1\n"}, Tags=[{"Key": "team", "Value": "risk"}])
    name, arn = job["TransformJobName"], job["TransformJobArn"]
    assert arn.endswith(f":transform-job/{name}")
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "risk"}]
    found = sagemaker.list_transform_jobs(NameContains=name, StatusEquals="Completed", SortBy="Name", SortOrder="Ascending",
                                          CreationTimeAfter=0)["TransformJobSummaries"]
    assert [each["TransformJobName"] for each in found] == [name]
    assert found[0]["TransformEndTime"] >= found[0]["CreationTime"]
    assert sagemaker.list_transform_jobs(NameContains=name, StatusEquals="Failed")["TransformJobSummaries"] == []
    pages = sagemaker.get_paginator("list_transform_jobs").paginate(PaginationConfig={"PageSize": 2})
    names = [each["TransformJobName"] for page in pages for each in page["TransformJobSummaries"]]
    assert name in names and len(names) == len(set(names))
    with pytest.raises(ClientError) as refused:
        sagemaker.create_transform_job(**request(name, model, bucket))
    assert refused.value.response["Error"]["Code"] == "ResourceInUse"


def test_what_cannot_be_is_refused_before_anything_happens(sagemaker, model, bucket, s3):
    s3.put_object(Bucket=bucket, Key="in/a.csv", Body=b"1\n")

    def refused(words, **changes):
        with pytest.raises(ClientError) as error:
            sagemaker.create_transform_job(**{**request(unique("refused"), model, bucket), **changes})
        assert error.value.response["Error"]["Code"] == "ValidationException"
        assert words in error.value.response["Error"]["Message"], error.value
    refused("Could not find model", ModelName="absent")
    refused("DataCaptureConfig is not supported", DataCaptureConfig={"DestinationS3Uri": f"s3://{bucket}/c"})
    refused("No S3 objects found under S3 URL", TransformInput={"DataSource": {"S3DataSource": {
        "S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/none/"}}})
    refused("AugmentedManifestFile is not supported", TransformInput={"DataSource": {"S3DataSource": {
        "S3DataType": "AugmentedManifestFile", "S3Uri": f"s3://{bucket}/in/a.csv"}}})
    refused("recursive descent", DataProcessing={"InputFilter": "$..a"})
    with pytest.raises(WaiterError):
        sagemaker.get_waiter("transform_job_completed_or_stopped").wait(
            TransformJobName="absent", WaiterConfig={"Delay": 1, "MaxAttempts": 1})


def test_a_user_needs_leave_to_transform_and_its_job_reaches_only_its_own_data(daemon, s3, model, bucket, tmp_path):
    s3.put_object(Bucket=bucket, Key="in/a.csv", Body=b"1,2\n")
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sagemaker:*TransformJob", "Resource": "arn:aws:sagemaker:*:*:transform-job/allowed*"},
        {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": [f"arn:aws:s3:::{bucket}",
                                                                                      f"arn:aws:s3:::{bucket}/*"]},
    ]}))
    user = unique("user")
    iam = daemon.client("iam")
    iam.create_user(UserName=user)
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=policy.read_text())
    key = iam.create_access_key(UserName=user)["AccessKey"]
    client = boto3.client("sagemaker", endpoint_url=daemon.endpoint, region_name="us-west-2",
                          aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    with pytest.raises(ClientError) as refused:
        client.create_transform_job(**request(unique("other"), model, bucket))
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    name = unique("allowed")
    client.create_transform_job(**request(name, model, bucket))
    job = wait_until_ended(client, name)
    assert job["TransformJobStatus"] == "Failed"
    assert f"storing s3://{bucket}/out/a.csv.out" in job["FailureReason"] and "s3:PutObject" in job["FailureReason"], job


# The flow `Transformer.transform` of the SageMaker Python SDK: its calls in its order, with the members that it reads.
def sdk_transform(sagemaker, logs, estimator_job, image, location, output, role=ROLE, **members):
    job = sagemaker.describe_training_job(TrainingJobName=estimator_job)
    model = unique(estimator_job)
    sagemaker.create_model(ModelName=model, ExecutionRoleArn=role, PrimaryContainer={
        "Image": image, "Environment": {}, "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"]})
    name = unique("sdk")
    content_type = members.pop("content_type", "text/csv")
    sagemaker.create_transform_job(
        TransformJobName=name, ModelName=model, **members,
        TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": location}},
                        "ContentType": content_type, "SplitType": "Line"},
        TransformOutput={"S3OutputPath": output, "AssembleWith": "Line"},
        TransformResources={"InstanceCount": 1, "InstanceType": "ml.m5.large"}, Tags=[])
    described = sagemaker.describe_transform_job(TransformJobName=name)
    assert described["TransformResources"]["InstanceCount"] == 1
    sagemaker.get_waiter("transform_job_completed_or_stopped").wait(
        TransformJobName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 90})
    described = sagemaker.describe_transform_job(TransformJobName=name)
    assert described["TransformJobStatus"] == "Completed", described
    streams = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=name + "/", orderBy="LogStreamName", limit=50)
    assert "nextToken" not in streams and len(streams["logStreams"]) == 2
    return name


def test_a_linear_learner_scores_rows_as_the_sdk_asks(sagemaker, s3, logs):
    draw = random.Random(3)
    rows = [[draw.uniform(-1, 1) for _ in range(2)] for _ in range(400)]
    jobs = TabularJobs(sagemaker, s3, "linear-learner",
                       {"predictor_type": "regressor", "feature_dim": "2", "mini_batch_size": "50", "epochs": "30"},
                       {"train/a.csv": csv([[2 * x - y + 1, x, y] for x, y in rows])}, held="validation")
    job, _ = jobs.completed(channels=[jobs.channel("train", "train/")])
    jobs.put("score/a.csv", csv([[i, *row] for i, row in enumerate(rows[:200])]))
    jobs.put("score/b.csv", csv([[i, *row] for i, row in enumerate(rows[200:])]))
    sdk_transform(sagemaker, logs, job, image_of("linear-learner"), f"s3://{jobs.bucket}/score",
                  f"s3://{jobs.bucket}/scored", BatchStrategy="MultiRecord",
                  DataProcessing={"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,1,2,-1]"})
    outputs = stored(s3, jobs.bucket, "scored/")
    assert sorted(outputs) == ["a.csv.out", "b.csv.out"]
    for key in outputs:
        lines = [[float(cell) for cell in line.split(",")] for line in outputs[key].decode().splitlines()]
        assert [line[0] for line in lines] == list(range(200))
        assert all(abs(2 * x - y + 1 - score) < 0.1 for _, x, y, score in lines)


def test_k_means_answers_lines_of_json_in_the_rows_order(sagemaker, s3, logs):
    draw = random.Random(5)
    centres = [(0.0, 0.0), (10.0, 0.0), (0.0, 20.0)]
    rows = [[draw.gauss(value, 0.3) for value in centres[i % 3]] for i in range(300)]
    jobs = TabularJobs(sagemaker, s3, "kmeans", {"k": "3", "feature_dim": "2", "mini_batch_size": "300", "epochs": "2"},
                       {"train/a.csv": csv(rows)}, content_type="text/csv;label_size=0")
    job, _ = jobs.completed(channels=[jobs.channel("train", "train/")])
    jobs.put("score/rows.csv", csv(rows))
    name = unique("km")
    model = unique("kmeans")
    sagemaker.create_model(ModelName=model, ExecutionRoleArn=ROLE, PrimaryContainer={
        "Image": image_of("kmeans"),
        "ModelDataUrl": sagemaker.describe_training_job(TrainingJobName=job)["ModelArtifacts"]["S3ModelArtifacts"]})
    sagemaker.create_transform_job(**request(name, model, jobs.bucket, prefix="score/", output={"Accept": "application/jsonlines"}))
    assert wait_until_ended(sagemaker, name)["TransformJobStatus"] == "Completed"
    answers = [json.loads(line) for line in stored(s3, jobs.bucket)["rows.csv.out"].splitlines()]
    clusters = [answer["closest_cluster"] for answer in answers]
    assert len(clusters) == 300 and all(clusters[i] == clusters[i % 3] for i in range(300)) and len(set(clusters)) == 3


def test_images_are_classified_each_in_a_request_of_its_own(sagemaker, s3, bucket):
    s3.put_object(Bucket=bucket, Key="train/train.rec", Body=dataset(64, 1))
    trained = wait_until_trained(sagemaker, train_images(sagemaker, s3, bucket, validate=False, epochs="6"), 120)
    assert trained["TrainingJobStatus"] == "Completed", trained.get("FailureReason")
    noise = random.Random(7)
    for number in range(6):
        s3.put_object(Bucket=bucket, Key=f"in/{number}.png", Body=stripes(number % 2, noise))
    model, name = unique("images"), unique("classify")
    sagemaker.create_model(ModelName=model, ExecutionRoleArn=ROLE, PrimaryContainer={
        "Image": IMAGE, "ModelDataUrl": trained["ModelArtifacts"]["S3ModelArtifacts"]})
    sagemaker.create_transform_job(**request(name, model, bucket, content_type="application/x-image", split="None", assemble="None"))
    job = wait_until_ended(sagemaker, name)
    assert job["TransformJobStatus"] == "Completed", job
    outputs = {key: json.loads(body) for key, body in stored(s3, bucket).items() if key.endswith(".png.out")}
    assert len(outputs) == 6
    for key, body in outputs.items():
        answer = body["prediction"] if isinstance(body, dict) else body
        assert answer.index(max(answer)) == int(key[0]) % 2, outputs
