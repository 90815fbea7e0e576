"""One real daemon per test file, reached only through clients that nobody here wrote."""

import json
import os
import time

import pytest

from daemon import Daemon

ROLE = "arn:aws:iam::111122223333:role/Trainer"


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    root = tmp_path_factory.mktemp("millrace")
    started = Daemon(root / "data")
    yield started
    started.stop()


@pytest.fixture(scope="module")
def s3(daemon):
    return daemon.client("s3")


@pytest.fixture(scope="module")
def sagemaker(daemon):
    return daemon.client("sagemaker")


@pytest.fixture(scope="module")
def logs(daemon):
    return daemon.client("logs")


_names = 0


def unique(prefix):
    global _names
    _names += 1
    return f"{prefix}-{os.getpid()}-{_names}"


@pytest.fixture
def bucket(s3):
    name = unique("bucket")
    s3.create_bucket(Bucket=name)
    return name


def job_request(name, image, bucket, **changes):
    """A small complete CreateTrainingJob request; `changes` replace top-level members."""
    request = {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 300},
    }
    request.update(changes)
    return {key: value for key, value in request.items() if value is not None}


def channel(name, uri, **changes):
    return {"ChannelName": name, "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}, **changes}


def wait_until_ended(sagemaker, name, timeout=90):
    deadline = time.monotonic() + timeout
    while True:
        job = sagemaker.describe_training_job(TrainingJobName=name)
        if job["TrainingJobStatus"] in ("Completed", "Failed", "Stopped"):
            return job
        assert time.monotonic() < deadline, json.dumps(job, default=str)
        time.sleep(0.1)


def wait_for_status(sagemaker, name, secondary, timeout=60):
    deadline = time.monotonic() + timeout
    while True:
        job = sagemaker.describe_training_job(TrainingJobName=name)
        if job["SecondaryStatus"] == secondary:
            return job
        assert job["TrainingJobStatus"] == "InProgress" and time.monotonic() < deadline, json.dumps(job, default=str)
        time.sleep(0.05)


def log_lines(logs, job_name, group="/aws/sagemaker/TrainingJobs"):
    lines = []
    for stream in logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=job_name + "/")["logStreams"]:
        token = {}
        while True:
            page = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True,
                                       **token)
            if not page["events"]:
                break
            lines += [event["message"] for event in page["events"]]
            token = {"nextToken": page["nextForwardToken"]}
    return lines
