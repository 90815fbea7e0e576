"""The built-in k-means through boto3: it trains from files and from a pipe, and its model scores offline."""

import json
import random
import subprocess

import pytest

from conftest import channel, job_request, log_lines, unique, wait_until_ended
from daemon import MILLRACE

IMAGE = "174872318107.dkr.ecr.us-west-2.amazonaws.com/kmeans:1"
CENTRES = ((0.0, 0.0), (10.0, 0.0), (0.0, 20.0))


def csv(count, seed):
    """Rows around the centres in turn, with a standard deviation of a half in each direction."""
    draw = random.Random(seed)
    rows = [[draw.gauss(value, 0.5) for value in CENTRES[i % 3]] for i in range(count)]
    return "".join(",".join(f"{value:.6f}" for value in row) + "\n" for row in rows).encode()


@pytest.fixture(scope="module")
def store(s3):
    name = unique("rows")
    s3.create_bucket(Bucket=name)
    for part in range(4):
        s3.put_object(Bucket=name, Key=f"train/part-{part}.csv", Body=csv(500, part))
    s3.put_object(Bucket=name, Key="test/rows.csv", Body=csv(300, 9))
    return name


def run(sagemaker, store, mode, train="train/", **settings):
    name = unique("kmeans")
    sagemaker.create_training_job(**job_request(
        name, IMAGE, store,
        HyperParameters={"k": "3", "feature_dim": "2", "mini_batch_size": "500", "epochs": "2",
                         "eval_metrics": '["msd", "ssd"]', **settings},
        InputDataConfig=[channel(each, f"s3://{store}/{prefix}", ContentType="text/csv;label_size=0", InputMode=mode)
                         for each, prefix in (("train", train), ("test", "test/"))]))
    return name, wait_until_ended(sagemaker, name, 120)


@pytest.mark.parametrize("mode", ["File", "Pipe"])
def test_it_finds_the_clusters_and_its_model_scores(sagemaker, logs, s3, store, tmp_path, mode):
    name, job = run(sagemaker, store, mode)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert metrics["test:msd"] == pytest.approx(2 * 0.5 ** 2, rel=0.2), metrics
    assert metrics["test:ssd"] == pytest.approx(300 * metrics["test:msd"], rel=1e-4)
    assert any("local kmeans attempt #9" in line for line in log_lines(logs, name))
    s3.download_file(store, f"out/{name}/output/model.tar.gz", str(tmp_path / "model.tar.gz"))
    (tmp_path / "rows.csv").write_text("".join(f"{x},{y}\n" for x, y in CENTRES) + "13,4\n")
    answer = json.loads(subprocess.run(
        [MILLRACE, "score", "--model", str(tmp_path / "model.tar.gz"), "--input", str(tmp_path / "rows.csv")],
        check=True, capture_output=True, text=True, timeout=60).stdout)["predictions"]
    assert sorted(each["closest_cluster"] for each in answer[:3]) == [0.0, 1.0, 2.0]
    assert all(each["distance_to_cluster"] < 0.2 for each in answer[:3]), answer
    assert answer[3]["closest_cluster"] == answer[1]["closest_cluster"]
    assert answer[3]["distance_to_cluster"] == pytest.approx(5, abs=0.2)


def test_more_clusters_than_rows_fail_the_job_with_both_numbers(sagemaker, store):
    _, job = run(sagemaker, store, "File", k="3000")
    assert job["TrainingJobStatus"] == "Failed"
    for part in ("hyperparameter 'k'", "3000", "2000 rows"):
        assert part in job["FailureReason"], job["FailureReason"]
