#!/usr/bin/env python3
"""What Pipe mode saves over File mode, on the two data sets of the public measurement, from a store of capped bandwidth.

    bench/file_against_pipe.py                         # 2,000,000 x 100 in batches of 1000; 400 x 100,000 of 10
    bench/file_against_pipe.py --scale 0.1             # a tenth of the rows
    bench/file_against_pipe.py --store-mb 500 --learner-mb 500
    bench/file_against_pipe.py --built-in              # the built-in linear learner, one epoch, instead of the stand-in

The stand-in consumer is bench/programs/csv_learner.cpp. --learner-mb slows it to a model that takes so long for its
batches; 0 lets it run as fast as it reads. Draws build/file_against_pipe.png.
"""

import argparse
import json
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path

os.environ["MILLRACE_STORE_IS_REMOTE"] = "true"  # before the daemon starts: supervisors fetch as from elsewhere

from harness import BIN, ROOT, running_daemon, table  # noqa: E402
from conftest import channel, job_request, log_lines, wait_until_ended  # noqa: E402

from capped_relay import CappedRelay  # noqa: E402

DATA_SETS = [("many short rows", 2_000_000, 100, 1000, 61, 40), ("few long rows", 400, 100_000, 10, 16, 75)]


class PeakDisk:
    """The most that a job's folder held, looked at ten times a second."""

    def __init__(self, folder):
        self.folder, self.peak, self.done = folder, 0, threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self):
        while not self.done.wait(0.1):
            used = 0
            for place, _, files in os.walk(self.folder):
                for name in files:
                    try:
                        used += os.lstat(os.path.join(place, name)).st_blocks * 512
                    except FileNotFoundError:
                        pass
            self.peak = max(self.peak, used)

    def finish(self):
        self.done.set()
        self.thread.join()
        return self.peak


class StandIn:
    """bench/programs/csv_learner.cpp, as slow as it is told to be."""

    def __init__(self, daemon, megabytes_per_second):
        self.image, self.megabytes_per_second = "csv-learner", megabytes_per_second
        self.name = f"{megabytes_per_second:.0f} MB/s" if megabytes_per_second else "as fast as it can"
        daemon.cli("images", "add", self.image, "--exec", str(BIN / "csv_learner"))

    def request(self, mode, batch):
        return {"HyperParameters": {"batch": str(batch), "megabytes_per_second": str(self.megabytes_per_second)},
                "AlgorithmSpecification": {"TrainingImage": self.image, "TrainingInputMode": mode, "MetricDefinitions": [
                    {"Name": "first_batch", "Regex": "first_batch=([0-9.]+)"}]}}

    def first_batch(self, lines):
        return float(next(line for line in lines if line.startswith("first_batch=")).split("=")[1])


class LinearLearner:
    """The built-in algorithm with its defaults: 32 models."""

    image, name = "linear-learner", "the built-in linear learner"

    def request(self, mode, batch):
        return {"HyperParameters": {"predictor_type": "regressor", "epochs": "1", "mini_batch_size": str(batch)},
                "AlgorithmSpecification": {"TrainingImage": self.image, "TrainingInputMode": mode}}

    def first_batch(self, lines):
        """The end of its first look at the data, which chooses means and deviations."""
        record = next(line for line in lines if line.startswith("#metrics") and "init_train_data_iter" in line)
        return json.loads(record.removeprefix("#metrics "))["EndTime"]


def run_job(daemon, sagemaker, logs, name, learner, mode, prefix, batch):
    disk = PeakDisk(daemon.data_dir / "work" / name)
    source = {**channel("train", prefix, ContentType="text/csv;label_size=1"), "InputMode": mode}
    sagemaker.create_training_job(**job_request(name, learner.image, "bench", InputDataConfig=[source],
                                                **learner.request(mode, batch)))
    job = wait_until_ended(sagemaker, name, timeout=900)
    peak = disk.finish()
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    return {"total": (job["TrainingEndTime"] - job["CreationTime"]).total_seconds(),
            "training": (job["TrainingEndTime"] - job["TrainingStartTime"]).total_seconds(),
            "first_batch": learner.first_batch(log_lines(logs, name)) - job["CreationTime"].timestamp(),
            "peak_disk": peak}


def draw(results, path):
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(results), figsize=(5 * len(results), 4))
    for axis, (title, runs) in zip(axes, results):
        for place, (mode, run) in enumerate(runs.items()):
            before = run["total"] - run["training"]
            axis.barh(place, before, color="#b9c4d0", label="before training" if place == 0 else None)
            axis.barh(place, run["training"], left=before, color="#2f6fab", label="training" if place == 0 else None)
            axis.plot([run["first_batch"]] * 2, [place - 0.4, place + 0.4], color="#d9480f",
                      label="first batch" if place == 0 else None)
        axis.set_yticks(range(len(runs)), list(runs))
        axis.set_xlabel("seconds since CreateTrainingJob")
        axis.set_title(title)
    axes[0].legend(loc="lower right", frameon=False)
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--scale", type=float, default=1.0, help="share of the rows")
    arguments.add_argument("--store-mb", type=float, default=200, help="megabytes a second that the store sends")
    arguments.add_argument("--learner-mb", type=float, default=200, help="megabytes a second that the learner takes; "
                           "0: as fast as it can")
    arguments.add_argument("--built-in", action="store_true", help="train the built-in linear learner")
    options = arguments.parse_args()

    rows_of_table, results = [], []
    with running_daemon() as daemon, tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        s3, sagemaker, logs = daemon.client("s3"), daemon.client("sagemaker"), daemon.client("logs")
        s3.create_bucket(Bucket="bench")
        learner = LinearLearner() if options.built_in else StandIn(daemon, options.learner_mb)
        for number, (title, rows, columns, batch, files, demanded) in enumerate(DATA_SETS):
            part = Path(folder) / str(number)
            part.mkdir()
            rows = max(files, int(rows * options.scale))
            subprocess.run([BIN / "csv_generator", part, str(rows), str(columns), str(files)], check=True)
            size = sum(file.stat().st_size for file in part.iterdir())
            for file in sorted(part.iterdir()):
                s3.upload_file(str(file), "bench", f"{number}/{file.name}")
                file.unlink()
            relay = CappedRelay(daemon.data_dir / "millrace.sock", options.store_mb * 1e6)
            runs = {mode: run_job(daemon, sagemaker, logs, f"{mode.lower()}-{number}-{int(time.time())}", learner, mode,
                                  f"s3://bench/{number}/", batch)
                    for mode in ("File", "Pipe")}
            relay.close()
            results.append((f"{title}: {rows:,} x {columns:,}, {size / 1e9:.1f} GB", runs))
            cut = 1 - runs["Pipe"]["total"] / runs["File"]["total"]
            for what, show in (("total", "{:.1f} s"), ("training", "{:.1f} s"), ("first_batch", "{:.2f} s"),
                               ("peak_disk", "{:,.0f} bytes")):
                rows_of_table.append([
                    f"{rows:,} x {columns:,}, batch {batch}: {what.replace('_', ' ')}, Pipe",
                    show.format(runs["Pipe"][what]), "File " + show.format(runs["File"][what]),
                    f"{cut:.0%} less" if what == "total" else "-",
                    f"at least {demanded} % less" if what == "total" else "-"])
    table(f"File against Pipe: store {options.store_mb:.0f} MB/s, learner {learner.name}", rows_of_table)
    draw(results, ROOT / "build/file_against_pipe.png")


if __name__ == "__main__":
    main()
