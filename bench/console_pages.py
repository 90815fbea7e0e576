#!/usr/bin/env python3
"""How long the console's pages take to answer with a lot behind them: 1,000,000 points, 1,000,000 log lines, 10,000 jobs, a
list of 1,000,000 rows and a draft of it. CPU time of the daemon per request, beside the wall time of one client."""

import json
import sqlite3
import time
from contextlib import contextmanager

import numpy

from harness import cpu_seconds, median, running_daemon, table
from conftest import job_request
from console import Browser

POINTS = LINES = ROWS = 1_000_000
JOBS = 10_000
ROUNDS = 15


def fill(daemon):
    """Into the database of a daemon that is not running: a day of uploading would say nothing about reading."""
    database = sqlite3.connect(daemon.data_dir / "records.db")
    now = int(time.time() * 1000)
    account, region = "111122223333", "us-east-1"
    request, state = database.execute("SELECT request, state FROM training_jobs").fetchone()
    request = json.loads(request)
    for number in range(JOBS):
        name = f"job-{number:05}"
        request["TrainingJobName"] = name
        status = ("Completed", "Failed", "Stopped")[number % 3]
        database.execute(
            "INSERT INTO training_jobs (account, name_key, name, region, status, created_at, modified_at, ended_at, request, "
            "state, algorithm) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (account, name, name, region, status, now - number * 1000, now - number * 500, now, json.dumps(request),
             state.replace("Completed", status), ("kmeans", "pca", "image-classification")[number % 3]))
        database.execute("INSERT INTO tags VALUES (?, ?, 'Team', ?)",
                         (account, f"arn:aws:sagemaker:{region}:{account}:training-job/{name}", str(number % 7)))
    metric = database.execute(
        "INSERT INTO metrics (account, namespace, name, dimensions, unit, last_at, next_sequence) VALUES "
        "(?, '/aws/sagemaker/TrainingJobs', 'loss', '{\"TrainingJobName\":\"job-00000\"}', 'None', ?, ?)",
        (account, now, POINTS)).lastrowid
    values = numpy.random.default_rng(1).normal(size=POINTS)
    database.executemany("INSERT INTO metric_points VALUES (?, ?, ?, 1, ?, ?, ?)",
                         ((metric, now - (POINTS - i) * 100, i, v, v, v) for i, v in enumerate(values)))
    group = database.execute("SELECT id FROM log_groups").fetchone()[0]
    stream = database.execute(
        "INSERT INTO log_streams (log_group, name, created_at, stored_bytes, next_sequence) VALUES (?, ?, ?, ?, ?)",
        (group, "job-00000/algo-1-1", now, LINES * 60, LINES + 1)).lastrowid
    database.executemany("INSERT INTO log_events VALUES (?, ?, ?, ?, ?)",
                         ((stream, now + i, i + 1, now, f"[{i}] epoch {i // 1000} loss={i % 997 / 997:.5f} of a long day")
                          for i in range(LINES)))
    database.commit()
    database.close()
    return metric


@contextmanager
def filled_daemon():
    """A daemon with all of it, the id of the long metric, and the place of the long list."""
    with running_daemon() as daemon:
        s3, sagemaker = daemon.client("s3"), daemon.client("sagemaker")
        s3.create_bucket(Bucket="bench")
        image = daemon.add_program("succeed")
        sagemaker.create_training_job(**job_request("first", image, "bench"))
        while sagemaker.describe_training_job(TrainingJobName="first")["TrainingJobStatus"] == "InProgress":
            time.sleep(0.05)
        s3.put_object(Bucket="bench", Key="big.lst",
                      Body="".join(f"{i}\t{i % 257}\tclass-{i % 257}/image-{i}.jpg\n" for i in range(ROWS)).encode())
        daemon.stop()
        metric = fill(daemon)
        daemon.start()
        yield daemon, metric, "s3://bench/big.lst"


