#!/usr/bin/env python3
"""What Pipe mode saves over File mode, on the two data sets of the public measurement, from a store of capped bandwidth.

    bench/file_against_pipe.py                         # 2,000,000 x 100 in batches of 1000; 400 x 100,000 of 10
    bench/file_against_pipe.py --scale 0.1             # a tenth of the rows
    bench/file_against_pipe.py --store-mb 500 --learner-mb 500

The stand-in consumer is bench/programs/csv_learner.cpp. --learner-mb slows it to a model that takes so long for its
batches; 0 lets it run as fast as it reads. Draws build/file_against_pipe.png.
"""

import argparse
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path

os.environ["MILLRACE_STORE_IS_REMOTE"] = "true"  # before the daemon starts: supervisors fetch as from elsewhere

from harness import BIN, ROOT, running_daemon, table  # noqa: E402
from conftest import channel, job_request, wait_until_ended  # noqa: E402

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


def run_job(daemon, sagemaker, logs, name, image, mode, prefix, batch, learner_mb):
    disk = PeakDisk(daemon.data_dir / "work" / name)
    source = {**channel("train", prefix, ContentType="text/csv;label_size=1"), "InputMode": mode}
    sagemaker.create_training_job(**job_request(
        name, image, "bench", InputDataConfig=[source],
        HyperParameters={"batch": str(batch), "megabytes_per_second": str(learner_mb)},
        AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": mode, "MetricDefinitions": [
            {"Name": "first_batch", "Regex": "first_batch=([0-9.]+)"},
            {"Name": "megabytes", "Regex": "megabytes=([0-9.]+)"}]}))
    job = wait_until_ended(sagemaker, name, timeout=900)
    peak = disk.finish()
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    metrics = {m["MetricName"]: m["Value"] for m in job["FinalMetricDataList"]}
    return {"total": (job["TrainingEndTime"] - job["CreationTime"]).total_seconds(),
            "training": (job["TrainingEndTime"] - job["TrainingStartTime"]).total_seconds(),
            "first_batch": first_batch_time(logs, name) - job["CreationTime"].timestamp(),
            "peak_disk": peak, "megabytes": metrics["megabytes"]}


def first_batch_time(logs, name):
    """From the log: metrics are single-precision, which is two minutes at today's date."""
    group = "/aws/sagemaker/TrainingJobs"
    stream = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=name + "/")["logStreams"][0]
    events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True)
    lines = [event["message"] for event in events["events"]]
    return float(next(line for line in lines if line.startswith("first_batch=")).split("=")[1])


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
    options = arguments.parse_args()

    rows_of_table, results = [], []
    with running_daemon() as daemon, tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        s3, sagemaker, logs = daemon.client("s3"), daemon.client("sagemaker"), daemon.client("logs")
        s3.create_bucket(Bucket="bench")
        daemon.cli("images", "add", "csv-learner", "--exec", str(BIN / "csv_learner"))
        for number, (title, rows, columns, batch, files, demanded) in enumerate(DATA_SETS):
            part = Path(folder) / str(number)
            part.mkdir()
            rows = max(files, int(rows * options.scale))
            subprocess.run([BIN / "csv_generator", part, str(rows), str(columns), str(files)], check=True)
            for file in sorted(part.iterdir()):
                s3.upload_file(str(file), "bench", f"{number}/{file.name}")
                file.unlink()
            relay = CappedRelay(daemon.data_dir / "millrace.sock", options.store_mb * 1e6)
            runs = {mode: run_job(daemon, sagemaker, logs, f"{mode.lower()}-{number}-{int(time.time())}", "csv-learner",
                                  mode, f"s3://bench/{number}/", batch, options.learner_mb)
                    for mode in ("File", "Pipe")}
            relay.close()
            results.append((f"{title}: {rows:,} x {columns:,}, {runs['File']['megabytes'] / 1000:.1f} GB", runs))
            cut = 1 - runs["Pipe"]["total"] / runs["File"]["total"]
            for what, show in (("total", "{:.1f} s"), ("training", "{:.1f} s"), ("first_batch", "{:.2f} s"),
                               ("peak_disk", "{:,.0f} bytes")):
                rows_of_table.append([
                    f"{rows:,} x {columns:,}, batch {batch}: {what.replace('_', ' ')}, Pipe",
                    show.format(runs["Pipe"][what]), "File " + show.format(runs["File"][what]),
                    f"{cut:.0%} less" if what == "total" else "-",
                    f"at least {demanded} % less" if what == "total" else "-"])
    table(f"File against Pipe: store {options.store_mb:.0f} MB/s, learner "
          + (f"{options.learner_mb:.0f} MB/s" if options.learner_mb else "as fast as it can"), rows_of_table)
    draw(results, ROOT / "build/file_against_pipe.png")


if __name__ == "__main__":
    main()
