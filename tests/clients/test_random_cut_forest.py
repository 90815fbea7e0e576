"""The built-in random cut forest through boto3: it trains from files and from a pipe, and its model scores offline."""

import math

import pytest

from conftest import log_lines
from tabular_jobs import TabularJobs, csv


def rows(begin, end, labels=False):
    """Points of a circle; every hundredth lies far from it."""
    for i in range(begin, end):
        far = i % 100 == 42
        point = [(9 if far else 1) * math.cos(i), (9 if far else 1) * math.sin(i)]
        yield [int(far), *point] if labels else point


@pytest.fixture(scope="module")
def jobs(sagemaker, s3):
    return TabularJobs(
        sagemaker, s3, "randomcutforest",
        {"feature_dim": "2", "num_trees": "50", "num_samples_per_tree": "60",
         "eval_metrics": '["accuracy", "precision_recall_fscore"]'},
        {**{f"train/part-{part}.csv": csv(rows(1000 * part, 1000 * part + 1000)) for part in range(3)},
         "test/rows.csv": csv(rows(5000, 7000, labels=True))})


def channels(jobs, mode="File"):
    train = jobs.channel("train", "train/", ContentType="text/csv;label_size=0", InputMode=mode)
    train["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "ShardedByS3Key"
    return [train, jobs.channel("test", "test/", ContentType="text/csv;label_size=1", InputMode=mode)]


@pytest.mark.parametrize("mode", ["File", "Pipe"])
def test_it_finds_the_points_off_the_circle_and_its_model_scores(jobs, logs, tmp_path, mode):
    name, metrics = jobs.completed(channels=channels(jobs, mode))
    assert metrics["test:f1"] == 1, metrics
    assert any("ForestInfo{num_trees: 50, num_samples_in_forest: 3000," in line for line in log_lines(logs, name))
    answer = jobs.scored(name, tmp_path, b"1,0\n0,9\n")
    on, off = (each["score"] for each in answer["scores"])
    assert 0 < on < 1.5 < 2 < off, answer


def test_rows_of_another_width_fail_the_job_with_the_setting_to_change(jobs):
    jobs.expect_failure("hyperparameter 'feature_dim'", "expected 2", channels=channels(jobs), feature_dim="3")


def test_a_batch_size_that_the_original_does_not_take_is_refused_at_once(jobs, sagemaker):
    with pytest.raises(sagemaker.exceptions.ClientError, match="mini_batch_size.*1000"):
        jobs.run(channels=channels(jobs), mini_batch_size="500")
