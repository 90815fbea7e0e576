"""Training jobs, tags and logs through Debian's boto3."""

import io
import json
import tarfile
import time

import pytest
from botocore.exceptions import ClientError

from conftest import (channel, job_request, log_lines, unique, wait_for_status, wait_until_ended)


def refusal(call):
    with pytest.raises(ClientError) as failure:
        call()
    error = failure.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.fixture(scope="module")
def images(daemon):
    return {name: daemon.add_program(name) for name in ("succeed", "report.py", "fail.py", "wait_for_stop.py")}


@pytest.fixture(scope="module")
def data(s3):
    name = unique("data")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="train/a/1.bin", Body=b"x" * 100)
    s3.put_object(Bucket=name, Key="train/2.bin", Body=b"y" * 200)
    s3.put_object(Bucket=name, Key="train/folder/", Body=b"")
    s3.put_object(Bucket=name, Key="one/file.csv", Body=b"1,2\n")
    return name


def test_a_job_runs_under_the_container_contract_and_leaves_its_artifacts(sagemaker, logs, s3, images, data):
    name = unique("report")
    answer = sagemaker.create_training_job(**job_request(
        name, images["report.py"], data,
        HyperParameters={"epochs": "3", "quoted": '"x"'},
        InputDataConfig=[channel("train", f"s3://{data}/train/", ContentType="application/x-recordio"),
                         channel("one", f"s3://{data}/one/file.csv")],
        Environment={"MY_VARIABLE": "mine"},
        AlgorithmSpecification={"TrainingImage": images["report.py"], "TrainingInputMode": "File",
                                "MetricDefinitions": [{"Name": "loss", "Regex": r"loss=([0-9.]+)"},
                                                      {"Name": "acc", "Regex": r"accuracy=([0-9.]+)"}]},
        Tags=[{"Key": "team", "Value": "a"}]))
    assert answer["TrainingJobArn"].endswith(f":training-job/{name}")
    sagemaker.get_waiter("training_job_completed_or_stopped").config.delay = 1
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert [t["Status"] for t in job["SecondaryStatusTransitions"]] == [
        "Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert all(t["StatusMessage"] for t in job["SecondaryStatusTransitions"])
    assert {m["MetricName"]: round(m["Value"], 4) for m in job["FinalMetricDataList"]} == {"loss": 0.3333, "acc": 0.7}
    assert job["BillableTimeInSeconds"] >= 1 and job["OutputDataConfig"]["KmsKeyId"] == ""
    assert job["HyperParameters"] == {"epochs": "3", "quoted": '"x"'}

    printed = dict(line.split(" ", 1) for line in log_lines(logs, name) if not line.startswith(("file", "Epoch")))
    assert json.loads(printed["arguments"]) == ["train"]
    assert json.loads(printed["hyperparameters"]) == {"epochs": "3", "quoted": '"x"'}
    assert json.loads(printed["inputdataconfig"])["train"] == {
        "ContentType": "application/x-recordio", "TrainingInputMode": "File", "S3DistributionType": "FullyReplicated",
        "RecordWrapperType": "None"}
    assert json.loads(printed["resourceconfig"])["current_host"] == "algo-1"
    environment = json.loads(printed["environment"])
    assert environment["MY_VARIABLE"] == "mine" and environment["TRAINING_JOB_NAME"] == name
    assert [line for line in log_lines(logs, name) if line.startswith("file")] == [
        "file one/file.csv 4", "file train/2.bin 200", "file train/a/1.bin 100"]

    assert job["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{data}/out/{name}/output/model.tar.gz"
    archive = s3.get_object(Bucket=data, Key=f"out/{name}/output/model.tar.gz")["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert tar.extractfile("weights.bin").read() == bytes(range(256)) * 16
        assert tar.extractfile("sub/note.txt").read() == b"trained\n"
    output = s3.get_object(Bucket=data, Key=f"out/{name}/output/output.tar.gz")["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(output)) as tar:
        assert tar.extractfile("report.txt").read() == b"report\n"


def test_a_failing_program_fails_the_job_in_its_own_words(sagemaker, s3, images, data):
    name = unique("fail")
    sagemaker.create_training_job(**job_request(name, images["fail.py"], data))
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: ValueError: fraction must be in (0, 1], exit code: 3"
    assert "Contents" not in s3.list_objects_v2(Bucket=data, Prefix=f"out/{name}/output/model")


def test_a_stopped_job_keeps_its_model(sagemaker, logs, s3, images, data):
    name = unique("stop")
    sagemaker.create_training_job(**job_request(name, images["wait_for_stop.py"], data))
    wait_for_status(sagemaker, name, "Training")
    deadline = time.monotonic() + 20
    while not any("running" in line for line in log_lines(logs, name)) and time.monotonic() < deadline:
        time.sleep(0.1)
    sagemaker.stop_training_job(TrainingJobName=name)
    sagemaker.stop_training_job(TrainingJobName=name)
    job = wait_until_ended(sagemaker, name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    archive = s3.get_object(Bucket=data, Key=f"out/{name}/output/model.tar.gz")["Body"].read()
    assert tarfile.open(fileobj=io.BytesIO(archive)).extractfile("partial.bin").read() == b"half a model"
    assert refusal(lambda: sagemaker.stop_training_job(TrainingJobName=name)) == (
        "ValidationException", "The request was rejected because the training job is in status Stopped.")


def test_a_job_that_runs_too_long_is_stopped_with_its_model(sagemaker, s3, images, data):
    name = unique("long")
    sagemaker.create_training_job(**job_request(name, images["wait_for_stop.py"], data,
                                                StoppingCondition={"MaxRuntimeInSeconds": 2}))
    job = wait_until_ended(sagemaker, name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert s3.head_object(Bucket=data, Key=f"out/{name}/output/model.tar.gz")


def test_names_are_unique_and_unknown_names_are_refused_as_published(sagemaker, images, data):
    name = unique("twice")
    request = job_request(name, images["succeed"], data)
    arn = sagemaker.create_training_job(**request)["TrainingJobArn"]
    assert refusal(lambda: sagemaker.create_training_job(**request)) == (
        "ResourceInUse", "Training job names must be unique within an AWS account and region, and a training job with "
        f"this name already exists ({arn})")
    for call in (sagemaker.describe_training_job, sagemaker.stop_training_job):
        assert refusal(lambda: call(TrainingJobName="never-made")) == (
            "ValidationException", "Requested resource not found.")


def test_constraint_violations_are_reported_together_in_the_services_words(sagemaker, images, data):
    request = job_request("my_job", images["succeed"], data)
    request["ResourceConfig"]["InstanceType"] = "ml.huge"
    code, message = refusal(lambda: sagemaker.create_training_job(**request))
    assert code == "ValidationException" and message.startswith("2 validation errors detected: ")
    assert ("Value 'my_job' at 'trainingJobName' failed to satisfy constraint: Member must satisfy regular expression "
            "pattern: ") in message
    assert "Value 'ml.huge' at 'resourceConfig.instanceType' failed to satisfy constraint: Member must satisfy enum " \
           "value set: [" in message


def test_a_missing_bucket_and_an_empty_prefix_are_refused_before_the_job_exists(sagemaker, images, data):
    for uri in ("s3://there-is-no-such-bucket/x/", f"s3://{data}/nothing-here/"):
        name = unique("nodata")
        request = job_request(name, images["succeed"], data, InputDataConfig=[channel("train", uri)])
        code, message = refusal(lambda: sagemaker.create_training_job(**request))
        assert code == "ValidationException"
        assert message.startswith(f'No S3 objects found under S3 URL "{uri}" given in input data source.')


def test_unknown_images_name_what_is_known(sagemaker, data):
    code, message = refusal(lambda: sagemaker.create_training_job(**job_request(unique("x"), "no-such-image:7", data)))
    assert code == "ValidationException" and "no-such-image:7" in message


def test_an_unknown_hyperparameter_is_refused_with_its_nearest_neighbour(sagemaker, data):
    code, message = refusal(lambda: sagemaker.create_training_job(**job_request(
        unique("typo"), "433757028032.dkr.ecr.us-west-2.amazonaws.com/image-classification:1", data,
        HyperParameters={"num_classes": "2", "num_training_samples": "4", "learning_rat": "0.1"},
        InputDataConfig=[channel("train", f"s3://{data}/train/", ContentType="application/x-recordio")])))
    assert code == "ValidationException"
    assert "hyperparameter 'learning_rat'" in message and "Did you mean 'learning_rate'?" in message


def test_jobs_are_listed_with_every_filter_and_sort(sagemaker, images, data):
    prefix = unique("list").replace("-", "x")
    names = [f"{prefix}-{letter}" for letter in "bca"]
    for name in names:
        sagemaker.create_training_job(**job_request(name, images["succeed"], data))
        time.sleep(1.2)  # boto3 sends the times below in whole seconds
    jobs = [wait_until_ended(sagemaker, name) for name in names]

    def listed(**filters):
        pages = sagemaker.get_paginator("list_training_jobs").paginate(NameContains=prefix, **filters)
        return [s["TrainingJobName"][-1] for page in pages for s in page["TrainingJobSummaries"]]

    assert "".join(listed()) == "acb"  # newest first
    assert "".join(listed(SortOrder="Ascending")) == "bca"
    assert "".join(listed(SortBy="Name", SortOrder="Ascending")) == "abc"
    assert "".join(listed(SortBy="Name", SortOrder="Descending", PaginationConfig={"PageSize": 1})) == "cba"
    assert sorted(listed(SortBy="Status")) == ["a", "b", "c"]
    assert listed(StatusEquals="Failed") == []
    assert sorted(listed(StatusEquals="Completed")) == ["a", "b", "c"]
    assert "".join(listed(CreationTimeAfter=jobs[1]["CreationTime"], SortOrder="Ascending")) == "ca"
    assert listed(CreationTimeBefore=jobs[1]["CreationTime"]) == ["b"]
    assert listed(LastModifiedTimeBefore=jobs[0]["CreationTime"]) == []
    assert sorted(listed(LastModifiedTimeAfter=jobs[0]["CreationTime"])) == ["a", "b", "c"]
    assert refusal(lambda: sagemaker.list_training_jobs(NextToken="!!not-a-token!!"))[0] == "ValidationException"


def test_tags_are_added_listed_and_deleted(sagemaker, images, data):
    name = unique("tags")
    arn = sagemaker.create_training_job(**job_request(name, images["succeed"], data,
                                                      Tags=[{"Key": "a", "Value": "1"}]))["TrainingJobArn"]
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "3"}])
    tags = {t["Key"]: t["Value"] for t in sagemaker.list_tags(ResourceArn=arn)["Tags"]}
    assert tags == {"a": "3", "b": "2"}
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["a"])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    assert refusal(lambda: sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "aws:x", "Value": ""}]))[0] == \
        "ValidationException"


