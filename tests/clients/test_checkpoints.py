"""Checkpoints mirrored both ways, seen through boto3."""

import pytest
from botocore.exceptions import ClientError

from conftest import job_request, log_lines, unique, wait_until_ended


@pytest.fixture(scope="module", autouse=True)
def shell(daemon):
    daemon.cli("images", "add", "shell", "--exec", "/bin/sh")


def start(daemon, bucket, script, **changes):
    name = unique("checkpoints")
    checkpoints = {"S3Uri": f"s3://{bucket}/checkpoints", **changes.pop("checkpoints", {})}
    request = job_request(name, "shell", bucket, CheckpointConfig=checkpoints, **changes)
    request["AlgorithmSpecification"]["ContainerArguments"] = ["-c", "eval \"$SCRIPT\""]
    request["Environment"] = {"SCRIPT": script}
    daemon.client("sagemaker").create_training_job(**request)
    return name


def wait_for_object(s3, bucket, key, there=True):
    while True:
        try:
            s3.head_object(Bucket=bucket, Key=key)
            if there:
                return
        except ClientError:
            if not there:
                return


def test_files_go_to_the_store_while_the_job_runs_and_come_back_to_the_next_one(daemon, sagemaker, s3, logs, bucket):
    name = start(daemon, bucket, """cd /opt/ml/checkpoints; mkdir a; echo one > a/1.pt; echo two > 2.pt
        trap "exit 0" TERM; while :; do sleep 0.2; done""")
    for key in ("checkpoints/a/1.pt", "checkpoints/2.pt"):
        wait_for_object(s3, bucket, key)
    assert sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"] == "InProgress"
    assert s3.get_object(Bucket=bucket, Key="checkpoints/a/1.pt")["Body"].read() == b"one\n"
    sagemaker.stop_training_job(TrainingJobName=name)
    assert wait_until_ended(sagemaker, name, timeout=180)["TrainingJobStatus"] == "Stopped"

    name = start(daemon, bucket, "cd /checkpoints/here; cat a/1.pt 2.pt; rm 2.pt; echo three > 3.pt; exit 7",
                 checkpoints={"LocalPath": "/checkpoints/here"})
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Failed" and job["FailureReason"] == "AlgorithmError: exit code: 7"
    assert log_lines(logs, name) == ["one", "two"]
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket, Prefix="checkpoints/")["Contents"]]
    assert keys == ["checkpoints/3.pt", "checkpoints/a/1.pt"]
