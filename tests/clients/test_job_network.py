"""A job has a network of its own: the daemon answers in it, and nothing else does."""

import json
import socket
import subprocess
import time

import pytest

from conftest import Daemon, job_request, log_lines, unique, wait_until_ended

UNREACHABLE = "OSError: [Errno 101] Network is unreachable"
REFUSED = "ConnectionRefusedError: [Errno 111] Connection refused"


@pytest.fixture(scope="module")
def image(daemon):
    return daemon.add_program("network_probe.py")


@pytest.fixture
def service():
    """Somebody else's service on this machine's loopback interface."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def own_addresses():
    """Of this machine's interfaces besides the loopback one."""
    shown = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True).stdout.split()
    return [f"[{address}]" if ":" in address else address for address in shown]


def probe(daemon, image, bucket, hyperparameters, count=1, **changes):
    """Runs the job and returns what each of its hosts found, by stream."""
    sagemaker, logs = daemon.client("sagemaker"), daemon.client("logs")
    name = unique("probe")
    sagemaker.create_training_job(**job_request(
        name, image, bucket, HyperParameters=hyperparameters, **changes,
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": count, "VolumeSizeInGB": 5}))
    job = wait_until_ended(sagemaker, name)
    lines = log_lines(logs, name)
    assert job["TrainingJobStatus"] == "Completed", (job.get("FailureReason"), lines)
    found = [json.loads(line.removeprefix("probe ")) for line in lines if line.startswith("probe ")]
    assert len(found) == count
    return found if count > 1 else found[0]


def targets(service):
    return [f"127.0.0.1:{service}", "192.0.2.1:80", "[2001:db8::1]:80", "169.254.169.254:80",
            *(f"{address}:{service}" for address in own_addresses())]


def test_nothing_but_the_daemon_can_be_reached(daemon, s3, image, bucket, service):
    s3.put_object(Bucket=bucket, Key="in", Body=b"payload")
    wanted = targets(service)
    found = probe(daemon, image, bucket, {"targets": " ".join(wanted), "name": "example.com", "object": f"{bucket}/in"})
    assert found["interfaces"] == ["lo"]
    assert found[wanted[0]] == REFUSED
    assert [found[target] for target in wanted[1:]] == [UNREACHABLE] * (len(wanted) - 1)
    assert found["example.com"].startswith("gaierror: ")
    assert found["endpoint"] == daemon.endpoint
    assert found["object"] == "reached"
    assert s3.get_object(Bucket=bucket, Key="in.copy")["Body"].read() == b"payload"


def test_network_isolation_closes_the_door_to_the_daemon_too(daemon, image, bucket, service):
    wanted = [daemon.endpoint.removeprefix("http://"), *targets(service)]
    found = probe(daemon, image, bucket, {"targets": " ".join(wanted)}, EnableNetworkIsolation=True)
    assert (found["interfaces"], found["endpoint"]) == (["lo"], None)
    assert not {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} & set(found["keys"])
    assert [found[target] for target in wanted[:2]] == [REFUSED] * 2
    assert {found[target] for target in wanted[2:]} == {UNREACHABLE}


def test_each_of_several_hosts_reaches_the_daemon_and_nothing_else(daemon, s3, image, bucket, service):
    s3.put_object(Bucket=bucket, Key="in", Body=b"payload")
    wanted = targets(service)
    for found in probe(daemon, image, bucket, {"targets": " ".join(wanted), "object": f"{bucket}/in"}, count=3):
        assert found["object"] == "reached"
        assert found[wanted[0]] == REFUSED
        assert {found[target] for target in wanted[1:]} == {UNREACHABLE}


def test_isolated_hosts_reach_each_other(sagemaker, logs, daemon, bucket):
    name = unique("isolated")
    sagemaker.create_training_job(**job_request(
        name, daemon.add_program("several_hosts.py"), bucket, EnableNetworkIsolation=True,
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5}))
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", (job.get("FailureReason"), log_lines(logs, name))
    assert log_lines(logs, name).count("talked to algo-1,algo-2") == 2


def held(logs, name):
    try:
        return "holds" in log_lines(logs, name)
    except logs.exceptions.ResourceNotFoundException:  # no job has logged anything yet
        return False


def test_two_jobs_at_once_bind_a_port_that_is_taken_on_the_machine(daemon, image, bucket, tmp_path):
    # Of two daemons, because a small machine has room for one job at a time.
    other = Daemon(tmp_path / "data")
    try:
        other.client("s3").create_bucket(Bucket=bucket)
        other.add_program("network_probe.py")
        names = {each: unique("holds") for each in (daemon, other)}
        with socket.create_server(("0.0.0.0", 0)) as taken:
            for each, name in names.items():
                each.client("sagemaker").create_training_job(**job_request(
                    name, image, bucket, HyperParameters={"hold": str(taken.getsockname()[1])}))
            deadline = time.monotonic() + 60
            while not all(held(each.client("logs"), name) for each, name in names.items()):
                statuses = [each.client("sagemaker").describe_training_job(TrainingJobName=name)["TrainingJobStatus"]
                            for each, name in names.items()]
                assert statuses == ["InProgress"] * 2 and time.monotonic() < deadline, statuses
                time.sleep(0.1)
        for each, name in names.items():
            each.client("sagemaker").stop_training_job(TrainingJobName=name)
            assert wait_until_ended(each.client("sagemaker"), name)["TrainingJobStatus"] == "Stopped"
    finally:
        other.stop()


def test_an_operator_may_give_jobs_the_machines_network(tmp_path, service):
    daemon = Daemon(tmp_path / "data", "--job-network", "host")
    try:
        s3 = daemon.client("s3")
        s3.create_bucket(Bucket="own-network")
        s3.put_object(Bucket="own-network", Key="in", Body=b"payload")
        image = daemon.add_program("network_probe.py")
        target = f"127.0.0.1:{service}"
        found = probe(daemon, image, "own-network", {"targets": target, "object": "own-network/in"})
        assert found[target] == "reached" and found["object"] == "reached"
        assert found["interfaces"] == [name for _, name in socket.if_nameindex()]
        isolated = probe(daemon, image, "own-network", {"targets": target}, EnableNetworkIsolation=True)
        assert isolated[target] == REFUSED
    finally:
        daemon.stop()