def main():
    with filled_daemon() as (daemon, metric, place):
        browser = Browser(daemon.endpoint)
        browser.sign_in({"AccessKeyId": daemon.environment["AWS_ACCESS_KEY_ID"],
                         "SecretAccessKey": daemon.environment["AWS_SECRET_ACCESS_KEY"]})

        rows = []

        def measure(what, path, demanded, rounds=ROUNDS):
            walls, cpu = [], cpu_seconds(daemon.process.pid)
            for number in range(rounds):
                begin = time.perf_counter()
                answer = browser.get(path.replace("{}", str(number)))
                walls.append(time.perf_counter() - begin)
                assert answer.status == 200, answer.body
            cpu = (cpu_seconds(daemon.process.pid) - cpu) / rounds
            rows.append((what, f"{median(walls) * 1000:.1f} ms, {cpu * 1000:.1f} ms of CPU", "", "", demanded))

        measure("tile of 1,000,000 points, the first", f"/mr/series/{metric}/tile?width=1200", "< 300 ms", 1)
        measure("tile of 1,000,000 points, 1200 wide", f"/mr/series/{metric}/tile?width=1200", "a few ms")
        measure("series of the job", "/mr/training-jobs/job-00000/metrics", "")
        measure("log page in the middle", "/mr/training-jobs/job-00000/log?from=5000{}0&limit=500", "ms")
        measure("log search, 250,000 lines without a match", "/mr/training-jobs/job-00000/log/search?q=nowhere", "")
        measure("jobs: newest 50", "/mr/training-jobs?limit=50", "< 50 ms")
        measure("jobs: part of a name", "/mr/training-jobs?name=99{}", "< 50 ms")
        measure("jobs: status and tag, by name", "/mr/training-jobs?status=Failed&tag=Team=3&sort=Name", "< 50 ms")
        measure("jobs: algorithm, page 60, by end", "/mr/training-jobs?algorithm=kmeans&sort=EndTime&from=3000", "< 50 ms")
        begin = time.perf_counter()
        one = browser.post("/mr/lists", {"Place": place}).json()["Id"]
        wall = f"{(time.perf_counter() - begin) * 1000:.0f} ms"
        rows.append(("list of 1,000,000 rows, opened", wall, "", "", "< 1 s"))
        measure("list rows, filtered and sorted", f"/mr/lists/{one}/rows?where=label%20%3D%203&sort=path&from=100", "")
        measure("list rows sorted by path, the first page", f"/mr/lists/{one}/rows?sort=path", "", 1)
        measure("list rows sorted by path, pages behind it", f"/mr/lists/{one}/rows?sort=path&from=5000{{}}0", "< 50 ms")
        measure("search: part of a name", "/mr/search?q=99{}", "< 50 ms")
        measure("search: nothing is called so", "/mr/search?q=nowhere", "< 100 ms")
        draft = browser.post(f"/mr/lists/{one}/drafts", {}).json()["Id"]

        def change(what, path, document, demanded):
            walls, cpu = [], cpu_seconds(daemon.process.pid)
            for number in range(ROUNDS):
                begin = time.perf_counter()
                answer = browser.post(path, json.loads(json.dumps(document).replace("{}", str(number))))
                walls.append(time.perf_counter() - begin)
                assert answer.status == 200, answer.body
            cpu = (cpu_seconds(daemon.process.pid) - cpu) / ROUNDS
            rows.append((what, f"{median(walls) * 1000:.1f} ms, {cpu * 1000:.1f} ms of CPU", "", "", demanded))

        change("draft of 1,000,000 rows: one relabelled", f"/mr/drafts/{draft}/edits",
               {"Edits": [{"Do": "relabel", "Paths": ["class-{}/image-{}.jpg"], "Labels": [5]}]}, "")
        change("draft of 1,000,000 rows: undone", f"/mr/drafts/{draft}/undo", {}, "")
        table("The console's pages with a lot behind them", rows)


if __name__ == "__main__":
    main()
