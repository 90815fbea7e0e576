"""FastFile channels read by programs that are not ours, through the FUSE view and as hard links."""

import io
import os
import sys
from pathlib import Path

import pytest

from conftest import channel, job_request, log_lines, unique, wait_for_status, wait_until_ended
from daemon import Daemon
from processes import supervisors_of

sys.path.append(str(Path(__file__).parents[2] / "bench"))
from capped_relay import CappedRelay  # noqa: E402

pytestmark = pytest.mark.skipif(not os.access("/dev/fuse", os.R_OK | os.W_OK), reason="/dev/fuse cannot be opened")


@pytest.fixture(scope="module", params=["links", "view"])
def daemon(request, tmp_path_factory):
    if request.param == "view":
        os.environ["MILLRACE_STORE_IS_REMOTE"] = "true"
    started = Daemon(tmp_path_factory.mktemp("millrace") / "data")
    os.environ.pop("MILLRACE_STORE_IS_REMOTE", None)
    started.is_view = request.param == "view"
    started.cli("images", "add", "shell", "--exec", "/bin/sh")
    yield started
    started.stop()


def run(daemon, bucket, prefix, script, **changes):
    """The job and its log lines."""
    name = unique("fastfile")
    sagemaker = daemon.client("sagemaker")
    request = job_request(name, "shell", bucket, InputDataConfig=[
        channel("train", f"s3://{bucket}/{prefix}", InputMode="FastFile")], **changes)
    request["AlgorithmSpecification"]["ContainerArguments"] = ["-c", "eval \"$SCRIPT\""]
    request["Environment"] = {"SCRIPT": script}
    sagemaker.create_training_job(**request)
    return wait_until_ended(sagemaker, name), log_lines(daemon.client("logs"), name)


def test_stock_programs_find_and_read_the_objects(daemon, s3, bucket):
    large = os.urandom(20_000_000)
    s3.put_object(Bucket=bucket, Key="data/large.bin", Body=large)
    for number in range(200):
        s3.put_object(Bucket=bucket, Key=f"data/deep/er/{number:03}.txt", Body=f"line {number}\n".encode())
    s3.put_object(Bucket=bucket, Key="data/folder/", Body=b"")
    job, lines = run(daemon, bucket, "data/", """
        cd /opt/ml/input/data/train
        find . -type f | wc -l
        stat -c %s large.bin
        cat deep/er/*.txt | sort -u | wc -l
        sha256sum < large.bin
        tail -c 1000 large.bin | sha256sum
        /usr/bin/python3 -c 'import mmap; f = open("large.bin", "rb"); m = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ); print(m[12345678], m[5])'
        touch large.bin 2>&1; echo x 2>&1 > deep/new
        grep -c millrace /proc/mounts""")
    assert job["TrainingJobStatus"] == "Completed" or "grep" in str(job), job
    import hashlib
    assert lines[:2] == ["201", "20000000"] and lines[2] == "200"
    assert lines[3].split()[0] == hashlib.sha256(large).hexdigest()
    assert lines[4].split()[0] == hashlib.sha256(large[-1000:]).hexdigest()
    assert lines[5] == f"{large[12345678]} {large[5]}"
    assert sum("Read-only file system" in line for line in lines) == 2, lines
    assert lines[-1] == ("1" if daemon.is_view else "0")


def test_an_object_that_is_replaced_meanwhile_fails_the_job_by_its_name(daemon, s3, bucket):
    if not daemon.is_view:
        pytest.skip("a hard link keeps the version that was listed")
    s3.put_object(Bucket=bucket, Key="data/first", Body=b"first")
    s3.put_object(Bucket=bucket, Key="data/second", Body=b"second" * 1_000_000)
    name = unique("replaced")
    sagemaker, logs = daemon.client("sagemaker"), daemon.client("logs")
    request = job_request(name, "shell", bucket, InputDataConfig=[
        channel("train", f"s3://{bucket}/data/", InputMode="FastFile")])
    request["AlgorithmSpecification"]["ContainerArguments"] = [
        "-c", "cd /opt/ml/input/data/train; echo ready; sleep 3; cat second > /dev/null; echo went on; exit 0"]
    sagemaker.create_training_job(**request)
    while "ready" not in (log_lines(logs, name) if sagemaker.describe_training_job(
            TrainingJobName=name)["SecondaryStatus"] == "Training" else []):
        pass
    s3.put_object(Bucket=bucket, Key="data/second", Body=b"another")
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith(f"ClientError: channel 'train', s3://{bucket}/data/second: the object was "
                                           "changed after the job had listed it."), job["FailureReason"]


def test_a_stop_ends_a_program_that_waits_for_a_slow_store(daemon, s3, bucket):
    if not daemon.is_view:
        pytest.skip("hard links are not fetched")
    s3.upload_fileobj(io.BytesIO(bytes(300_000_000)), bucket, "slow/large.bin")
    relay = CappedRelay(daemon.data_dir / "millrace.sock", 4e6)
    try:
        name = unique("slow")
        sagemaker, logs = daemon.client("sagemaker"), daemon.client("logs")
        request = job_request(name, "shell", bucket, InputDataConfig=[
            channel("train", f"s3://{bucket}/slow/", InputMode="FastFile")])
        request["AlgorithmSpecification"]["ContainerArguments"] = ["-c", "eval \"$SCRIPT\""]
        # Four readers wait for bytes at any time; the shell only waits for them.
        request["Environment"] = {"SCRIPT": """
            trap 'echo stopping > /opt/ml/model/state; exit 0' TERM
            for skip in 0 70 140 210; do
                dd if=/opt/ml/input/data/train/large.bin bs=1M skip=$skip of=/dev/null & done
            echo reading; wait; echo read to the end"""}
        sagemaker.create_training_job(**request)
        wait_for_status(sagemaker, name, "Training")
        while "reading" not in log_lines(logs, name):
            pass
        sagemaker.stop_training_job(TrainingJobName=name)
        job = wait_until_ended(sagemaker, name)  # within less than the grace period of 120 s
    finally:
        relay.close()
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped"), job
    assert "read to the end" not in log_lines(logs, name)
    assert s3.head_object(Bucket=bucket, Key=f"out/{name}/output/model.tar.gz")["ContentLength"] > 0
    assert str(daemon.data_dir) not in open("/proc/mounts").read()


def test_a_supervisor_that_is_killed_leaves_no_mount(daemon, s3, bucket):
    s3.put_object(Bucket=bucket, Key="data/file", Body=b"content")
    name = unique("killed")
    sagemaker = daemon.client("sagemaker")
    request = job_request(name, "shell", bucket, InputDataConfig=[
        channel("train", f"s3://{bucket}/data/", InputMode="FastFile")])
    request["AlgorithmSpecification"]["ContainerArguments"] = ["-c", "sleep 1000"]
    sagemaker.create_training_job(**request)
    while sagemaker.describe_training_job(TrainingJobName=name)["SecondaryStatus"] != "Training":
        pass
    os.kill(supervisors_of(name)["algo-1"], 9)
    job = wait_until_ended(sagemaker, name)
    assert job["FailureReason"].startswith("InternalServerError: "), job
    while os.path.exists(daemon.data_dir / "work" / name) or any(
            entry.startswith(".gone") for entry in os.listdir(daemon.data_dir / "work")):
        pass
    assert str(daemon.data_dir) not in open("/proc/mounts").read()
