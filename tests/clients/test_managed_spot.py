"""Managed spot training through boto3: instances are taken away or lost, and the job goes on from its checkpoints."""

import io
import os
import signal
import tarfile
import time

import pytest
from botocore.exceptions import ClientError

from conftest import Daemon, channel, job_request, log_lines, unique, wait_until_ended
from processes import has_pending, supervisors_of, trainer_of
from test_image_classification import HYPERPARAMETERS, IMAGE, dataset

SPOT = {"EnableManagedSpotTraining": True,
        "StoppingCondition": {"MaxRuntimeInSeconds": 300, "MaxWaitTimeInSeconds": 600}}


@pytest.fixture(scope="module", autouse=True)
def program(daemon):
    return daemon.add_program("epochs.py")


def wait_for_line(logs, name, text, times=1):
    deadline = time.monotonic() + 60
    while True:
        try:
            lines = log_lines(logs, name)
        except ClientError:
            lines = []
        if sum(text in line for line in lines) >= times:
            return
        assert time.monotonic() < deadline, lines
        time.sleep(0.05)


def wait_for_object(s3, bucket, key, timeout=60):
    deadline = time.monotonic() + timeout
    while True:
        try:
            return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError:
            assert time.monotonic() < deadline, key
            time.sleep(0.05)


def model_files(s3, job):
    bucket, _, key = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://").partition("/")
    archive = tarfile.open(fileobj=io.BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read()))
    return {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}


def visits(job):
    assert all(step["StatusMessage"] for step in job["SecondaryStatusTransitions"])
    return [step["Status"] for step in job["SecondaryStatusTransitions"]]


def start(sagemaker, bucket, image="epochs", name=None, checkpoints=True, **changes):
    name = name or unique("spot")
    if checkpoints:
        changes["CheckpointConfig"] = {"S3Uri": f"s3://{bucket}/checkpoints/{name}"}
    sagemaker.create_training_job(**job_request(name, image, bucket, **{**SPOT, **changes}))
    return name


