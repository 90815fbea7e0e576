"""The built-in k-nearest neighbours through boto3: they learn from files and from a pipe, and their model scores offline."""

import random

import pytest

from conftest import log_lines
from tabular_jobs import TabularJobs

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
def jobs(sagemaker, s3):
    return TabularJobs(
        sagemaker, s3, "knn", {"predictor_type": "classifier", "k": "5", "sample_size": "500", "feature_dim": "2"},
        {**{f"train/part-{part}.csv": csv(300, part) for part in range(3)}, "test/rows.csv": csv(200, 9)})


@pytest.mark.parametrize("mode, settings", [("File", {}), ("Pipe", {"index_type": "faiss.IVFFlat"})])
def test_it_tells_points_apart_and_its_model_scores(jobs, logs, tmp_path, mode, settings):
    name, metrics = jobs.completed(mode, **settings)
    assert metrics["test:accuracy"] > 0.99, metrics
    assert any("#test_score (algo-1) : ('accuracy', " in line for line in log_lines(logs, name))
    answer = jobs.scored(name, tmp_path, b"0,0\n0,10\n")
    assert answer == {"predictions": [{"predicted_label": 0.0}, {"predicted_label": 4.0}]}
    verbose = jobs.scored(name, tmp_path, b"0,0\n0,10\n", "--accept", "application/json; verbose=true")
    for each, label in zip(verbose["predictions"], (0.0, 4.0)):
        assert each["labels"] == [label] * 5
        assert each["distances"] == sorted(each["distances"])


def test_more_neighbours_than_rows_fail_the_job_naming_both(jobs):
    jobs.expect_failure("hyperparameter 'k'", "501", "at most 500", "sample_size is 500", k="501")


def test_a_missing_value_fails_the_job_with_file_line_and_column(jobs):
    jobs.put("bad/rows.csv", b"1,2,3\n1,,3\n")
    jobs.expect_failure("channel 'train'", "rows.csv", "line 2, column 2", train="bad/")
