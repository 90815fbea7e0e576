"""Pipe channels through Debian's boto3, read by cat, by Python and by a C program."""

import gzip
import os
import shutil
import sqlite3
import struct
import subprocess
import time

import pytest

from conftest import channel, job_request, log_lines, unique, wait_for_status, wait_until_ended


@pytest.fixture(scope="module")
def reader(daemon):
    return daemon.add_program("read_pipes.py")


@pytest.fixture(scope="module")
def data(s3):
    name = unique("data")
    s3.create_bucket(Bucket=name)
    for key, body in {"train/a": b"alpha", "train/b": b"beta", "train/folder/": b"", "validation/v": b"valid",
                      "packed/1.gz": gzip.compress(b"one") + gzip.compress(b"more"),
                      "packed/2.gz": gzip.compress(b"two"), "images/1.png": b"PNG1", "images/2.png": b"PNG2!"}.items():
        s3.put_object(Bucket=name, Key=key, Body=body)
    for letter in "abcdefghijklmnop":
        s3.put_object(Bucket=name, Key=f"letters/{letter}", Body=letter.encode())
    return name


@pytest.fixture
def read(sagemaker, logs, reader, data):
    """Runs a job with these channels whose program follows the script; what it printed, word by word, and the job."""

    def run(script, *channels, expect="Completed", **changes):
        name = unique("pipe")
        sagemaker.create_training_job(**job_request(
            name, reader, data, HyperParameters={"script": script}, InputDataConfig=list(channels),
            AlgorithmSpecification={"TrainingImage": reader, "TrainingInputMode": "Pipe"}, **changes))
        job = wait_until_ended(sagemaker, name)
        assert job["TrainingJobStatus"] == expect, job.get("FailureReason")
        printed = dict(line.split(" = ") for line in log_lines(logs, name) if " = " in line)
        return {word: bytes.fromhex(value) for word, value in printed.items()}, job

    return run


def source(name, kind, uri, **changes):
    made = channel(name, uri)
    made["DataSource"]["S3DataSource"] |= {"S3DataType": kind, **changes.pop("S3", {})}
    return made | changes


def record(payload):
    """One RecordIO record of a payload without the magic."""
    return struct.pack("<II", 0xCED7230A, len(payload)) + payload + bytes(-len(payload) % 4)


def test_every_epoch_carries_the_objects_one_after_another(read, data):
    got, job = read("train:0 train:1 train:2", channel("train", f"s3://{data}/train/"))
    assert got == {f"train:{epoch}": b"alphabeta" for epoch in range(3)}
    statuses = [transition["Status"] for transition in job["SecondaryStatusTransitions"]]
    assert statuses == ["Starting", "Training", "Uploading", "Completed"]


def test_a_reader_that_closes_early_gets_whole_epochs_afterwards(read, data):
    got, _ = read("train:0:3 train:1", channel("train", f"s3://{data}/train/"))
    assert got == {"train:0:3": b"alp", "train:1": b"alphabeta"}


def test_channels_are_independent_and_may_stay_unread(read, data):
    channels = [channel("train", f"s3://{data}/train/"), channel("validation", f"s3://{data}/validation/"),
                channel("unread", f"s3://{data}/train/")]
    got, _ = read("train:0 train:1 validation:0 train:2", *channels)
    assert got == {"train:0": b"alphabeta", "train:1": b"alphabeta", "train:2": b"alphabeta", "validation:0": b"valid"}


def test_a_seed_gives_each_epoch_its_own_order_and_every_job_the_same(read, data):
    def letters(seed):
        got, _ = read("train:0 train:1", channel("train", f"s3://{data}/letters/", ShuffleConfig={"Seed": seed}))
        return got["train:0"], got["train:1"]

    first, second = letters(5)
    assert sorted(first) == sorted(second) == sorted(b"abcdefghijklmnop")
    assert first != second and first != b"abcdefghijklmnop"
    assert letters(5) == (first, second)
    assert letters(6) != (first, second)


