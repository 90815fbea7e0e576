#!/usr/bin/env python3
"""Finds the unusual days of New York's taxi traffic with a random cut forest, through boto3.

    eval "$(millrace env --data-dir DIR)"
    python3 examples/nyc_taxi/detect.py --series nyc_taxi.csv
    python3 examples/nyc_taxi/detect.py --series nyc_taxi.csv --windows combined_windows.json

--series is a CSV file with the columns timestamp and value and a row each half hour, such as data/realKnownCause/nyc_taxi.csv of
the Numenta Anomaly Benchmark (NAB, github.com/numenta/NAB). With --windows, labels/combined_windows.json of the same, it is also
said which of the labelled windows were found. Any series with a weekly rhythm will do; --every says how far its rows lie apart.

What is done, and why:

1. From each count the median of its time of the week is subtracted (all Mondays at 9:00, and so on). A quiet Thursday
   afternoon is an ordinary night's count: by its height alone nobody, a forest included, can tell that it is unusual.
2. Shingles of 8 rows, four hours: a row is a stretch of the series, so that one odd count matters less than a run of them.
3. A forest of SageMaker's default size (100 trees of 256 rows) is trained by a job; the model scores the same shingles.
4. Unusual is what scores above mean + 3 standard deviations, the rule of SageMaker's algorithm and notebooks. Shingles that
   overlap, or follow within a day, are one event.

The medians are those of the whole series: this looks back on what has happened. To judge counts as they come, take the medians of
the weeks before.
"""

import argparse
import csv
import datetime
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BUCKET = "nyc-taxi"
DEVIATIONS = 3
APART = datetime.timedelta(days=1)


def read_series(path, every):
    """Timestamps and values; refuses what is not a series of rows at equal distance."""
    rows = []
    with open(path, newline="") as file:
        lines = csv.reader(file)
        header = next(lines, [])
        if [name.strip() for name in header[:2]] != ["timestamp", "value"]:
            sys.exit(f"{path}, line 1: got {','.join(header)!r}, expected the columns timestamp,value")
        for row in lines:
            try:
                rows.append((datetime.datetime.fromisoformat(row[0]), float(row[1])))
            except (ValueError, IndexError):
                sys.exit(f"{path}, line {lines.line_num}: got {','.join(row)!r}, expected a time such as 2014-07-01 00:30:00 and a number")
            if len(rows) > 1 and rows[-1][0] - rows[-2][0] != every:
                sys.exit(f"{path}, line {lines.line_num}: {rows[-1][0]} follows {rows[-2][0]}, expected a row each {every}. "
                         "Fill in what is missing, or say --every.")
    return [moment for moment, _ in rows], [value for _, value in rows]


def without_rhythm(times, values):
    """Each value less the median of its time of the week."""
    of_time = {}
    for moment, value in zip(times, values):
        of_time.setdefault((moment.weekday(), moment.time()), []).append(value)
    usual = {key: statistics.median(those) for key, those in of_time.items()}
    return [value - usual[moment.weekday(), moment.time()] for moment, value in zip(times, values)]


def events(times, scores, shingle, every):
    """What scores above the threshold: begin, end and highest score, in standard deviations above the mean, of each event."""
    mean, deviation = statistics.fmean(scores), statistics.pstdev(scores)
    found = []
    for first, score in enumerate(scores):
        if score <= mean + DEVIATIONS * deviation:
            continue
        begin, end, height = times[first], times[first + shingle - 1] + every, (score - mean) / deviation
        if found and begin - found[-1][1] < APART:
            found[-1] = (found[-1][0], end, max(found[-1][2], height))
        else:
            found.append((begin, end, height))
    return found


