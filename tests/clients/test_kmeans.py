"""The built-in k-means through boto3: it trains from files and from a pipe, and its model scores offline."""

import random

import pytest

from conftest import log_lines
from tabular_jobs import TabularJobs, csv

CENTRES = ((0.0, 0.0), (10.0, 0.0), (0.0, 20.0))


def rows(count, seed):
    """Around the centres in turn, with a standard deviation of a half in each direction."""
    draw = random.Random(seed)
    return [[draw.gauss(value, 0.5) for value in CENTRES[i % 3]] for i in range(count)]


@pytest.fixture(scope="module")
def jobs(sagemaker, s3):
    return TabularJobs(
        sagemaker, s3, "kmeans",
        {"k": "3", "feature_dim": "2", "mini_batch_size": "500", "epochs": "2", "eval_metrics": '["msd", "ssd"]'},
        {**{f"train/part-{part}.csv": csv(rows(500, part)) for part in range(4)}, "test/rows.csv": csv(rows(300, 9))},
        content_type="text/csv;label_size=0")


@pytest.mark.parametrize("mode", ["File", "Pipe"])
def test_it_finds_the_clusters_and_its_model_scores(jobs, logs, tmp_path, mode):
    name, metrics = jobs.completed(mode)
    assert metrics["test:msd"] == pytest.approx(2 * 0.5 ** 2, rel=0.2), metrics
    assert metrics["test:ssd"] == pytest.approx(300 * metrics["test:msd"], rel=1e-4)
    assert any("local kmeans attempt #9" in line for line in log_lines(logs, name))
    asked = "".join(f"{x},{y}\n" for x, y in CENTRES) + "13,4\n"
    answer = jobs.scored(name, tmp_path, asked.encode())["predictions"]
    assert sorted(each["closest_cluster"] for each in answer[:3]) == [0.0, 1.0, 2.0]
    assert all(each["distance_to_cluster"] < 0.2 for each in answer[:3]), answer
    assert answer[3]["closest_cluster"] == answer[1]["closest_cluster"]
    assert answer[3]["distance_to_cluster"] == pytest.approx(5, abs=0.2)


def test_more_clusters_than_rows_fail_the_job_with_both_numbers(jobs):
    jobs.expect_failure("hyperparameter 'k'", "3000", "2000 rows", k="3000")
