"""The AWS CLI of Debian, every command with --endpoint-url and nothing else."""

import json
import os
import subprocess
import time
import urllib.request

import pytest

from conftest import job_request, unique, wait_until_ended
from daemon import MILLRACE


@pytest.fixture(scope="module")
def aws(daemon):
    def run(*arguments, check=True):
        done = subprocess.run(["/usr/bin/aws", "--endpoint-url", daemon.endpoint, *arguments], text=True,
                              capture_output=True, env=daemon.shell_environment(), timeout=120)
        assert not check or done.returncode == 0, done.stderr
        return done
    return run


@pytest.fixture(scope="module")
def store(aws):
    name = unique("cli")
    aws("s3", "mb", f"s3://{name}")
    return name


def test_mb_cp_ls_mv_rm(aws, store, tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    aws("s3", "cp", str(tmp_path / "a.txt"), f"s3://{store}/dir/a.txt")
    assert "a.txt" in aws("s3", "ls", f"s3://{store}/dir/").stdout
    aws("s3", "mv", f"s3://{store}/dir/a.txt", f"s3://{store}/moved.txt")
    assert aws("s3", "ls", f"s3://{store}/dir/", check=False).returncode == 1
    aws("s3", "cp", f"s3://{store}/moved.txt", str(tmp_path / "back.txt"))
    assert (tmp_path / "back.txt").read_text() == "hello"
    aws("s3", "rm", f"s3://{store}/moved.txt")
    assert "moved" not in aws("s3", "ls", f"s3://{store}").stdout


def test_sync_transfers_only_what_changed_and_deletes_when_asked(aws, store, tmp_path):
    source = tmp_path / "tree"
    (source / "x/y").mkdir(parents=True)
    for number in range(20):
        (source / "x" / f"{number}.txt").write_text(str(number))
    (source / "x/y/ü &+ name.txt").write_text("odd")
    time.sleep(1.1)  # LastModified has whole seconds: a file written in the same one would count as newer
    assert aws("s3", "sync", str(source), f"s3://{store}/tree").stdout.count("upload:") == 21
    assert aws("s3", "sync", str(source), f"s3://{store}/tree").stdout.count("upload:") == 0
    (source / "x/0.txt").unlink()
    (source / "x/1.txt").write_text("longer than before")
    changed = aws("s3", "sync", "--delete", str(source), f"s3://{store}/tree").stdout
    assert changed.count("upload:") == 1 and changed.count("delete:") == 1
    target = tmp_path / "copy"
    aws("s3", "sync", f"s3://{store}/tree", str(target))
    assert (target / "x/y/ü &+ name.txt").read_text() == "odd"
    assert sorted(os.listdir(target / "x")) == sorted(os.listdir(source / "x"))


def test_three_hundred_megabytes_survive_the_round_trip(aws, store, tmp_path):
    source = tmp_path / "big"
    block = os.urandom(1 << 20)
    with open(source, "wb") as file:
        for number in range(300):
            file.write(number.to_bytes(4, "big") + block[4:])
    aws("s3", "cp", "--quiet", str(source), f"s3://{store}/big")
    aws("s3", "cp", "--quiet", f"s3://{store}/big", str(tmp_path / "back"))
    assert subprocess.run(["cmp", str(source), str(tmp_path / "back")]).returncode == 0


def test_presign_prints_a_url_that_works(aws, store, tmp_path):
    (tmp_path / "p").write_text("presigned")
    aws("s3", "cp", str(tmp_path / "p"), f"s3://{store}/p")
    url = aws("s3", "presign", f"s3://{store}/p").stdout.strip()
    assert urllib.request.urlopen(url).read() == b"presigned"


def test_rb_refuses_a_full_bucket_and_force_empties_it(aws, tmp_path):
    name = unique("rb")
    aws("s3", "mb", f"s3://{name}")
    (tmp_path / "f").write_text("x")
    aws("s3", "cp", str(tmp_path / "f"), f"s3://{name}/f")
    assert "BucketNotEmpty" in aws("s3", "rb", f"s3://{name}", check=False).stderr
    aws("s3", "rb", "--force", f"s3://{name}")


def test_a_job_is_created_waited_for_tagged_listed_and_its_log_tailed(aws, daemon, store):
    image, name = daemon.add_program("report.py"), unique("cli-job")
    aws("sagemaker", "create-training-job", "--cli-input-json", json.dumps(job_request(name, image, store)))
    wait_until_ended(daemon.client("sagemaker"), name)
    aws("sagemaker", "wait", "training-job-completed-or-stopped", "--training-job-name", name)
    job = json.loads(aws("sagemaker", "describe-training-job", "--training-job-name", name).stdout)
    assert job["TrainingJobStatus"] == "Completed"
    aws("sagemaker", "add-tags", "--resource-arn", job["TrainingJobArn"], "--tags", "Key=k,Value=v")
    assert '"k"' in aws("sagemaker", "list-tags", "--resource-arn", job["TrainingJobArn"]).stdout
    assert name in aws("sagemaker", "list-training-jobs", "--name-contains", name).stdout
    time.sleep(0.1)
    tail = aws("logs", "tail", "/aws/sagemaker/TrainingJobs", "--log-stream-name-prefix", name).stdout
    assert "arguments" in tail
    assert "arn:aws:sts::" in aws("sts", "get-caller-identity").stdout


def test_our_own_command_line_lists_describes_follows_and_stops(daemon, store):
    image, name = daemon.add_program("wait_for_stop.py"), unique("own-cli")
    daemon.client("sagemaker").create_training_job(**job_request(name, image, store))
    assert name in daemon.cli("jobs", "list").stdout
    follow = subprocess.Popen([MILLRACE, "jobs", "logs", "--follow",
                               name, "--data-dir", str(daemon.data_dir)], stdout=subprocess.PIPE, text=True)
    assert "running" in follow.stdout.readline()
    daemon.cli("jobs", "stop", name)
    rest, _ = follow.communicate(timeout=60)
    assert "saved on SIGTERM" in rest and follow.returncode == 0
    assert "Stopped" in daemon.cli("jobs", "describe", name).stdout
    assert daemon.cli("jobs", "describe", "no-such-job", check=False).returncode == 1
