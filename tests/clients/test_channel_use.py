"""What channels deliver and what GPUs do, as the console is told and boto3 can read it."""

import gzip
import os
import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from channel_jobs import BYTES, OBJECTS, ROWS, ChannelJobs
from daemon import MILLRACE

FAKE_NVML = Path(MILLRACE).parents[1] / "tests/nvml/fake_nvml/libnvidia-ml.so.1"
FUSE = os.access("/dev/fuse", os.R_OK | os.W_OK)


@pytest.fixture(scope="module", params=["here", "elsewhere"])
def world(request, tmp_path_factory):
    """The store's files can be linked, or are fetched and shown by a view."""
    if request.param == "elsewhere":
        os.environ["MILLRACE_STORE_IS_REMOTE"] = "true"
    started = ChannelJobs(tmp_path_factory.mktemp("millrace"))
    os.environ.pop("MILLRACE_STORE_IS_REMOTE", None)
    started.is_here = request.param == "here"
    yield started
    started.stop()


def shell(world, objects, mode, script, *arguments, **changes):
    return world.completed(world.start_job("shell", objects, mode, script, *arguments, **changes))


@pytest.mark.parametrize("mode", ["File", "Pipe", "FastFile"])
def test_records_and_bytes_of_a_built_in_algorithm_are_those_of_the_data_in_every_mode(world, mode):
    if mode == "FastFile" and not FUSE:
        pytest.skip("/dev/fuse cannot be opened")
    train = world.completed(world.start_kmeans(mode))
    assert train["Hosts"] == 1 and train["RecordsPerPass"] == ROWS
    times = train["Passes"] if mode == "Pipe" else 1
    measured = {"File": "Staged", "Pipe": "Fed", "FastFile": "Staged" if world.is_here else "Read"}[mode]
    assert (train["Measured"], train["Bytes"], train["Objects"]) == (measured, times * BYTES, times * 2)
    assert train["Records"] >= train["Passes"] * ROWS and train["Passes"] >= 2
    if mode == "Pipe":
        assert train["Records"] == train["Passes"] * ROWS
        assert 0 <= train["WriterWaited"] <= 1
    else:
        assert "WriterWaited" not in train
    assert 0 <= train["ReaderWaited"] <= 1 and train["RecordsPerSecond"] > 0 and train["BytesPerSecond"] > 0
    assert "BytesPerSecondNow" not in train  # the job has ended


def test_hosts_add_up_to_the_data_where_they_share_it_and_to_twice_as_much_where_not(world):
    two = {"ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5}}
    for distribution, times in {"ShardedByS3Key": 1, "FullyReplicated": 2}.items():
        train = shell(world, OBJECTS, "Pipe", "cat /opt/ml/input/data/train_0 > /dev/null", distribution=distribution, **two)
        assert (train["Hosts"], train["Bytes"], train["Objects"]) == (2, times * BYTES, times * 2)


def test_of_a_program_that_counts_nothing_only_what_can_be_seen_is_told(world):
    train = shell(world, OBJECTS, "Pipe", "for epoch in 0 1; do cat /opt/ml/input/data/train_$epoch > /dev/null; done")
    assert (train["Bytes"], train["Objects"]) == (2 * BYTES, 4)
    assert not {"Records", "Passes", "RecordsPerPass", "RecordsPerSecond"} & train.keys()
    assert {"ReaderWaited", "WriterWaited", "Seconds"} <= train.keys()
    train = shell(world, OBJECTS, "File", "cat /opt/ml/input/data/train/a.csv > /dev/null")
    assert (train["Measured"], train["Bytes"], train["Objects"]) == ("Staged", BYTES, 2)
    assert not {"Records", "ReaderWaited", "WriterWaited"} & train.keys()


def test_a_view_counts_what_was_read_and_not_what_might_have_been(world):
    if world.is_here or not FUSE:
        pytest.skip("only a view sees what is read")
    train = shell(world, OBJECTS, "FastFile", "cat /opt/ml/input/data/train/a.csv > /dev/null")
    assert (train["Measured"], train["Bytes"], train["Objects"]) == ("Read", len(OBJECTS["data/a.csv"]), 1)
    assert 0 <= train["ReaderWaited"] <= 1 and "WriterWaited" not in train


def test_what_is_unpacked_and_wrapped_on_the_way_is_counted_as_it_is_delivered(world):
    packed = {key + ".gz": gzip.compress(body) for key, body in OBJECTS.items()}
    read = "cat /opt/ml/input/data/train_0 > /dev/null"
    train = shell(world, packed, "Pipe", read, {"CompressionType": "Gzip"})
    assert (train["Bytes"], train["Objects"]) == (BYTES, 2) and "Records" not in train
    train = shell(world, packed, "Pipe", read, {"CompressionType": "Gzip", "RecordWrapperType": "RecordIO"})
    framed = sum(8 + len(body) + -len(body) % 4 for body in OBJECTS.values())
    assert (train["Bytes"], train["Objects"], train["Records"]) == (framed, 2, 2)


def test_any_program_may_say_what_it_has_read(world):
    report = '{"train": {"records": 42, "passes": 3, "records_per_pass": 14, "seconds": 4, "seconds_waited": 1}}'
    train = shell(world, OBJECTS, "File", f"echo '{report}' > /opt/ml/output/channels.json")
    assert (train["Records"], train["Passes"], train["RecordsPerPass"]) == (42, 3, 14)
    assert (train["ReaderWaited"], train["RecordsPerSecond"]) == (0.25, 10.5)


@pytest.mark.skipif(not FAKE_NVML.exists(), reason="the tests' libnvidia-ml.so.1 has not been built")
def test_gpus_that_a_job_uses_are_metrics_of_its_instance(tmp_path, monkeypatch):
    shutil.copy(FAKE_NVML, tmp_path)
    (tmp_path / "gpus").write_text("gpu 40 1000000 all:1000\ngpu 30 1000000 all:1000\ngpu 99 1000000 1:1000\n")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    world = ChannelJobs(tmp_path)
    try:
        name = world.start_job("shell", OBJECTS, "File", "sleep 3")
        world.completed(name)
        now = datetime.now(timezone.utc)

        def points(metric):
            return [point["Maximum"] for point in world.client("cloudwatch").get_metric_statistics(
                Namespace="/aws/sagemaker/TrainingJobs", MetricName=metric, Dimensions=[{"Name": "Host", "Value": f"{name}/algo-1"}],
                StartTime=now - timedelta(hours=1), EndTime=now + timedelta(hours=1), Period=60, Statistics=["Maximum"])["Datapoints"]]
        assert points("GPUUtilization") == [70]  # of two GPUs; process 1 is not the job's
        assert points("GPUMemoryUtilization")[0] > 0
        instances = world.browser.get(f"/mr/training-jobs/{name}/usage").json()["Instances"]
        assert {"GPUUtilization", "GPUMemoryUtilization"} <= {series["Name"] for series in instances[0]["Series"]}
    finally:
        world.stop()
