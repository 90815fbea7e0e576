"""The built-in random cut forest through boto3: it trains from files and from a pipe, and its model scores offline."""

import json
import math
import subprocess

import pytest

from conftest import channel, job_request, log_lines, unique, wait_until_ended
from daemon import MILLRACE

IMAGE = "174872318107.dkr.ecr.us-west-2.amazonaws.com/randomcutforest:1"


def rows(begin, end, labels=False):
    """Points of a circle; every hundredth lies far from it."""
    for i in range(begin, end):
        far = i % 100 == 42
        point = [(9 if far else 1) * math.cos(i), (9 if far else 1) * math.sin(i)]
        yield [int(far), *point] if labels else point


def csv(table):
    return "".join(",".join(f"{value:.6g}" for value in row) + "\n" for row in table).encode()


@pytest.fixture(scope="module")
def store(s3):
    name = unique("rows")
    s3.create_bucket(Bucket=name)
    for part in range(3):
        s3.put_object(Bucket=name, Key=f"train/part-{part}.csv", Body=csv(rows(1000 * part, 1000 * part + 1000)))
    s3.put_object(Bucket=name, Key="test/rows.csv", Body=csv(rows(5000, 7000, labels=True)))
    return name


def run(sagemaker, store, mode, train="train/", **settings):
    name = unique("forest")
    train = channel("train", f"s3://{store}/{train}", ContentType="text/csv;label_size=0", InputMode=mode)
    train["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "ShardedByS3Key"
    test = channel("test", f"s3://{store}/test/", ContentType="text/csv;label_size=1", InputMode=mode)
    sagemaker.create_training_job(**job_request(
        name, IMAGE, store, InputDataConfig=[train, test],
        HyperParameters={"feature_dim": "2", "num_trees": "50", "num_samples_per_tree": "60",
                         "eval_metrics": '["accuracy", "precision_recall_fscore"]', **settings}))
    return name, wait_until_ended(sagemaker, name, 120)


@pytest.mark.parametrize("mode", ["File", "Pipe"])
def test_it_finds_the_points_off_the_circle_and_its_model_scores(sagemaker, logs, s3, store, tmp_path, mode):
    name, job = run(sagemaker, store, mode)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert metrics["test:f1"] == 1, metrics
    assert any("ForestInfo{num_trees: 50, num_samples_in_forest: 3000," in line for line in log_lines(logs, name))
    s3.download_file(store, f"out/{name}/output/model.tar.gz", str(tmp_path / "model.tar.gz"))
    (tmp_path / "rows.csv").write_text("1,0\n0,9\n")
    answer = json.loads(subprocess.run(
        [MILLRACE, "score", "--model", str(tmp_path / "model.tar.gz"), "--input", str(tmp_path / "rows.csv")],
        check=True, capture_output=True, text=True, timeout=60).stdout)
    on, off = (each["score"] for each in answer["scores"])
    assert 0 < on < 1.5 < 2 < off, answer


def test_rows_of_another_width_fail_the_job_with_the_setting_to_change(sagemaker, store):
    _, job = run(sagemaker, store, "File", feature_dim="3")
    assert job["TrainingJobStatus"] == "Failed"
    assert "hyperparameter 'feature_dim'" in job["FailureReason"], job["FailureReason"]
    assert "expected 2" in job["FailureReason"], job["FailureReason"]


def test_a_batch_size_that_the_original_does_not_take_is_refused_at_once(sagemaker, store):
    with pytest.raises(sagemaker.exceptions.ClientError, match="mini_batch_size.*1000"):
        run(sagemaker, store, "File", mini_batch_size="500")
