"""The built-in k-nearest neighbours through boto3: they learn from files and from a pipe, and their model scores offline."""

import json
import random
import subprocess

import pytest

from conftest import channel, job_request, log_lines, unique, wait_until_ended
from daemon import MILLRACE

IMAGE = "174872318107.dkr.ecr.us-west-2.amazonaws.com/knn:1"
CENTRES = {0: (0, 0), 1: (10, 0), 4: (0, 10)}


def csv(count, seed):
    """label, then a point near the label's centre."""
    draw = random.Random(seed)
    lines = []
    for _ in range(count):
        label, centre = draw.choice(list(CENTRES.items()))
        lines.append(",".join(f"{value:.4f}" for value in (label, *(draw.gauss(at, 1) for at in centre))))
    return ("\n".join(lines) + "\n").encode()


@pytest.fixture(scope="module")
def store(s3):
    name = unique("points")
    s3.create_bucket(Bucket=name)
    for part in range(3):
        s3.put_object(Bucket=name, Key=f"train/part-{part}.csv", Body=csv(300, part))
    s3.put_object(Bucket=name, Key="test/rows.csv", Body=csv(200, 9))
    return name


def run(sagemaker, store, mode, train="train/", **settings):
    name = unique("knn")
    sagemaker.create_training_job(**job_request(
        name, IMAGE, store,
        HyperParameters={"predictor_type": "classifier", "k": "5", "sample_size": "500", "feature_dim": "2", **settings},
        InputDataConfig=[channel(each, f"s3://{store}/{prefix}", ContentType="text/csv", InputMode=mode)
                         for each, prefix in (("train", train), ("test", "test/"))]))
    return name, wait_until_ended(sagemaker, name, 120)


def scored(model, rows, *options):
    return subprocess.run([MILLRACE, "score", "--model", str(model), "--input", str(rows), *options],
                          check=True, capture_output=True, text=True, timeout=60).stdout


@pytest.mark.parametrize("mode, settings", [("File", {}), ("Pipe", {"index_type": "faiss.IVFFlat"})])
def test_it_tells_points_apart_and_its_model_scores(sagemaker, logs, s3, store, tmp_path, mode, settings):
    name, job = run(sagemaker, store, mode, **settings)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert metrics["test:accuracy"] > 0.99, metrics
    assert any("#test_score (algo-1) : ('accuracy', " in line for line in log_lines(logs, name))
    s3.download_file(store, f"out/{name}/output/model.tar.gz", str(tmp_path / "model.tar.gz"))
    (tmp_path / "rows.csv").write_text("0,0\n0,10\n")
    answer = json.loads(scored(tmp_path / "model.tar.gz", tmp_path / "rows.csv"))
    assert answer == {"predictions": [{"predicted_label": 0.0}, {"predicted_label": 4.0}]}
    verbose = json.loads(scored(tmp_path / "model.tar.gz", tmp_path / "rows.csv", "--accept", "application/json; verbose=true"))
    for each, label in zip(verbose["predictions"], (0.0, 4.0)):
        assert each["labels"] == [label] * 5
        assert each["distances"] == sorted(each["distances"])


def test_more_neighbours_than_rows_fail_the_job_naming_both(sagemaker, store):
    _, job = run(sagemaker, store, "File", k="501")
    assert job["TrainingJobStatus"] == "Failed"
    for part in ("hyperparameter 'k'", "501", "at most 500", "sample_size is 500"):
        assert part in job["FailureReason"], job["FailureReason"]


def test_a_missing_value_fails_the_job_with_file_line_and_column(sagemaker, s3, store):
    s3.put_object(Bucket=store, Key="bad/rows.csv", Body=b"1,2,3\n1,,3\n")
    _, job = run(sagemaker, store, "File", "bad/")
    assert job["TrainingJobStatus"] == "Failed"
    for part in ("channel 'train'", "rows.csv", "line 2, column 2"):
        assert part in job["FailureReason"], job["FailureReason"]
