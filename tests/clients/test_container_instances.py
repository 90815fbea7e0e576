"""What a container image's jobs share with those of programs: several hosts, spot instances with checkpoints, and
machines on which nothing can be laid over the image's files."""

import ctypes
import errno
import io
import platform
import struct
import tarfile
import threading

import pytest

from conftest import Daemon, job_request, log_lines, unique, wait_until_ended
from container_images import BUSYBOX, Image, Layer, base_layer
from test_managed_spot import SPOT, visits, wait_for_line

pytestmark = pytest.mark.skipif(BUSYBOX is None, reason="needs busybox-static")


def add(daemon, folder, name, script):
    """An image whose `train` is that script."""
    program = Layer().file("bin/train", "#!/bin/sh\n" + script, 0o755).data()
    Image([base_layer(), program], Env=["PATH=/bin"], User="ml").oci_layout(folder / name, "1")
    daemon.cli("images", "add", name, "--oci-layout", str(folder / name))
    return name


def model_files(s3, job):
    bucket, _, key = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://").partition("/")
    packed = io.BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    with tarfile.open(fileobj=packed) as archive:
        return {member.name: archive.extractfile(member).read().decode() for member in archive if member.isfile()}


def said(logs, name):
    return [line for line in log_lines(logs, name) if not line.startswith("[millrace]")]


TALK = r"""
host=$(busybox sed -n 's/.*"current_host": *"\([^"]*\)".*/\1/p' /opt/ml/input/config/resourceconfig.json)
touch /of-$host
if test $host = algo-1; then
  nc -l -p 5000 > /tmp/heard
  cat /tmp/heard > /opt/ml/model/heard
else
  until echo "$host calling" | nc algo-1 5000; do sleep 0.05; done
  echo "$host" > /opt/ml/model/caller
fi
ls -d /of-*
"""


def test_hosts_in_containers_reach_each_other_and_leave_one_model(daemon, tmp_path, sagemaker, s3, logs, bucket):
    name = unique("together")
    sagemaker.create_training_job(**job_request(
        name, add(daemon, tmp_path, "talk", TALK), bucket,
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5}))
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", (job.get("FailureReason"), log_lines(logs, name))
    assert model_files(s3, job) == {"heard": "algo-2 calling\n", "caller": "algo-2\n"}
    assert sorted(said(logs, name)) == ["/of-algo-1", "/of-algo-2"], "each host has a root of its own"


EPOCHS = """
trap 'echo told to end; exit 0' TERM
epoch=0
test -e /started && echo "this root is not new"
touch /started
test -e /opt/ml/checkpoints/epoch && epoch=$(($(cat /opt/ml/checkpoints/epoch) + 1))
first=$epoch
echo "starting at epoch $epoch"
while test $epoch -lt 4; do
  echo $epoch > /opt/ml/checkpoints/new && busybox mv /opt/ml/checkpoints/new /opt/ml/checkpoints/epoch
  echo "epoch $epoch done"
  if test $epoch = 1 && test $first = 0; then echo holding; sleep 600 & wait; fi
  epoch=$((epoch + 1))
done
echo whole > /opt/ml/model/weights
"""


@pytest.mark.parametrize("hosts", [1, 2])
def test_an_interrupted_container_goes_on_from_its_checkpoint_in_a_new_root(daemon, tmp_path, sagemaker, s3, logs,
                                                                           bucket, hosts):
    name = unique("spot")
    sagemaker.create_training_job(**job_request(
        name, add(daemon, tmp_path, f"epochs-{hosts}", EPOCHS), bucket,
        CheckpointConfig={"S3Uri": f"s3://{bucket}/checkpoints/{name}"}, **SPOT,
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": hosts, "VolumeSizeInGB": 5}))
    wait_for_line(logs, name, "holding", times=hosts)
    daemon.cli("jobs", "interrupt", name)
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", (job.get("FailureReason"), log_lines(logs, name))
    assert visits(job) == ["Starting", "Training", "Interrupted", "Starting", "Training", "Uploading", "Completed"]
    expected = ["starting at epoch 0", "epoch 0 done", "epoch 1 done", "holding", "told to end",
                "starting at epoch 2", "epoch 2 done", "epoch 3 done"]
    assert sorted(said(logs, name)) == sorted(expected * hosts)
    assert model_files(s3, job) == {"weights": "whole\n"}


def refuse_overlays():
    """In this thread, and whatever it starts, a mount without flags fails: of all that a job's sandbox mounts, that is
    the overlay alone."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    set_no_new_privileges, set_seccomp, filter_mode = 38, 22, 2  # linux/prctl.h, linux/seccomp.h
    load, equal, answer = 0x20, 0x15, 0x06  # linux/bpf_common.h: LD|W|ABS, JMP|JEQ|K, RET|K
    mount = {"x86_64": 165, "aarch64": 40}[platform.machine()]
    program = b"".join(struct.pack("HBBI", *step) for step in [
        (load, 0, 0, 0), (equal, 0, 3, mount), (load, 0, 0, 16 + 3 * 8), (equal, 0, 1, 0),
        (answer, 0, 0, 0x00050000 | errno.EPERM), (answer, 0, 0, 0x7FFF0000)])
    code = ctypes.create_string_buffer(program, len(program))
    order = ctypes.create_string_buffer(struct.pack("HP", len(program) // 8, ctypes.addressof(code)))
    for call in [(set_no_new_privileges, 1, 0, 0, 0), (set_seccomp, filter_mode, ctypes.byref(order), 0, 0)]:
        assert prctl(*call) == 0, ctypes.get_errno()


@pytest.fixture
def plain(tmp_path):
    """A daemon on a machine that mounts no overlay."""
    started = []

    def start():
        refuse_overlays()
        started.append(Daemon(tmp_path / "data"))
    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    yield started[0]
    started[0].stop()


WRITE = """
for place in /bin /home/ml /run /tmp /opt/ml/model /dev/shm; do
  echo x 2>/dev/null > $place/new && echo $place
done
cat /bin/train > /opt/ml/model/weights
"""


def test_where_no_overlay_can_be_mounted_the_root_is_read_only_and_the_job_says_so(plain, tmp_path):
    sagemaker, s3, logs = (plain.client(service) for service in ("sagemaker", "s3", "logs"))
    s3.create_bucket(Bucket="kept")
    image = add(plain, tmp_path, "write", WRITE)
    for _ in range(2):
        name = unique("plain")
        sagemaker.create_training_job(**job_request(name, image, "kept"))
        job = wait_until_ended(sagemaker, name)
        lines = log_lines(logs, name)
        assert job["TrainingJobStatus"] == "Completed", (job.get("FailureReason"), lines)
        assert [line for line in lines if line.startswith("/")] == ["/run", "/tmp", "/opt/ml/model", "/dev/shm"], lines
        told = [line for line in lines if "the image's files are read-only" in line]
        assert len(told) == 1 and told[0].startswith("[millrace]"), lines
        assert model_files(s3, job)["weights"].endswith(WRITE)
    roots = list((plain.data_dir / "images").glob("*/rootfs"))
    assert len(roots) == 1 and not (roots[0] / "bin" / "new").exists()
