"""A built-in algorithm on several instances: its hosts divide the rows, agree on one model and end together."""

import json
import os
import signal
import subprocess
import tarfile
import time

import pytest
from botocore.exceptions import ClientError

from conftest import channel, job_request, log_lines, unique, wait_until_ended
from daemon import MILLRACE
from processes import trainer_of
from tabular_jobs import csv, image_of
from test_linear_learner import rows

BATCH = 50  # of all hosts together
PARTS = 16


@pytest.fixture(scope="module")
def store(s3):
    """Objects of half a batch: dealt to two hosts in turn, they make the batches that one host reads in a row."""
    name = unique("divided")
    s3.create_bucket(Bucket=name)
    table = list(rows(PARTS * BATCH // 2, 1))
    for part in range(PARTS):
        s3.put_object(Bucket=name, Key=f"train/part-{part:02}.csv",
                      Body=csv(table[part * BATCH // 2:(part + 1) * BATCH // 2]))
    for part in range(2):
        s3.put_object(Bucket=name, Key=f"validation/part-{part}.csv", Body=csv(rows(100, 7 + part)))
    return name


def start(sagemaker, store, hosts, mode="File", distribution="FullyReplicated", train="train/", algorithm="linear-learner",
          **settings):
    name = unique("together")
    channels = []
    for each, prefix in (("train", train), ("validation", "validation/")):
        one = channel(each, f"s3://{store}/{prefix}", ContentType="text/csv", InputMode=mode)
        one["DataSource"]["S3DataSource"]["S3DataDistributionType"] = distribution
        channels.append(one)
    parameters = {"predictor_type": "regressor", "mini_batch_size": str(BATCH // hosts), "epochs": "4", "num_models": "4",
                  "learning_rate": "0.05", **settings}
    sagemaker.create_training_job(**job_request(
        name, image_of(algorithm), store, HyperParameters=parameters, InputDataConfig=channels,
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": hosts, "VolumeSizeInGB": 5}))
    return name


def wait_for_epoch(logs, name):
    deadline = time.monotonic() + 60
    while not any("host=algo-2, epoch=1" in line for line in log_lines(logs, name)):
        assert time.monotonic() < deadline, log_lines(logs, name)
        time.sleep(0.1)


def model_of(s3, store, name, folder):
    """Weights and bias, as the scores of unit vectors and zero tell them; and the files in the archive."""
    path = folder / f"{name}.tar.gz"
    s3.download_file(store, f"out/{name}/output/model.tar.gz", str(path))
    (folder / "rows.csv").write_text("1,0,0\n0,1,0\n0,0,1\n0,0,0\n")
    answer = json.loads(subprocess.run([MILLRACE, "score", "--model", str(path), "--input", str(folder / "rows.csv")],
                                       check=True, capture_output=True, text=True, timeout=60).stdout)
    scores = [each["score"] for each in answer["predictions"]]
    with tarfile.open(path) as tar:
        return [score - scores[3] for score in scores[:3]] + [scores[3]], sorted(tar.getnames())


@pytest.fixture(scope="module")
def alone(sagemaker, s3, store, tmp_path_factory):
    name = start(sagemaker, store, 1)
    assert wait_until_ended(sagemaker, name, 120)["TrainingJobStatus"] == "Completed"
    return model_of(s3, store, name, tmp_path_factory.mktemp("alone"))


@pytest.mark.parametrize("distribution", ["FullyReplicated", "ShardedByS3Key"])
@pytest.mark.parametrize("mode", ["File", "FastFile", "Pipe"])
def test_two_hosts_train_the_model_of_one(sagemaker, logs, s3, store, alone, tmp_path, mode, distribution):
    name = start(sagemaker, store, 2, mode, distribution)
    job = wait_until_ended(sagemaker, name, 120)
    assert job["TrainingJobStatus"] == "Completed", (job.get("FailureReason"), log_lines(logs, name))
    model, files = model_of(s3, store, name, tmp_path)
    assert model == pytest.approx(alone[0], abs=1e-3)
    assert files == alone[1]
    lines = log_lines(logs, name)
    for host in ("algo-1", "algo-2"):
        assert any(f"#quality_metric: host={host}, epoch=3, validation" in line for line in lines), lines
    # Each host has read half of the rows itself, or kept its half of them.
    passes = [json.loads(line.split("#metrics ", 1)[1]) for line in lines if "training_data_iter" in line]
    assert len(passes) == 2 * 4
    assert all(each["Metrics"]["Number of Records Since Last Reset"]["sum"] == PARTS * BATCH // 4 for each in passes)
    assert any(metric["MetricName"] == "validation:objective_loss" for metric in job["FinalMetricDataList"])


@pytest.mark.parametrize("mode,place", [("File", "rows-1.csv, line 3, column 2"), ("Pipe", "line 3, column 2")])
def test_a_host_with_bad_data_ends_the_job_at_once_with_its_reason(sagemaker, s3, store, mode, place):
    s3.put_object(Bucket=store, Key=f"{mode}-bad/rows-0.csv", Body=csv(rows(500, 3)))
    s3.put_object(Bucket=store, Key=f"{mode}-bad/rows-1.csv", Body=csv(rows(2, 3)) + b"1,two,3,4\n" + csv(rows(500, 3)))
    name = start(sagemaker, store, 2, mode, "ShardedByS3Key", train=f"{mode}-bad/")
    job = wait_until_ended(sagemaker, name, 60)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: algo-2: channel 'train'"), job["FailureReason"]
    assert place in job["FailureReason"] and '"two"' in job["FailureReason"], job["FailureReason"]


def test_a_host_without_objects_is_told_so(sagemaker, s3, store):
    s3.put_object(Bucket=store, Key="single/rows.csv", Body=csv(rows(100, 3)))
    name = start(sagemaker, store, 2, "File", "ShardedByS3Key", train="single/")
    job = wait_until_ended(sagemaker, name, 60)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: algo-2: channel 'train': got \"no files\""), job["FailureReason"]


@pytest.mark.parametrize("mode", ["File", "Pipe"])
def test_a_stop_leaves_the_model_of_both_hosts(sagemaker, logs, s3, store, alone, tmp_path, mode):
    name = start(sagemaker, store, 2, mode, "ShardedByS3Key", epochs="100000", early_stopping_patience="100000")
    wait_for_epoch(logs, name)
    sagemaker.stop_training_job(TrainingJobName=name)
    job = wait_until_ended(sagemaker, name, 60)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped"), job.get("FailureReason")
    model, files = model_of(s3, store, name, tmp_path)
    assert len(model) == 4 and files == alone[1]


def test_what_cannot_be_divided_is_refused(sagemaker, store):
    with pytest.raises(ClientError, match="InstanceCount above 1 for image-classification is not supported"):
        start(sagemaker, store, 2, algorithm="image-classification")


def test_a_host_whose_program_is_killed_is_the_one_that_is_named(sagemaker, logs, store):
    name = start(sagemaker, store, 2, "File", "ShardedByS3Key", epochs="100000", early_stopping_patience="100000")
    wait_for_epoch(logs, name)
    os.kill(trainer_of(name, "algo-2"), signal.SIGKILL)
    job = wait_until_ended(sagemaker, name, 30)
    assert job["TrainingJobStatus"] == "Failed"
    assert "algo-2: " in job["FailureReason"] and "137" in job["FailureReason"], job["FailureReason"]


def test_five_hosts_train_one_model(sagemaker, logs, s3, store, alone, tmp_path):
    name = start(sagemaker, store, 5, "File")
    job = wait_until_ended(sagemaker, name, 120)
    assert job["TrainingJobStatus"] == "Completed", (job.get("FailureReason"), log_lines(logs, name))
    assert model_of(s3, store, name, tmp_path)[0] == pytest.approx(alone[0], abs=1e-3)