def interrupt_between_epochs(daemon, name):
    """Takes the instance away after the first checkpoint, or one soon after, however fast the machine is: the trainer
    stands still until it has been told."""
    checkpoints = daemon.data_dir / "work" / name / "algo-1" / "checkpoints"
    deadline = time.monotonic() + 120
    while not checkpoints.is_dir() or not any(checkpoints.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    trainer = trainer_of(name)
    os.kill(trainer, signal.SIGSTOP)
    try:
        daemon.cli("jobs", "interrupt", name, "--grace", "20")
        while not has_pending(trainer, signal.SIGTERM):
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        os.kill(trainer, signal.SIGCONT)


def test_an_interrupted_program_is_told_to_end_and_sees_its_checkpoint_again(daemon, sagemaker, s3, logs, bucket):
    name = start(sagemaker, bucket, HyperParameters={"hold": "2"})
    wait_for_line(logs, name, "holding")
    assert wait_for_object(s3, bucket, f"checkpoints/{name}/epoch") in (b"0", b"1")
    assert daemon.cli("jobs", "interrupt", name).stdout == f"interrupting {name}; it goes on when there is room\n"
    job = wait_until_ended(sagemaker, name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Completed", "Completed")
    assert visits(job) == ["Starting", "Training", "Interrupted", "Starting", "Training", "Uploading", "Completed"]
    assert job["SecondaryStatusTransitions"][2]["StatusMessage"] == "Training job interrupted"
    lines = log_lines(logs, name)
    said = [line for line in lines if not line.startswith("[millrace]")]
    assert said == ["starting at epoch 0", "epoch 0 done", "epoch 1 done", "holding", "told to end",
                    "starting at epoch 2", "epoch 2 done", "epoch 3 done"]
    assert any("the instance of this job was taken away" in line for line in lines)
    assert model_files(s3, job) == {"weights": b"whole\n"}, "what it left when it was told to end is no model"
    assert job["EnableManagedSpotTraining"] is True
    assert 1 <= job["BillableTimeInSeconds"] <= job["TrainingTimeInSeconds"]


def test_a_program_that_does_not_listen_is_killed_when_its_grace_is_over(daemon, sagemaker, s3, logs, bucket):
    name = start(sagemaker, bucket, HyperParameters={"hold": "1", "deaf": "yes"})
    wait_for_line(logs, name, "holding")
    daemon.cli("jobs", "interrupt", name, "--grace", "0")
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert "starting at epoch 1" in log_lines(logs, name), "the last checkpoint is stored after the program's end"


def test_without_checkpoints_it_starts_from_the_beginning(daemon, sagemaker, logs, bucket):
    name = start(sagemaker, bucket, checkpoints=False, HyperParameters={"hold": "2"})
    wait_for_line(logs, name, "holding")
    daemon.cli("jobs", "interrupt", name)
    wait_for_line(logs, name, "holding", times=2)
    assert log_lines(logs, name).count("starting at epoch 0") == 2
    sagemaker.stop_training_job(TrainingJobName=name)
    job = wait_until_ended(sagemaker, name)
    assert visits(job)[-4:] == ["Starting", "Training", "Stopping", "Stopped"]


def test_all_hosts_of_a_job_are_interrupted_together(daemon, sagemaker, s3, logs, bucket):
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5}
    name = start(sagemaker, bucket, ResourceConfig=resources, HyperParameters={"hold": "2"})
    wait_for_line(logs, name, "holding", times=2)
    daemon.cli("jobs", "interrupt", name)
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert visits(job).count("Interrupted") == 1
    lines = log_lines(logs, name)
    assert lines.count("told to end") == 2 and lines.count("epoch 3 done") == 2
    assert lines.count("starting at epoch 2") == 2


def test_a_lost_supervisor_is_an_interruption(daemon, sagemaker, s3, logs, bucket):
    name = start(sagemaker, bucket, HyperParameters={"hold": "2"})
    wait_for_line(logs, name, "holding")
    wait_for_object(s3, bucket, f"checkpoints/{name}/epoch")
    os.kill(supervisors_of(name)["algo-1"], signal.SIGKILL)
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert visits(job) == ["Starting", "Training", "Interrupted", "Starting", "Training", "Uploading", "Completed"]
    assert "killed by signal 9" in job["SecondaryStatusTransitions"][2]["StatusMessage"]


def test_after_the_wait_it_is_over_whether_it_waits_or_runs(daemon, sagemaker, s3, logs, bucket):
    short = {"StoppingCondition": {"MaxRuntimeInSeconds": 4, "MaxWaitTimeInSeconds": 4}}
    whole_machine = {"ResourceConfig": {"InstanceType": "ml.m5.24xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5}}
    running = start(sagemaker, bucket, HyperParameters={"hold": "0"}, **whole_machine)
    wait_for_line(logs, running, "holding")
    waiting = start(sagemaker, bucket, **whole_machine, **short)
    job = wait_until_ended(sagemaker, waiting)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxWaitTimeExceeded")
    assert visits(job) == ["Starting", "MaxWaitTimeExceeded"] and "TrainingStartTime" not in job
    sagemaker.stop_training_job(TrainingJobName=running)
    wait_until_ended(sagemaker, running)

    late = start(sagemaker, bucket, HyperParameters={"hold": "0"}, **short)
    job = wait_until_ended(sagemaker, late)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxWaitTimeExceeded")
    assert "weights" in model_files(s3, job), "as after MaxRuntimeInSeconds, what it has is kept"


def test_only_spot_jobs_with_instances_can_be_interrupted(daemon, sagemaker, logs, bucket):
    name = start(sagemaker, bucket, EnableManagedSpotTraining=False, StoppingCondition={"MaxRuntimeInSeconds": 300},
                 HyperParameters={"hold": "0"})
    wait_for_line(logs, name, "holding")
    told = daemon.cli("jobs", "interrupt", name, check=False)
    assert told.returncode != 0 and "without EnableManagedSpotTraining" in told.stderr, told.stderr
    sagemaker.stop_training_job(TrainingJobName=name)
    wait_until_ended(sagemaker, name)
    over = daemon.cli("jobs", "interrupt", start(sagemaker, bucket), "--grace", "121", check=False)
    assert over.returncode != 0 and "121" in over.stderr, over.stderr


def test_image_classification_goes_on_at_its_epoch_to_the_same_model_byte_for_byte(daemon, sagemaker, s3, logs, bucket):
    s3.put_object(Bucket=bucket, Key="train/train.rec", Body=dataset(32, 1))
    s3.put_object(Bucket=bucket, Key="validation/validation.rec", Body=dataset(16, 2))
    settings = {"HyperParameters": {**HYPERPARAMETERS, "num_training_samples": "32", "epochs": "8",
                                    "augmentation_type": "crop"},
                "InputDataConfig": [channel(each, f"s3://{bucket}/{each}/", ContentType="application/x-recordio")
                                    for each in ("train", "validation")]}
    whole = start(sagemaker, bucket, IMAGE, **settings)
    expected = wait_until_ended(sagemaker, whole, 180)
    assert expected["TrainingJobStatus"] == "Completed", expected.get("FailureReason")

    name = start(sagemaker, bucket, IMAGE, **settings)
    interrupt_between_epochs(daemon, name)
    job = wait_until_ended(sagemaker, name, 180)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert visits(job) == ["Starting", "Downloading", "Training", "Interrupted",
                           "Starting", "Downloading", "Training", "Uploading", "Completed"]
    lines = log_lines(logs, name)
    resumed = [line for line in lines if "Resuming from a checkpoint after epoch" in line]
    assert len(resumed) == 1
    last = int(resumed[0].split("after epoch ")[1].split()[0].rstrip(".,;:"))
    again = lines.index(resumed[0])
    after = [line for line in lines[again:] if "Train-accuracy" in line]
    assert 0 <= last < 7 and f"Epoch[{last + 1}] " in after[0], resumed
    assert "Epoch[7] " in after[-1]
    assert model_files(s3, job) == model_files(s3, expected)


@pytest.fixture
def mortal(tmp_path):
    """A daemon that a test may kill: it comes back at another port."""
    started = Daemon(tmp_path / "data")
    started.add_program("epochs.py")
    started.client("s3").create_bucket(Bucket="kept")
    yield started
    started.stop()


def test_the_daemon_is_killed_while_the_instances_go(mortal):
    sagemaker, logs = mortal.client("sagemaker"), mortal.client("logs")
    name = start(sagemaker, "kept", HyperParameters={"hold": "1", "deaf": "yes"})
    wait_for_line(logs, name, "holding")
    mortal.cli("jobs", "interrupt", name, "--grace", "2")
    mortal.kill()
    mortal.start()
    sagemaker, logs = mortal.client("sagemaker"), mortal.client("logs")
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert visits(job).count("Interrupted") == 1
    assert "starting at epoch 1" in log_lines(logs, name)


def test_the_whole_machine_is_lost_and_comes_back(mortal):
    sagemaker, logs, s3 = (mortal.client(service) for service in ("sagemaker", "logs", "s3"))
    name = start(sagemaker, "kept", HyperParameters={"hold": "2"})
    wait_for_line(logs, name, "holding")
    wait_for_object(s3, "kept", f"checkpoints/{name}/epoch")
    supervisor = supervisors_of(name)["algo-1"]
    mortal.kill()
    os.kill(supervisor, signal.SIGKILL)
    mortal.start()
    sagemaker, logs = mortal.client("sagemaker"), mortal.client("logs")
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert visits(job) == ["Starting", "Training", "Interrupted", "Starting", "Training", "Uploading", "Completed"]
    assert any(line in ("starting at epoch 1", "starting at epoch 2") for line in log_lines(logs, name))
