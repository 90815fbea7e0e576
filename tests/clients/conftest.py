"""One real daemon per test file, reached only through clients that nobody here wrote."""

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

MILLRACE = os.environ.get("MILLRACE_BIN", str(Path(__file__).parents[2] / "build/release/bin/millrace"))
PROGRAMS = Path(__file__).parent / "programs"
ROLE = "arn:aws:iam::000000000000:role/Trainer"


class Daemon:
    """`millrace serve` on a free port with its own data directory."""

    def __init__(self, data_dir: Path):
        self.data_dir = data_dir
        self.process = None
        self.endpoint = None
        self.environment = {}
        self.start()

    def start(self):
        self.log = open(self.data_dir.parent / "serve.log", "ab")
        self.process = subprocess.Popen(
            [MILLRACE, "serve", "--data-dir", str(self.data_dir), "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, f"millrace serve printed {line!r}"
        self.endpoint = found.group(0)
        printed = self.cli("env").stdout
        self.environment = dict(re.findall(r"^export (\w+)='?([^'\n]*)'?$", printed, re.MULTILINE))

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def cli(self, *arguments, check=True, **options):
        return subprocess.run([MILLRACE, *arguments, "--data-dir", str(self.data_dir)], check=check, text=True,
                              capture_output=True, timeout=60, **options)

    def client(self, service, **config):
        config.setdefault("retries", {"max_attempts": 0})
        if service == "s3":
            config.setdefault("s3", {"addressing_style": "path"})
        return boto3.client(
            service, endpoint_url=self.endpoint, region_name=self.environment["AWS_DEFAULT_REGION"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"], config=Config(**config))

    def shell_environment(self):
        return {**os.environ, **self.environment, "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "",
                "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}

    def add_program(self, name):
        """Registers tests/clients/programs/<name> as the training image <name without suffix>."""
        image = Path(name).stem.replace("_", "-")
        self.cli("images", "add", image, "--exec", str(PROGRAMS / name))
        return image


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
