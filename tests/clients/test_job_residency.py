"""The residency report: where a job's data has been, from the supervisor's own counts, the kernel's and the audit log."""

import json

import pytest

from conftest import Daemon, channel, job_request, unique, wait_until_ended


@pytest.fixture(scope="module")
def image(daemon):
    return daemon.add_program("network_probe.py")


def report(daemon, name, *options):
    return json.loads(daemon.cli("jobs", "residency", name, "--json", *options).stdout)


def places(found):
    return {(place["By"], place["Access"], place["Place"]): (place.get("Objects"), place.get("Bytes"))
            for place in found["Places"]}


def run(daemon, image, bucket, hyperparameters, **changes):
    sagemaker = daemon.client("sagemaker")
    name = unique("report")
    sagemaker.create_training_job(**job_request(name, image, bucket, HyperParameters=hyperparameters, **changes))
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    return name


def test_every_place_is_named_and_attempts_to_get_out_are_counted(daemon, s3, image, bucket, tmp_path):
    for key, body in (("train/a", b"12345"), ("train/b", b"678"), ("other/c", b"x")):
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    shared = tmp_path / "shared"
    shared.mkdir()
    registered = daemon.cli("filesystems", "add", "--type", "EFS", "--path", str(shared)).stdout.split()[0]
    files = {"ChannelName": "files", "DataSource": {"FileSystemDataSource": {
        "FileSystemId": registered, "FileSystemType": "EFS", "FileSystemAccessMode": "rw", "DirectoryPath": "/"}}}
    name = run(daemon, image, bucket,
               {"targets": "192.0.2.1:80 192.0.2.1:443 [2001:db8::1]:80 127.0.0.1:1", "object": f"{bucket}/other/c"},
               InputDataConfig=[channel("train", f"s3://{bucket}/train/"), files],
               CheckpointConfig={"S3Uri": f"s3://{bucket}/checkpoints/"})
    found = report(daemon, name)
    network = found["Network"]
    assert (network["Kinds"], network["OutboundConnections"], network["OutboundPackets"]) == (["Private"], 0, 0)
    assert network["RefusedAttempts"] == 3  # the refusal of 127.0.0.1 went nowhere
    assert network["DaemonConnections"] >= 1
    touched = places(found)
    assert touched[("channel 'train'", "Read", f"s3://{bucket}/train/")] == (2, 8)
    assert touched[(f"channel 'files', file system {registered}", "ReadWrite", str(shared))] == (None, None)
    assert touched[("checkpoints", "Write", f"s3://{bucket}/checkpoints/")] == (0, 0)
    model = s3.head_object(Bucket=bucket, Key=f"out/{name}/output/model.tar.gz")["ContentLength"]
    assert touched[("the model", "Write", f"s3://{bucket}/out/{name}/output")] == (1, model)
    assert any(by.startswith("working directory") and place == str(daemon.data_dir / "work" / name / "algo-1")
               for by, _, place in touched)
    own = {(request["Action"], request["Resource"]): request["Requests"] for request in found["Requests"]}
    assert own[("s3:GetObject", f"arn:aws:s3:::{bucket}/other/*")] == 1
    assert own[("s3:PutObject", f"arn:aws:s3:::{bucket}/other/*")] == 1
    assert found["RequestsComplete"] and "Readers" not in found

    s3.get_object(Bucket=bucket, Key=f"out/{name}/output/model.tar.gz")["Body"].read()
    readers = report(daemon, name, "--readers")["Readers"]
    # IAM has one action for GetObject and HeadObject.
    assert [(reader["Action"], reader["Requests"]) for reader in readers] == [("s3:GetObject", 2)]

    shown = daemon.cli("jobs", "residency", name, "--readers").stdout
    assert "outbound connections   0\n" in shown and "refused attempts       3\n" in shown
    assert f"s3://{bucket}/train/" in shown and "read by others" in shown


def test_the_report_outlives_the_job_and_the_daemon(tmp_path):
    daemon = Daemon(tmp_path / "data")
    try:
        daemon.client("s3").create_bucket(Bucket="kept")
        name = run(daemon, daemon.add_program("network_probe.py"), "kept", {"targets": "192.0.2.1:80"})
        before = report(daemon, name)
        assert before["Network"]["RefusedAttempts"] == 1
        daemon.kill()
        daemon.start()
        assert report(daemon, name) == before
    finally:
        daemon.stop()


def test_attempts_of_all_hosts_are_counted_once(daemon, sagemaker, image, bucket):
    name = unique("hosts")
    sagemaker.create_training_job(**job_request(
        name, image, bucket, HyperParameters={"targets": "192.0.2.1:80 192.0.2.2:80"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5}))
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    network = report(daemon, name)["Network"]
    assert (network["OutboundConnections"], network["RefusedAttempts"]) == (0, 4)


def test_nothing_is_claimed_of_the_machines_network(tmp_path):
    daemon = Daemon(tmp_path / "data", "--job-network", "host")
    try:
        daemon.client("s3").create_bucket(Bucket="own-network")
        image = daemon.add_program("network_probe.py")
        network = report(daemon, run(daemon, image, "own-network", {}))["Network"]
        assert network == {"Kinds": ["Machine"]}
        assert "outbound connections   not counted" in daemon.cli(
            "jobs", "residency", run(daemon, image, "own-network", {})).stdout
        isolated = report(daemon, run(daemon, image, "own-network", {"targets": "192.0.2.1:80"}, EnableNetworkIsolation=True))
        assert isolated["Network"] == {"Kinds": ["Isolated"], "OutboundConnections": 0, "OutboundPackets": 0,
                                       "RefusedAttempts": 1, "DaemonConnections": 0}
    finally:
        daemon.stop()


def test_a_job_that_is_none_is_refused(daemon):
    refused = daemon.cli("jobs", "residency", "nothing-of-the-kind", check=False)
    assert refused.returncode == 1 and "nothing-of-the-kind" in refused.stderr
