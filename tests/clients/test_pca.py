"""The built-in PCA through boto3: it trains from files and from a pipe, and its model projects offline."""

import random
import tarfile

import numpy
import pytest

from conftest import log_lines
from ndarray_list import read_arrays
from tabular_jobs import TabularJobs, csv

FEATURES, COMPONENTS = 6, 2


def table(count, seed):
    """Rows about (100, 100, ...) that mostly vary along two directions."""
    draw = random.Random(seed)
    for _ in range(count):
        strong, weak = draw.gauss(0, 8), draw.gauss(0, 3)
        yield [100 + strong * (i % 2) + weak * (i < 3) + draw.gauss(0, 0.5) for i in range(FEATURES)]


@pytest.fixture(scope="module")
def jobs(sagemaker, s3):
    return TabularJobs(
        sagemaker, s3, "pca", {"feature_dim": str(FEATURES), "mini_batch_size": "100", "num_components": str(COMPONENTS)},
        {**{f"train/part-{part}.csv": csv(table(250, part)) for part in range(4)}, "test/rows.csv": csv(table(200, 9))},
        content_type="text/csv;label_size=0")


@pytest.mark.parametrize("mode", ["File", "Pipe"])
def test_its_projections_are_those_of_the_singular_vectors(jobs, logs, tmp_path, mode):
    name, metrics = jobs.completed(mode)
    # Two of the six directions are kept; the others hold a variance of 0.25 each.
    assert metrics["test:mse"] == pytest.approx(4 / 6 * 0.25, rel=0.2), metrics
    assert any("#quality_metric" in line for line in log_lines(logs, name))

    asked = numpy.array(list(table(5, 77)))
    answer = jobs.scored(name, tmp_path, csv(asked))
    found = numpy.array([each["projection"] for each in answer["projections"]])

    trained = numpy.array([row for part in range(4) for row in table(250, part)])
    mean = trained.mean(axis=0)
    vectors = numpy.linalg.svd(trained - mean, full_matrices=False)[2][:COMPONENTS]
    expected = (asked - mean) @ vectors[::-1].T  # the strongest last
    assert abs(found) == pytest.approx(abs(expected), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("data", ["iris", "digits", "wine"])
def test_regular_mode_equals_the_singular_value_decomposition(jobs, tmp_path, data):
    rows = getattr(pytest.importorskip("sklearn.datasets"), f"load_{data}")().data
    jobs.put(f"{data}/train.csv", csv(rows))
    _, s, vectors = numpy.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    # Three of the digits' pixels never vary: the components beyond them are arbitrary.
    components = numpy.linalg.matrix_rank(rows - rows.mean(axis=0))
    name, _ = jobs.completed(channels=[jobs.channel("train", f"{data}/")], feature_dim=str(rows.shape[1]),
                             num_components=str(components))
    with tarfile.open(jobs.model(name, tmp_path)) as archive:
        model = read_arrays(archive.extractfile("model_algo-1").read())
    assert model["s"] == pytest.approx(s[:components][::-1], rel=1e-4)
    cosines = abs((model["v"] * vectors[:components][::-1].T).sum(axis=0))
    assert cosines.min() > 1 - 1e-4


def test_a_feature_dim_that_is_not_the_data_s_fails_the_job(jobs):
    jobs.expect_failure("feature_dim", "7", "expected 6", feature_dim="7")


def test_text_among_the_numbers_fails_the_job_with_file_line_and_column(jobs):
    jobs.put("bad/rows.csv", b"1,2,3,4,5,6\n1,2,three,4,5,6\n")
    jobs.expect_failure("channel 'train'", "line 2, column 3", "three", mode="Pipe", train="bad/")