def test_objects_are_unpacked_one_by_one_and_wrapped_as_whole_records(read, data):
    packed = channel("train", f"s3://{data}/packed/", CompressionType="Gzip")
    assert read("train:0", packed)[0]["train:0"] == b"onemoretwo"
    wrapped, _ = read("train:0", packed | {"RecordWrapperType": "RecordIO"})
    assert wrapped["train:0"] == record(b"onemore") + record(b"two")


def test_manifests_name_objects_in_their_own_order(read, s3, data):
    s3.put_object(Bucket=data, Key="list.manifest",
                  Body=f'[{{"prefix": "s3://{data}/train/"}}, "b", "a", "b"]'.encode())
    got, _ = read("train:0", source("train", "ManifestFile", f"s3://{data}/list.manifest"))
    assert got["train:0"] == b"betaalphabeta"


def test_an_augmented_manifest_interleaves_its_attributes(read, s3, data):
    s3.put_object(Bucket=data, Key="lines.manifest", Body=(
        f'{{"image-ref": "s3://{data}/images/1.png", "label": 1.50}}\n'
        f'{{"label": "dog", "image-ref": "s3://{data}/images/2.png", "other": 1}}\n').encode())
    attributes = {"AttributeNames": ["image-ref", "label"]}
    got, _ = read("train:0", source("train", "AugmentedManifestFile", f"s3://{data}/lines.manifest", S3=attributes,
                                    RecordWrapperType="RecordIO"))
    assert got["train:0"] == record(b"PNG1") + record(b"1.50") + record(b"PNG2!") + record(b"dog")


def test_bytes_that_are_no_gzip_fail_the_job_by_name(read, s3, data):
    s3.put_object(Bucket=data, Key="bad/1.gz", Body=b"plain text")
    _, job = read("train:0", channel("train", f"s3://{data}/bad/", CompressionType="Gzip"), expect="Failed")
    assert job["FailureReason"].startswith(f"ClientError: channel 'train', s3://{data}/bad/1.gz: ")


def test_stock_programs_read_the_fifos(daemon, sagemaker, logs, data):
    daemon.cli("images", "add", "cat", "--exec", "/bin/cat")
    name = unique("cat")
    sagemaker.create_training_job(**job_request(
        name, "cat", data, InputDataConfig=[channel("train", f"s3://{data}/train/", InputMode="Pipe")],
        AlgorithmSpecification={"TrainingImage": "cat", "TrainingInputMode": "File",
                                "ContainerArguments": ["/opt/ml/input/data/train_0", "/opt/ml/input/data/train_1"]}))
    assert wait_until_ended(sagemaker, name)["TrainingJobStatus"] == "Completed"
    assert log_lines(logs, name) == ["alphabetaalphabeta"]


C_READER = r"""
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
int main(void) {
  char path[64], block[65536];
  for (int epoch = 0; epoch < 3; ++epoch) {
    long total = 0, got;
    snprintf(path, sizeof path, "/opt/ml/input/data/train_%d", epoch);
    int fifo = open(path, O_RDONLY);
    while ((got = read(fifo, block, sizeof block)) > 0) total += got;
    close(fifo);
    printf("%ld\n", total);
  }
  return 0;
}
"""


@pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler")
def test_a_c_program_reads_the_fifos(daemon, sagemaker, logs, data, tmp_path):
    (tmp_path / "reader.c").write_text(C_READER)
    subprocess.run(["cc", "-O1", "-o", tmp_path / "reader", tmp_path / "reader.c"], check=True)
    daemon.cli("images", "add", "c-reader", "--exec", str(tmp_path / "reader"))
    name = unique("c")
    sagemaker.create_training_job(**job_request(
        name, "c-reader", data, InputDataConfig=[channel("train", f"s3://{data}/train/", InputMode="Pipe")]))
    assert wait_until_ended(sagemaker, name)["TrainingJobStatus"] == "Completed"
    assert log_lines(logs, name) == ["9", "9", "9"]


def disk_bytes(folder):
    total = 0
    for root, _, files in os.walk(folder):
        for file in files:
            try:
                status = os.lstat(os.path.join(root, file))
                total += status.st_blocks * 512 if status.st_nlink == 1 else 0
            except OSError:
                pass
    return total


