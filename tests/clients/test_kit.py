"""`millrace kit`: Debian's boto3 1.26 and AWS CLI 2.9, which know no endpoint variables, find the daemon by themselves."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from conftest import unique
from daemon import Daemon

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    started = Daemon(tmp_path_factory.mktemp("millrace") / "data", "--tls", "--region", "eu-west-1")
    yield started
    started.stop()


@pytest.fixture(scope="module")
def environment(daemon, tmp_path_factory):
    """A user who took keys and region from `millrace env` and the rest from the kit."""
    kit = tmp_path_factory.mktemp("kit") / "kit"
    printed = daemon.cli("kit", str(kit)).stdout
    assert f"export AWS_DATA_PATH='{kit}'" in printed and f"export AWS_CA_BUNDLE='{kit}/ca.pem'" in printed
    keys = {name: daemon.environment[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION")}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**kept, **keys, "AWS_DATA_PATH": str(kit), "AWS_CA_BUNDLE": f"{kit}/ca.pem", "HOME": str(kit.parent),
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "", "PYTHONDONTWRITEBYTECODE": "1"}


def ran(environment, *command):
    done = subprocess.run(list(map(str, command)), env=environment, text=True, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def test_the_first_cells_of_a_notebook_find_identity_role_and_bucket(daemon, environment):
    found = json.loads(ran(environment, "/usr/bin/python3", HERE / "unchanged/session.py"))
    assert f"https://{found['host']}" == daemon.endpoint and found["account"] == "111122223333"


def test_objects_and_jobs(environment, daemon, tmp_path):
    bucket = unique("kit")
    ran(environment, "/usr/bin/aws", "s3", "mb", f"s3://{bucket}")
    ran(environment, "/usr/bin/python3", HERE / "unchanged/objects.py", bucket, tmp_path)
    assert "virtual/" in ran(environment, "/usr/bin/aws", "s3", "ls", f"s3://{bucket}")
    image = daemon.add_program("report.py")
    assert "Completed" in ran(environment, "/usr/bin/python3", HERE / "unchanged/training.py", unique("kit-job"), image, bucket)


def test_every_region_finds_the_daemon(environment):
    for region in ("us-east-1", "ap-southeast-7", "us-gov-west-1", "cn-north-1"):
        identity = ran({**environment, "AWS_DEFAULT_REGION": region}, "/usr/bin/aws", "sts", "get-caller-identity")
        assert "assumed-role" in identity
        buckets = ("import boto3; s3 = boto3.client('s3');"
                   "print(s3.list_buckets()['ResponseMetadata']['HTTPStatusCode'])")
        assert ran({**environment, "AWS_DEFAULT_REGION": region}, "/usr/bin/python3", "-c", buckets) == "200\n"


def test_what_it_prints_is_for_the_shell_whatever_the_directory_is_called(daemon, tmp_path):
    kit = tmp_path / "o'neil's $(kit)"
    lines = daemon.cli("kit", str(kit)).stdout
    told = ran({}, "/bin/sh", "-c", lines + 'echo "$AWS_DATA_PATH"; echo "$AWS_CA_BUNDLE"')
    assert told.splitlines() == [str(kit), f"{kit}/ca.pem"]


def test_an_earlier_kit_is_replaced_and_nothing_else_is(daemon, tmp_path):
    kit = tmp_path / "models"
    daemon.cli("kit", str(kit))
    (kit / "endpoints.json").write_text("old")
    daemon.cli("kit", str(kit))
    assert json.loads((kit / "endpoints.json").read_text())["version"] == 3
    (tmp_path / "other").mkdir()
    (tmp_path / "other/mine").write_text("mine")
    refused = daemon.cli("kit", str(tmp_path / "other"), check=False)
    assert refused.returncode == 1 and "Give a new or empty directory" in refused.stderr
    assert sorted(os.listdir(tmp_path)) == ["models", "other"] and os.listdir(tmp_path / "other") == ["mine"]


def test_a_kit_for_plain_http_says_what_it_lacks(tmp_path):
    plain = Daemon(tmp_path / "data")
    try:
        assert "start it with --tls" in plain.cli("kit", str(tmp_path / "kit")).stderr
    finally:
        plain.stop()
