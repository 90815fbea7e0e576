"""Jobs of several instances: they run side by side on this machine and find each other."""

import io
import json
import os
import random
import re
import signal
import tarfile
import time

import pytest

from conftest import Daemon, channel, job_request, log_lines, unique, wait_for_status, wait_until_ended
from processes import supervisors_of

METRICS = [{"Name": "loss", "Regex": r"loss=([0-9.]+)"}] + [
    {"Name": f"done:{n}", "Regex": rf"algo-{n}_done=([0-9])"} for n in (1, 2, 3)]


@pytest.fixture(scope="module")
def image(daemon):
    return daemon.add_program("several_hosts.py")


def request(name, image, bucket, count, **changes):
    changes.setdefault("ResourceConfig",
                       {"InstanceType": "ml.m5.large", "InstanceCount": count, "VolumeSizeInGB": 5})
    return job_request(name, image, bucket, AlgorithmSpecification={
        "TrainingImage": image, "TrainingInputMode": "File", "MetricDefinitions": METRICS}, **changes)


def streams(logs, name):
    found = logs.describe_log_streams(logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix=name + "/")
    return [stream["logStreamName"] for stream in found["logStreams"]]


def lines_of(logs, stream):
    events = logs.get_log_events(logGroupName="/aws/sagemaker/TrainingJobs", logStreamName=stream,
                                 startFromHead=True)["events"]
    return [event["message"] for event in events]


