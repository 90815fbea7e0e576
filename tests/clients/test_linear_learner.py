"""The built-in linear learner through boto3: it trains from files and from a pipe, and its model scores offline."""

import json
import random
import subprocess

import pytest

from conftest import channel, job_request, log_lines, unique, wait_until_ended
from daemon import MILLRACE

IMAGE = "174872318107.dkr.ecr.us-west-2.amazonaws.com/linear-learner:1"
WEIGHTS = (3.0, -2.0, 0.5)


def rows(count, seed):
    """label, then three features of which the label is a linear function."""
    draw = random.Random(seed)
    for _ in range(count):
        features = [draw.gauss(0, 1) for _ in WEIGHTS]
        yield sum(w * x for w, x in zip(WEIGHTS, features)) + 1, *features


def csv(table):
    return "".join(",".join(f"{value:.6f}" for value in row) + "\n" for row in table).encode()


@pytest.fixture(scope="module")
def store(s3):
    name = unique("rows")
    s3.create_bucket(Bucket=name)
    for part in range(4):
        s3.put_object(Bucket=name, Key=f"train/part-{part}.csv", Body=csv(rows(500, part)))
    s3.put_object(Bucket=name, Key="validation/rows.csv", Body=csv(rows(200, 9)))
    return name


def run(sagemaker, store, mode, train="train/", **settings):
    name = unique("linear")
    sagemaker.create_training_job(**job_request(
        name, IMAGE, store,
        HyperParameters={"predictor_type": "regressor", "mini_batch_size": "50", "epochs": "5", "num_models": "4",
                         "learning_rate": "0.05", **settings},
        InputDataConfig=[channel(each, f"s3://{store}/{prefix}", ContentType="text/csv", InputMode=mode)
                         for each, prefix in (("train", train), ("validation", "validation/"))]))
    return name, wait_until_ended(sagemaker, name, 120)


@pytest.mark.parametrize("mode", ["File", "Pipe"])
def test_it_learns_a_line_and_its_model_scores(sagemaker, logs, s3, store, tmp_path, mode):
    name, job = run(sagemaker, store, mode)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert metrics["validation:objective_loss"] < 0.05, metrics
    assert any("#quality_metric" in line for line in log_lines(logs, name))
    s3.download_file(store, f"out/{name}/output/model.tar.gz", str(tmp_path / "model.tar.gz"))
    (tmp_path / "rows.csv").write_text("1,0,0\n0,1,0\n")
    answer = json.loads(subprocess.run(
        [MILLRACE, "score", "--model", str(tmp_path / "model.tar.gz"), "--input", str(tmp_path / "rows.csv")],
        check=True, capture_output=True, text=True, timeout=60).stdout)
    scores = [each["score"] for each in answer["predictions"]]
    assert scores == pytest.approx([1 + WEIGHTS[0], 1 + WEIGHTS[1]], abs=0.2)


def test_text_among_the_numbers_fails_the_job_with_file_line_and_column(sagemaker, s3, store):
    s3.put_object(Bucket=store, Key="bad/rows.csv", Body=b"1,2,3,4\n1,2,three,4\n")
    _, job = run(sagemaker, store, "File", "bad/")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError:") or "AlgorithmError" in job["FailureReason"]
    for part in ("channel 'train'", "rows.csv", "line 2, column 3", "three"):
        assert part in job["FailureReason"], job["FailureReason"]


@pytest.mark.parametrize("mode,place", [("File", "channel 'train', b.csv, line 3"),
                                        ("Pipe", "channel 'train', epoch 0, line 103")])
def test_a_label_that_is_no_class_fails_the_job_with_its_place(sagemaker, s3, store, mode, place):
    good = b"".join(b"%d,1,%d,3\n" % (n % 2, n) for n in range(100))
    s3.put_object(Bucket=store, Key="labels/a.csv", Body=good)
    s3.put_object(Bucket=store, Key="labels/b.csv", Body=b"1,2,3,4\n\n2,2,3,4\n")
    _, job = run(sagemaker, store, mode, "labels/", predictor_type="binary_classifier")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith(f"ClientError: {place}, column 1: got \"label 2\", expected 0 or 1"), (
        job["FailureReason"])
