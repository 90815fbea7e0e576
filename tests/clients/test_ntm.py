"""The built-in neural topic model through boto3: it trains from files and from a pipe, and its model scores offline."""

import random

import pytest

from conftest import log_lines
from tabular_jobs import TabularJobs

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
def jobs(sagemaker, s3):
    return TabularJobs(
        sagemaker, s3, "ntm",
        {"feature_dim": str(WORDS), "num_topics": "2", "mini_batch_size": "50", "epochs": "8", "optimizer": "adam"},
        {**{f"train/part-{part}.csv": csv(200, part) for part in range(3)}, "validation/rows.csv": csv(100, 9),
         "auxiliary/vocab.txt": "".join(f"word-{i}\n" for i in range(WORDS)).encode(), "short/vocab.txt": b"one\ntwo\n"},
        held="validation")


def channels(jobs, mode="File", train="train/", auxiliary="auxiliary/"):
    return [jobs.channel("train", train, InputMode=mode), jobs.channel("validation", "validation/", InputMode=mode),
            jobs.channel("auxiliary", auxiliary, ContentType="text/plain", InputMode="File")]


@pytest.mark.parametrize("mode", ["File", "Pipe"])
def test_it_finds_two_subjects_and_its_model_scores(jobs, logs, tmp_path, mode):
    name, metrics = jobs.completed(channels=channels(jobs, mode))
    # ln 12 = 2.48 is the loss of knowing nothing.
    assert metrics["validation:total_loss"] < 2.4, metrics
    lines = log_lines(logs, name)
    assert any("Topics from epoch:final (num_topics:2)" in line for line in lines)
    assert any("] word-" in line for line in lines)
    answer = jobs.scored(name, tmp_path, b"3,2,4,1,5,2,0,0,0,0,0,0\n0,0,0,0,0,0,3,2,4,1,5,2\n")
    first, second = (each["topic_weights"] for each in answer["predictions"])
    assert sum(first) == pytest.approx(1) and sum(second) == pytest.approx(1)
    assert (first[0] > first[1]) != (second[0] > second[1]), answer


def test_a_negative_count_fails_the_job_with_file_line_and_column(jobs):
    jobs.put("bad/rows.csv", csv(3, 1) + b"1,-2" + b",0" * (WORDS - 2) + b"\n")
    jobs.expect_failure("channel 'train'", "rows.csv", "line 4, column 2", "-2", "word count",
                        channels=channels(jobs, train="bad/"))


def test_a_vocabulary_of_another_length_fails_the_job(jobs):
    jobs.expect_failure("channel 'auxiliary'", "vocab.txt", "2 lines", "feature_dim",
                        channels=channels(jobs, auxiliary="short/"))