def archive(s3, bucket, name, which="model.tar.gz"):
    data = s3.get_object(Bucket=bucket, Key=f"out/{name}/output/{which}")["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {member.name: tar.extractfile(member).read().decode() for member in tar if member.isfile()}


def wait_for_line(logs, name, wanted, count=1):
    deadline = time.monotonic() + 60
    while sum(wanted in line for line in log_lines(logs, name)) < count:
        assert time.monotonic() < deadline, log_lines(logs, name)
        time.sleep(0.1)


@pytest.mark.parametrize("count", [2, 3])
def test_hosts_know_each_other_talk_and_leave_one_model(daemon, sagemaker, logs, s3, image, bucket, count):
    s3.put_object(Bucket=bucket, Key="train/a.csv", Body=b"1\n")
    name = unique("hosts")
    sagemaker.create_training_job(**request(name, image, bucket, count,
                                            InputDataConfig=[channel("train", f"s3://{bucket}/train/")]))
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", (job.get("FailureReason"), log_lines(logs, name))
    assert [t["Status"] for t in job["SecondaryStatusTransitions"]] == [
        "Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert job["ResourceConfig"]["InstanceCount"] == count
    hosts = [f"algo-{n}" for n in range(1, count + 1)]

    names = streams(logs, name)
    assert [re.fullmatch(rf"{name}/(algo-\d)-\d+", stream).group(1) for stream in names] == hosts
    for host, stream in zip(hosts, names):
        lines = lines_of(logs, stream)
        resources = json.loads(next(line for line in lines if line.startswith("resourceconfig")).split(" ", 1)[1])
        assert resources == {
            "current_host": host, "current_instance_type": "ml.m5.large", "current_group_name": "homogeneousCluster",
            "hosts": hosts, "network_interface_name": "lo", "instance_groups": [
                {"instance_group_name": "homogeneousCluster", "instance_type": "ml.m5.large", "hosts": hosts}]}
        assert "talked to " + ",".join(hosts) in lines
        assert "file train/a.csv" in lines

    printed = daemon.cli("jobs", "logs", name).stdout
    assert all(f"{host}: talked to {','.join(hosts)}\n" in printed for host in hosts)

    model = archive(s3, bucket, name)
    assert model == {**{f"weights_{host}": host for host in hosts}, **{f"code/{host}.py": host for host in hosts},
                     "shared": hosts[-1]}
    assert any("'shared' was written by algo-1 and algo-2: that of algo-2 is kept" in line
               for line in log_lines(logs, name))
    assert archive(s3, bucket, name, "output.tar.gz") == {"report.txt": "report of one host\n"}
    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert {f"done:{n}": 1.0 for n in range(1, count + 1)}.items() <= metrics.items()


def test_a_sharded_channel_is_dealt_to_the_hosts_and_a_manifest_shown_to_all(sagemaker, logs, s3, image, bucket):
    for key in "abcde":
        s3.put_object(Bucket=bucket, Key=f"shards/{key}.csv", Body=key.encode())
    s3.put_object(Bucket=bucket, Key="manifest", Body=json.dumps(
        [{"prefix": f"s3://{bucket}/shards/"}, "e.csv", "a.csv", "b.csv"]).encode())
    channels = [channel(name, f"s3://{bucket}/{key}") for name, key in (
        ("all", "shards/"), ("train", "shards/"), ("listed", "manifest"))]
    for each in channels[1:]:
        each["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "ShardedByS3Key"
    channels[2]["DataSource"]["S3DataSource"]["S3DataType"] = "ManifestFile"
    name = unique("shards")
    sagemaker.create_training_job(**request(name, image, bucket, 2, InputDataConfig=channels))
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", (job.get("FailureReason"), log_lines(logs, name))
    shares = {"algo-1": {"train": "ace", "listed": "be"}, "algo-2": {"train": "bd", "listed": "a"}}
    for stream, share in zip(streams(logs, name), shares.values()):
        lines = lines_of(logs, stream)
        assert sorted(line for line in lines if line.startswith("file ")) == sorted(
            [f"file all/{key}.csv" for key in "abcde"] + ["file listed-manifest"] +
            [f"file {where}/{key}.csv" for where, keys in share.items() for key in keys])
        told = json.loads(next(line for line in lines if line.startswith("inputdataconfig")).split(" ", 1)[1])
        assert [told[each]["S3DistributionType"] for each in ("all", "train", "listed")] == [
            "FullyReplicated", "ShardedByS3Key", "ShardedByS3Key"]


def test_one_failing_host_fails_the_job_in_its_words_and_stops_the_others(sagemaker, logs, s3, image, bucket):
    name = unique("fails")
    sagemaker.create_training_job(**request(name, image, bucket, 2, HyperParameters={"fails": "algo-2", "waits": "1"}))
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: algo-2: ValueError: not this one, exit code: 3"
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix=f"out/{name}/output/model")
    assert archive(s3, bucket, name, "output.tar.gz") == {"report.txt": "report of one host\n"}


def test_a_stop_reaches_every_host_and_keeps_the_models_of_all(sagemaker, logs, s3, image, bucket):
    name = unique("stop")
    sagemaker.create_training_job(**request(name, image, bucket, 2, HyperParameters={"waits": "1"}))
    wait_for_status(sagemaker, name, "Training")
    wait_for_line(logs, name, "waiting", count=2)
    sagemaker.stop_training_job(TrainingJobName=name)
    job = wait_until_ended(sagemaker, name, timeout=180)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert {"weights_algo-1", "weights_algo-2"} <= set(archive(s3, bucket, name))


def test_the_runtime_limit_reaches_every_host(sagemaker, logs, s3, image, bucket):
    name = unique("long")
    sagemaker.create_training_job(**request(name, image, bucket, 2, HyperParameters={"waits": "1"},
                                            StoppingCondition={"MaxRuntimeInSeconds": 5}))
    job = wait_until_ended(sagemaker, name, timeout=180)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert {"weights_algo-1", "weights_algo-2"} <= set(archive(s3, bucket, name))


def test_groups_have_their_own_types_and_channels(sagemaker, logs, s3, image, bucket):
    s3.put_object(Bucket=bucket, Key="train/a.csv", Body=b"1\n")
    name = unique("groups")
    only_b = channel("train", f"s3://{bucket}/train/")
    only_b["DataSource"]["S3DataSource"]["InstanceGroupNames"] = ["b"]
    groups = [{"InstanceType": "ml.m5.large", "InstanceCount": 1, "InstanceGroupName": "a"},
              {"InstanceType": "ml.c5.xlarge", "InstanceCount": 2, "InstanceGroupName": "b"}]
    sagemaker.create_training_job(**request(
        name, image, bucket, 0, ResourceConfig={"InstanceGroups": groups, "VolumeSizeInGB": 5},
        InputDataConfig=[only_b, channel("all", f"s3://{bucket}/train/")]))
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["ResourceConfig"]["InstanceGroups"] == groups
    assert job["InputDataConfig"][0]["DataSource"]["S3DataSource"]["InstanceGroupNames"] == ["b"]
    for stream, group, has_train in zip(streams(logs, name), "abb", (False, True, True)):
        lines = lines_of(logs, stream)
        resources = json.loads(next(line for line in lines if line.startswith("resourceconfig")).split(" ", 1)[1])
        assert resources["current_group_name"] == group
        assert [(g["instance_group_name"], g["hosts"]) for g in resources["instance_groups"]] == [
            ("a", ["algo-1"]), ("b", ["algo-2", "algo-3"])]
        inputs = json.loads(next(line for line in lines if line.startswith("inputdataconfig")).split(" ", 1)[1])
        assert ("train" in inputs, "all" in inputs) == (has_train, True)
        assert ("file train/a.csv" in lines, "file all/a.csv" in lines) == (has_train, True)


def test_a_killed_daemon_finds_every_supervisor_again(tmp_path, image):
    daemon = Daemon(tmp_path / "data")
    try:
        sagemaker, s3, logs = (daemon.client(service) for service in ("sagemaker", "s3", "logs"))
        s3.create_bucket(Bucket="kept")
        own_image = daemon.add_program("several_hosts.py")
        name = unique("again")
        sagemaker.create_training_job(**request(name, own_image, "kept", 2, HyperParameters={"waits": "1"}))
        wait_for_status(sagemaker, name, "Training")
        wait_for_line(logs, name, "waiting", count=2)
        before = supervisors_of(name)
        assert set(before) == {"algo-1", "algo-2"}
        daemon.kill()
        daemon.start()
        sagemaker, s3 = daemon.client("sagemaker"), daemon.client("s3")
        assert supervisors_of(name) == before
        assert sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"] == "InProgress"
        os.kill(before["algo-2"], signal.SIGKILL)
        job = wait_until_ended(sagemaker, name, timeout=180)
        assert job["TrainingJobStatus"] == "Failed"
        assert job["FailureReason"].startswith("InternalServerError: algo-2: the supervisor ended")
    finally:
        daemon.stop()


def test_a_job_has_at_most_twenty_instances(sagemaker, image, bucket):
    from botocore.exceptions import ClientError
    with pytest.raises(ClientError, match="request delta of 21 Instances") as limit:
        sagemaker.create_training_job(**request(unique("x"), image, bucket, 21))
    assert limit.value.response["Error"]["Code"] == "ResourceLimitExceeded"


def test_a_daemon_killed_at_any_moment_leaves_no_job_half_started(tmp_path):
    """Each round kills the daemon while a job of two hosts is being accepted, started or run."""
    chance = random.Random(11)
    daemon = Daemon(tmp_path / "data")
    try:
        daemon.client("s3").create_bucket(Bucket="kept")
        own_image = daemon.add_program("several_hosts.py")
        names = []
        for _ in range(8):
            names.append(unique("killed"))
            daemon.client("sagemaker").create_training_job(**request(names[-1], own_image, "kept", 2))
            time.sleep(chance.uniform(0.0, 0.4))
            daemon.kill()
            daemon.start()
        for name in names:
            job = wait_until_ended(daemon.client("sagemaker"), name, timeout=180)
            assert job["TrainingJobStatus"] == "Completed", (name, job.get("FailureReason"))
            assert {"weights_algo-1", "weights_algo-2"} <= set(archive(daemon.client("s3"), "kept", name))
    finally:
        daemon.stop()
