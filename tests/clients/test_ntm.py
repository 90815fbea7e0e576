"""The built-in neural topic model through boto3: it trains from files and from a pipe, and its model scores offline."""

import json
import random
import subprocess

import pytest

from conftest import channel, job_request, log_lines, unique, wait_until_ended
from daemon import MILLRACE

IMAGE = "174872318107.dkr.ecr.us-west-2.amazonaws.com/ntm:1"
WORDS = 12


def document(subject, draw):
    """Counts of 20 words, most of them from one half of the vocabulary."""
    counts = [0] * WORDS
    for _ in range(20):
        counts[draw.randrange(WORDS // 2) + (WORDS // 2 if draw.random() < 0.9 else 0) * subject] += 1
    return counts


def csv(count, seed):
    draw = random.Random(seed)
    return "".join(",".join(map(str, document(i % 2, draw))) + "\n" for i in range(count)).encode()


@pytest.fixture(scope="module")
def store(s3):
    name = unique("words")
    s3.create_bucket(Bucket=name)
    for part in range(3):
        s3.put_object(Bucket=name, Key=f"train/part-{part}.csv", Body=csv(200, part))
    s3.put_object(Bucket=name, Key="validation/rows.csv", Body=csv(100, 9))
    s3.put_object(Bucket=name, Key="auxiliary/vocab.txt", Body="".join(f"word-{i}\n" for i in range(WORDS)).encode())
    s3.put_object(Bucket=name, Key="short/vocab.txt", Body=b"one\ntwo\n")
    return name


def run(sagemaker, store, mode, train="train/", auxiliary="auxiliary/"):
    name = unique("ntm")
    channels = [channel(each, f"s3://{store}/{prefix}", ContentType="text/csv", InputMode=mode)
                for each, prefix in (("train", train), ("validation", "validation/"))]
    channels.append(channel("auxiliary", f"s3://{store}/{auxiliary}", ContentType="text/plain", InputMode="File"))
    sagemaker.create_training_job(**job_request(
        name, IMAGE, store, InputDataConfig=channels,
        HyperParameters={"feature_dim": str(WORDS), "num_topics": "2", "mini_batch_size": "50", "epochs": "8",
                         "optimizer": "adam"}))
    return name, wait_until_ended(sagemaker, name, 120)


@pytest.mark.parametrize("mode", ["File", "Pipe"])
def test_it_finds_two_subjects_and_its_model_scores(sagemaker, logs, s3, store, tmp_path, mode):
    name, job = run(sagemaker, store, mode)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    # ln 12 = 2.48 is the loss of knowing nothing.
    assert metrics["validation:total_loss"] < 2.4, metrics
    lines = log_lines(logs, name)
    assert any("Topics from epoch:final (num_topics:2)" in line for line in lines)
    assert any("] word-" in line for line in lines)
    s3.download_file(store, f"out/{name}/output/model.tar.gz", str(tmp_path / "model.tar.gz"))
    (tmp_path / "rows.csv").write_text("3,2,4,1,5,2,0,0,0,0,0,0\n0,0,0,0,0,0,3,2,4,1,5,2\n")
    answer = json.loads(subprocess.run(
        [MILLRACE, "score", "--model", str(tmp_path / "model.tar.gz"), "--input", str(tmp_path / "rows.csv")],
        check=True, capture_output=True, text=True, timeout=60).stdout)
    first, second = (each["topic_weights"] for each in answer["predictions"])
    assert sum(first) == pytest.approx(1) and sum(second) == pytest.approx(1)
    assert (first[0] > first[1]) != (second[0] > second[1]), answer


def test_a_negative_count_fails_the_job_with_file_line_and_column(sagemaker, s3, store):
    s3.put_object(Bucket=store, Key="bad/rows.csv", Body=csv(3, 1) + b"1,-2" + b",0" * (WORDS - 2) + b"\n")
    _, job = run(sagemaker, store, "File", "bad/")
    assert job["TrainingJobStatus"] == "Failed"
    for part in ("channel 'train'", "rows.csv", "line 4, column 2", "-2", "word count"):
        assert part in job["FailureReason"], job["FailureReason"]


def test_a_vocabulary_of_another_length_fails_the_job(sagemaker, store):
    _, job = run(sagemaker, store, "File", auxiliary="short/")
    assert job["TrainingJobStatus"] == "Failed"
    for part in ("channel 'auxiliary'", "vocab.txt", "2 lines", "feature_dim"):
        assert part in job["FailureReason"], job["FailureReason"]
