"""The built-in linear learner through boto3: it trains from files and from a pipe, and its model scores offline."""

import random

import pytest

from conftest import log_lines
from tabular_jobs import TabularJobs, csv

WEIGHTS = (3.0, -2.0, 0.5)


def rows(count, seed):
    """label, then three features of which the label is a linear function."""
    draw = random.Random(seed)
    for _ in range(count):
        features = [draw.gauss(0, 1) for _ in WEIGHTS]
        yield sum(w * x for w, x in zip(WEIGHTS, features)) + 1, *features


@pytest.fixture(scope="module")
def jobs(sagemaker, s3):
    return TabularJobs(
        sagemaker, s3, "linear-learner",
        {"predictor_type": "regressor", "mini_batch_size": "50", "epochs": "5", "num_models": "4", "learning_rate": "0.05"},
        {**{f"train/part-{part}.csv": csv(rows(500, part)) for part in range(4)}, "validation/rows.csv": csv(rows(200, 9))},
        held="validation")


@pytest.mark.parametrize("mode", ["File", "Pipe"])
def test_it_learns_a_line_and_its_model_scores(jobs, logs, tmp_path, mode):
    name, metrics = jobs.completed(mode)
    assert metrics["validation:objective_loss"] < 0.05, metrics
    assert any("#quality_metric" in line for line in log_lines(logs, name))
    answer = jobs.scored(name, tmp_path, b"1,0,0\n0,1,0\n")
    scores = [each["score"] for each in answer["predictions"]]
    assert scores == pytest.approx([1 + WEIGHTS[0], 1 + WEIGHTS[1]], abs=0.2)


def test_text_among_the_numbers_fails_the_job_with_file_line_and_column(jobs):
    jobs.put("bad/rows.csv", b"1,2,3,4\n1,2,three,4\n")
    reason = jobs.expect_failure(train="bad/")
    assert reason.startswith("ClientError: channel 'train', rows.csv, line 2, column 3: got \"three\""), reason


@pytest.mark.parametrize("mode,place", [("File", "channel 'train', b.csv, line 3"),
                                        ("Pipe", "channel 'train', epoch 0, line 103")])
def test_a_label_that_is_no_class_fails_the_job_with_its_place(jobs, mode, place):
    jobs.put("labels/a.csv", b"".join(b"%d,1,%d,3\n" % (n % 2, n) for n in range(100)))
    jobs.put("labels/b.csv", b"1,2,3,4\n\n2,2,3,4\n")
    reason = jobs.expect_failure(mode=mode, train="labels/", predictor_type="binary_classifier")
    assert reason.startswith(f"ClientError: {place}, column 1: got \"label 2\", expected 0 or 1"), reason