def test_an_operation_that_is_not_answered_is_named(sagemaker):
    code, message = refusal(lambda: sagemaker.list_apps())
    assert code == "UnknownOperationException" and "ListApps" in message


def test_isolated_jobs_have_no_network_and_no_keys(sagemaker, logs, images, data):
    name = unique("alone")
    sagemaker.create_training_job(**job_request(name, images["report.py"], data, EnableNetworkIsolation=True))
    assert wait_until_ended(sagemaker, name)["TrainingJobStatus"] == "Completed"
    line = next(line for line in log_lines(logs, name) if line.startswith("environment "))
    assert "AWS_SECRET_ACCESS_KEY" not in json.loads(line.split(" ", 1)[1])


def test_log_groups_streams_and_events_page_forwards_and_backwards(logs):
    group, stream = unique("/own/group"), "s"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    assert refusal(lambda: logs.create_log_group(logGroupName=group)) == (
        "ResourceAlreadyExistsException", "The specified log group already exists")
    start = int(time.time() * 1000)
    logs.put_log_events(logGroupName=group, logStreamName=stream,
                        logEvents=[{"timestamp": start + i // 3, "message": f"line {i}"} for i in range(25)])
    seen, token = [], {}
    while True:
        page = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True, limit=10, **token)
        if not page["events"]:
            assert page["nextForwardToken"] == token["nextToken"]
            break
        seen += [e["message"] for e in page["events"]]
        token = {"nextToken": page["nextForwardToken"]}
    assert seen == [f"line {i}" for i in range(25)]
    last = logs.get_log_events(logGroupName=group, logStreamName=stream, limit=5)
    assert [e["message"] for e in last["events"]] == [f"line {i}" for i in range(20, 25)]
    before = logs.get_log_events(logGroupName=group, logStreamName=stream, limit=5,
                                 nextToken=last["nextBackwardToken"])
    assert [e["message"] for e in before["events"]] == [f"line {i}" for i in range(15, 20)]
    found = logs.filter_log_events(logGroupName=group, filterPattern='"line 1"')["events"]
    assert [e["message"] for e in found] == ["line 1"] + [f"line {i}" for i in range(10, 20)]
    assert refusal(lambda: logs.get_log_events(logGroupName="/none", logStreamName="s")) == (
        "ResourceNotFoundException", "The specified log group does not exist.")


def test_identity_and_roles_answer_what_sdks_ask(daemon):
    identity = daemon.client("sts").get_caller_identity()
    assert ":assumed-role/" in identity["Arn"] and len(identity["Account"]) == 12
    role = identity["Arn"].split("/")[1]
    assert daemon.client("iam").get_role(RoleName=role)["Role"]["Arn"].endswith(f":role/{role}")


def test_a_gigabyte_sent_to_a_json_operation_is_refused_without_being_read(daemon):
    import socket

    host, port = daemon.endpoint.removeprefix("http://").split(":")
    key = daemon.environment["AWS_ACCESS_KEY_ID"].encode()
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: SageMaker.ListTrainingJobs\r\n"
                           b"Content-Type: application/x-amz-json-1.1\r\nContent-Length: 1073741824\r\n"
                           b"Authorization: AWS4-HMAC-SHA256 Credential=" + key + b"/20260101/us-east-1/sagemaker/aws4_request, "
                           b"SignedHeaders=host, Signature=0\r\n\r\n")
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413") and b"RequestEntityTooLarge" in answer