def make_hole(daemon, s3, bucket, key, size):
    """Lets an object be a hole of `size` bytes, which nobody wants to upload: with the daemon at rest."""
    s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    daemon.stop()
    with sqlite3.connect(daemon.data_dir / "records.db") as database:
        content, = database.execute("SELECT content FROM objects WHERE object_key = ?", (key,)).fetchone()
        database.execute("UPDATE objects SET size = ? WHERE object_key = ?", (size, key))
    database.close()
    file, = (daemon.data_dir / "objects").glob(f"*/{content}")
    os.truncate(file, size)
    daemon.start()


@pytest.mark.parametrize("daemon_options", [(), ("--store-is-remote",)], ids=["store here", "store elsewhere"])
def test_a_channel_larger_than_the_volume_leaves_nothing_on_disk_and_a_stop_ends_it(daemon_options, tmp_path):
    from daemon import Daemon
    own = Daemon(tmp_path / "data", *daemon_options)
    try:
        own.client("s3").create_bucket(Bucket="huge")
        make_hole(own, own.client("s3"), "huge", "huge/hole", 3 * 10**9 // 2)
        image, sagemaker, logs = own.add_program("read_pipes.py"), own.client("sagemaker"), own.client("logs")
        request = dict(InputDataConfig=[channel("train", "s3://huge/huge/", InputMode="Pipe")],
                       ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1})

        sagemaker.create_training_job(**job_request("whole", image, "huge", HyperParameters={"script": "train:0:#"},
                                                    **request))
        peak = 0
        while sagemaker.describe_training_job(TrainingJobName="whole")["TrainingJobStatus"] == "InProgress":
            peak = max(peak, disk_bytes(tmp_path / "data/work/whole"))
            time.sleep(0.05)
        assert log_lines(logs, "whole") == [f"train:0:# = {3 * 10**9 // 2}"]
        assert peak < 1 << 20

        sagemaker.create_training_job(**job_request("middle", image, "huge", HyperParameters={"script": "train:0:~"},
                                                    **request))
        wait_for_status(sagemaker, "middle", "Training")
        sagemaker.stop_training_job(TrainingJobName="middle")
        job = wait_until_ended(sagemaker, "middle")
        assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    finally:
        own.stop()


def test_a_stop_ends_a_job_that_reads_nothing(sagemaker, logs, reader, data):
    name = unique("idle")
    sagemaker.create_training_job(**job_request(
        name, reader, data, HyperParameters={"script": "train:0 wait"},
        InputDataConfig=[channel("train", f"s3://{data}/train/", InputMode="Pipe")]))
    deadline = time.monotonic() + 30
    wait_for_status(sagemaker, name, "Training")
    while "waiting" not in log_lines(logs, name) and time.monotonic() < deadline:
        time.sleep(0.1)
    sagemaker.stop_training_job(TrainingJobName=name)
    assert wait_until_ended(sagemaker, name)["TrainingJobStatus"] == "Stopped"


def test_a_daemon_killed_in_the_middle_of_a_stream_is_sat_out(tmp_path):
    from daemon import Daemon
    own = Daemon(tmp_path / "data", "--store-is-remote")
    try:
        own.client("s3").create_bucket(Bucket="huge")
        make_hole(own, own.client("s3"), "huge", "huge/hole", 4 * 10**8)
        image = own.add_program("read_pipes.py")
        own.client("sagemaker").create_training_job(**job_request(
            "survivor", image, "huge", HyperParameters={"script": "train:0:~"},
            InputDataConfig=[channel("train", "s3://huge/huge/", InputMode="Pipe")]))
        wait_for_status(own.client("sagemaker"), "survivor", "Training")
        own.kill()
        own.start()
        job = wait_until_ended(own.client("sagemaker"), "survivor")
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        assert log_lines(own.client("logs"), "survivor") == [f"train:0:~ = {4 * 10**8}"]
    finally:
        own.stop()