def train(rows, settings):
    """Trains a job on rows of a CSV text; returns the bytes of its model.tar.gz."""
    import boto3
    endpoint = os.environ.get("AWS_ENDPOINT_URL")  # Debian's boto3 does not read it yet
    s3, sagemaker = (boto3.client(name, endpoint_url=endpoint) for name in ("s3", "sagemaker"))
    if BUCKET not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=BUCKET)
    name = "nyc-taxi-" + time.strftime("%Y-%m-%d-%H-%M-%S", time.gmtime())
    s3.put_object(Bucket=BUCKET, Key=f"{name}/train/shingles.csv", Body=rows)
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{name}/train/", "S3DataDistributionType": "ShardedByS3Key"}
    sagemaker.create_training_job(
        TrainingJobName=name, RoleArn="arn:aws:iam::111122223333:role/Trainer",
        AlgorithmSpecification={"TrainingImage": "randomcutforest", "TrainingInputMode": "File"}, HyperParameters=settings,
        InputDataConfig=[{"ChannelName": "train", "ContentType": "text/csv;label_size=0", "DataSource": {"S3DataSource": source}}],
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/output"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        StoppingCondition={"MaxRuntimeInSeconds": 600})
    try:
        while (job := sagemaker.describe_training_job(TrainingJobName=name))["TrainingJobStatus"] in ("InProgress", "Stopping"):
            time.sleep(0.2)
    except KeyboardInterrupt:
        sagemaker.stop_training_job(TrainingJobName=name)
        sys.exit(f"interrupted: job {name} is being stopped")
    if job["TrainingJobStatus"] != "Completed":
        sys.exit(f"job {name} ended {job['TrainingJobStatus']}: {job.get('FailureReason', '')}")
    return s3.get_object(Bucket=BUCKET, Key=job["ModelArtifacts"]["S3ModelArtifacts"].split("/", 3)[3])["Body"].read()


def score(model, rows, millrace):
    """A score for each row."""
    with tempfile.TemporaryDirectory() as folder:
        archive, table = Path(folder) / "model.tar.gz", Path(folder) / "shingles.csv"
        archive.write_bytes(model)
        table.write_text(rows)
        answer = subprocess.run([millrace, "score", "--model", archive, "--input", table, "--accept", "text/csv"],
                                check=True, capture_output=True, text=True).stdout
    return [float(line) for line in answer.split()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=Path, required=True, help="CSV file: timestamp,value")
    parser.add_argument("--windows", type=Path, help="NAB's combined_windows.json")
    parser.add_argument("--every", type=float, default=30, metavar="MINUTES", help="between two rows (default 30)")
    parser.add_argument("--shingle", type=int, default=8, metavar="ROWS", help="of the series in a row of the forest (default 8)")
    parser.add_argument("--seed", type=int, default=0, help="of the forest (default 0)")
    parser.add_argument("--millrace", default="millrace", help="program that scores the model")
    options = parser.parse_args()
    every = datetime.timedelta(minutes=options.every)
    times, values = read_series(options.series, every)
    if len(times) < options.shingle + 100:
        sys.exit(f"{options.series}: {len(times)} rows, expected {options.shingle + 100} at least: a tree needs a shingle")
    deviations = without_rhythm(times, values)
    shingles = "".join(",".join(f"{value:.6g}" for value in deviations[i:i + options.shingle]) + "\n"
                       for i in range(len(deviations) - options.shingle + 1))
    model = train(shingles, {"feature_dim": str(options.shingle), "seed": str(options.seed)})
    found = events(times, score(model, shingles, options.millrace), options.shingle, every)
    windows = []
    if options.windows:
        key = f"realKnownCause/{options.series.name}"
        labelled = json.loads(options.windows.read_text())
        if key not in labelled:
            sys.exit(f"{options.windows}: no windows of {key}, which --series is named after")
        windows = [tuple(map(datetime.datetime.fromisoformat, window)) for window in labelled[key]]
    overlap = lambda event, window: event[0] <= window[1] and event[1] >= window[0]
    for event in found:
        label = "" if not windows else "   labelled" if any(overlap(event, window) for window in windows) else "   not labelled"
        print(f"{event[0]:%a %Y-%m-%d %H:%M} to {event[1]:%a %Y-%m-%d %H:%M}   {event[2]:.1f} deviations above the mean{label}")
    hits = sum(any(overlap(event, window) for event in found) for window in windows)
    if windows:
        print(f"{hits} of {len(windows)} labelled windows found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
