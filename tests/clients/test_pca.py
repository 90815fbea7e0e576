"""The built-in PCA through boto3: it trains from files and from a pipe, and its model projects offline."""

import json
import random
import subprocess
import tarfile

import numpy
import pytest

from conftest import channel, job_request, log_lines, unique, wait_until_ended
from daemon import MILLRACE
from ndarray_list import read_arrays

IMAGE = "174872318107.dkr.ecr.us-west-2.amazonaws.com/pca:1"
FEATURES, COMPONENTS = 6, 2


def table(count, seed):
    """Rows about (100, 100, ...) that mostly vary along two directions."""
    draw = random.Random(seed)
    for _ in range(count):
        strong, weak = draw.gauss(0, 8), draw.gauss(0, 3)
        yield [100 + strong * (i % 2) + weak * (i < 3) + draw.gauss(0, 0.5) for i in range(FEATURES)]


def csv(rows):
    return "".join(",".join(f"{value:.6f}" for value in row) + "\n" for row in rows).encode()


@pytest.fixture(scope="module")
def store(s3):
    name = unique("rows")
    s3.create_bucket(Bucket=name)
    for part in range(4):
        s3.put_object(Bucket=name, Key=f"train/part-{part}.csv", Body=csv(table(250, part)))
    s3.put_object(Bucket=name, Key="test/rows.csv", Body=csv(table(200, 9)))
    return name


def run(sagemaker, store, mode, train="train/", **settings):
    name = unique("pca")
    sagemaker.create_training_job(**job_request(
        name, IMAGE, store,
        HyperParameters={"feature_dim": str(FEATURES), "mini_batch_size": "100", "num_components": str(COMPONENTS), **settings},
        InputDataConfig=[channel(each, f"s3://{store}/{prefix}", ContentType="text/csv;label_size=0", InputMode=mode)
                         for each, prefix in (("train", train), ("test", "test/"))]))
    return name, wait_until_ended(sagemaker, name, 120)


@pytest.mark.parametrize("mode", ["File", "Pipe"])
def test_its_projections_are_those_of_the_singular_vectors(sagemaker, logs, s3, store, tmp_path, mode):
    name, job = run(sagemaker, store, mode)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    # Two of the six directions are kept; the others hold a variance of 0.25 each.
    assert metrics["test:mse"] == pytest.approx(4 / 6 * 0.25, rel=0.2), metrics
    assert any("#quality_metric" in line for line in log_lines(logs, name))

    s3.download_file(store, f"out/{name}/output/model.tar.gz", str(tmp_path / "model.tar.gz"))
    asked = numpy.array(list(table(5, 77)))
    (tmp_path / "rows.csv").write_bytes(csv(asked))
    answer = json.loads(subprocess.run(
        [MILLRACE, "score", "--model", str(tmp_path / "model.tar.gz"), "--input", str(tmp_path / "rows.csv")],
        check=True, capture_output=True, text=True, timeout=60).stdout)
    found = numpy.array([each["projection"] for each in answer["projections"]])

    trained = numpy.array([row for part in range(4) for row in table(250, part)])
    mean = trained.mean(axis=0)
    vectors = numpy.linalg.svd(trained - mean, full_matrices=False)[2][:COMPONENTS]
    expected = (asked - mean) @ vectors[::-1].T  # the strongest last
    assert abs(found) == pytest.approx(abs(expected), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("data", ["iris", "digits", "wine"])
def test_regular_mode_equals_the_singular_value_decomposition(sagemaker, s3, store, tmp_path, data):
    rows = getattr(pytest.importorskip("sklearn.datasets"), f"load_{data}")().data
    s3.put_object(Bucket=store, Key=f"{data}/train.csv", Body=csv(rows))
    _, s, vectors = numpy.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    # Three of the digits' pixels never vary: the components beyond them are arbitrary.
    components = numpy.linalg.matrix_rank(rows - rows.mean(axis=0))
    name = unique("pca")
    sagemaker.create_training_job(**job_request(
        name, IMAGE, store,
        HyperParameters={"feature_dim": str(rows.shape[1]), "mini_batch_size": "100", "num_components": str(components)},
        InputDataConfig=[channel("train", f"s3://{store}/{data}/", ContentType="text/csv;label_size=0")]))
    job = wait_until_ended(sagemaker, name, 120)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    s3.download_file(store, f"out/{name}/output/model.tar.gz", str(tmp_path / "model.tar.gz"))
    with tarfile.open(tmp_path / "model.tar.gz") as archive:
        model = read_arrays(archive.extractfile("model_algo-1").read())
    assert model["s"] == pytest.approx(s[:components][::-1], rel=1e-4)
    cosines = abs((model["v"] * vectors[:components][::-1].T).sum(axis=0))
    assert cosines.min() > 1 - 1e-4


def test_a_feature_dim_that_is_not_the_data_s_fails_the_job(sagemaker, store):
    _, job = run(sagemaker, store, "File", feature_dim="7")
    assert job["TrainingJobStatus"] == "Failed"
    for part in ("feature_dim", "7", "expected 6"):
        assert part in job["FailureReason"], job["FailureReason"]


def test_text_among_the_numbers_fails_the_job_with_file_line_and_column(sagemaker, s3, store):
    s3.put_object(Bucket=store, Key="bad/rows.csv", Body=b"1,2,3,4,5,6\n1,2,three,4,5,6\n")
    _, job = run(sagemaker, store, "Pipe", "bad/")
    assert job["TrainingJobStatus"] == "Failed"
    for part in ("channel 'train'", "line 2, column 3", "three"):
        assert part in job["FailureReason"], job["FailureReason"]
