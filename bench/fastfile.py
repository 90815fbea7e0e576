#!/usr/bin/env python3
"""FastFile: a large object and many small ones read by a job, through the FUSE view and as hard links, beside the
file itself and beside downloading first with the AWS CLI."""

import os
import re
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from harness import ROOT, median, running_daemon, table
from conftest import channel, job_request, log_lines, wait_until_ended

LARGE_BYTES = int(os.environ.get("LARGE_MIB", "2048")) << 20
SMALL_FILES, SMALL_BYTES = int(os.environ.get("SMALL_FILES", "10000")), 10 << 10
ROUNDS = 3
GIB = 1 << 30


@contextmanager
def daemon_with_remote_store():
    os.environ["MILLRACE_STORE_IS_REMOTE"] = "true"
    try:
        with running_daemon() as daemon:
            yield daemon
    finally:
        del os.environ["MILLRACE_STORE_IS_REMOTE"]


def upload(s3, daemon, folder):
    s3.create_bucket(Bucket="bench")
    large = folder / "large.bin"
    with open(large, "wb") as file:
        for _ in range(LARGE_BYTES >> 24):
            file.write(os.urandom(1 << 24))
    s3.upload_file(str(large), "bench", "large/data.bin")
    large.unlink()
    for number in range(SMALL_FILES):
        s3.put_object(Bucket="bench", Key=f"small/{number // 1000}/{number:05}.bin", Body=os.urandom(SMALL_BYTES))


def read_by_job(daemon, image, prefix, name):
    """Seconds of the first and the second pass of a job that reads the channel in FastFile mode."""
    sagemaker, logs = daemon.client("sagemaker"), daemon.client("logs")
    sagemaker.create_training_job(**job_request(
        name, image, "bench", InputDataConfig=[channel("train", f"s3://bench/{prefix}/", InputMode="FastFile")]))
    job = wait_until_ended(sagemaker, name, timeout=300)
    assert job["TrainingJobStatus"] == "Completed", job
    text = "\n".join(log_lines(logs, name))
    return [float(seconds) for seconds in re.findall(r"^pass \d .* seconds (\S+)$", text, re.MULTILINE)]


def download_with_cli(daemon, prefix):
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as target:
        started = time.monotonic()
        subprocess.run(["/usr/bin/aws", "s3", "cp", "--recursive", "--quiet", "--endpoint-url", daemon.endpoint,
                        f"s3://bench/{prefix}/", target], check=True, env=daemon.shell_environment())
        return time.monotonic() - started


def main():
    times = {name: [] for name in ("view", "view again", "links", "file", "small view", "small view again",
                                   "small links", "cli")}
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder, \
            running_daemon() as here, daemon_with_remote_store() as elsewhere:
        for daemon in (here, elsewhere):
            image = daemon.add_program("read_channel.py")
            upload(daemon.client("s3"), daemon, Path(folder))
        for number in range(ROUNDS):
            first, second = read_by_job(elsewhere, image, "large", f"large-{number}")
            times["view"].append(first)
            times["view again"].append(second)
            # A hard link is the store's own file, so this is what the same program reads without a view.
            first, second = read_by_job(here, image, "large", f"large-{number}")
            times["links"].append(first)
            times["file"].append(second)
            first, second = read_by_job(elsewhere, image, "small", f"small-{number}")
            times["small view"].append(first)
            times["small view again"].append(second)
            times["small links"].append(read_by_job(here, image, "small", f"small-{number}")[0])
        for _ in range(2):
            times["cli"].append(download_with_cli(elsewhere, "small"))

    def rate(name):
        return LARGE_BYTES / GIB / median(times[name])

    def files(name):
        return SMALL_FILES / median(times[name])

    table("FastFile", [
        ["2 GiB object through the view, first sequential read, median", f"{rate('view'):.2f} GiB/s", "-", "-",
         "at least 1 GiB/s"],
        ["the second, from page cache", f"{rate('view again'):.2f} GiB/s", f"the file itself, by the same program in a job {rate('file'):.2f} GiB/s",
         f"{rate('view again') / rate('file'):.2f}", "at least 0.6"],
        ["the same object as a hard link, first read", f"{rate('links'):.2f} GiB/s",
         f"the file itself, likewise {rate('file'):.2f} GiB/s", f"{rate('links') / rate('file'):.2f}", "-"],
        ["10,000 files of 10 KiB opened, read and closed through the view", f"{files('small view'):,.0f} files/s",
         f"aws s3 cp --recursive {files('cli'):,.0f} files/s", f"{files('small view') / files('cli'):.1f}",
         "at least 3"],
        ["the second time", f"{files('small view again'):,.0f} files/s", "-", "-", "-"],
        ["as hard links", f"{files('small links'):,.0f} files/s", "the same",
         f"{files('small links') / files('cli'):.1f}", "-"]])


if __name__ == "__main__":
    main()
