#!/usr/bin/env python3
"""Trains image-classification on Fashion-MNIST through boto3 and evaluates the model.

    eval "$(millrace env --data-dir DIR)"
    python3 examples/fashion_mnist/train.py --data build/quickstart --trainer build/release/bin/millrace-trainer

--data holds train.rec, validation.rec and test.rec (scripts/quickstart packs them).
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import boto3

BUCKET = "quickstart"
LOG_GROUP = "/aws/sagemaker/TrainingJobs"
HERE = Path(__file__).parent

# ResNet-20 for 28x28 pictures; the rate falls for the last epoch, so that three suffice.
HYPERPARAMETERS = {
    "num_layers": "20", "image_shape": "3,28,28", "num_classes": "10", "mini_batch_size": "64", "epochs": "3",
    "learning_rate": "0.1", "lr_scheduler_step": "2", "lr_scheduler_factor": "0.1",
}


class Progress:
    """One line per epoch; below it, on a terminal, a bar with throughput and time left."""

    def __init__(self, epochs, samples, batch):
        self.epochs, self.batches, self.batch = epochs, max(1, samples // batch), batch
        self.live = sys.stdout.isatty()
        self.started = None
        self.rates, self.epoch = [], {}

    def bar(self, done, rate):
        if not self.live:
            return
        width = 30
        total = self.epochs * self.batches
        full = int(width * done / total)
        left = (total - done) * self.batch / rate if rate else 0
        sys.stdout.write(f"\r     [{'#' * full}{'.' * (width - full)}] {100 * done / total:3.0f} %  "
                         f"{rate:5.0f} images/s  {int(left) // 60}:{int(left) % 60:02} left\033[K")
        sys.stdout.flush()

    def line(self, text):
        if self.live:
            sys.stdout.write("\r\033[K")
        print("     " + text, flush=True)

    def read(self, message):
        found = re.search(r"Epoch\[(\d+)\] Batch \[(\d+)\]\s+Speed: ([\d.]+)", message)
        if found:
            self.bar(int(found[1]) * self.batches + int(found[2]), float(found[3]))
            return
        found = re.search(r"Epoch\[(\d+)\] (Train-accuracy|Time cost|Validation-accuracy)=([\d.]+)", message)
        if not found:
            return
        self.epoch[found[2]] = float(found[3])
        if found[2] == "Validation-accuracy":
            seconds = self.epoch.get("Time cost", 0)
            rate = self.batches * self.batch / seconds if seconds else 0
            self.rates.append(rate)
            number = int(found[1]) + 1
            self.line(f"epoch {number}/{self.epochs}   train accuracy {self.epoch.get('Train-accuracy', 0):.4f}   "
                      f"validation accuracy {self.epoch['Validation-accuracy']:.4f}   {rate:5.0f} images/s   "
                      f"{seconds:.1f} s")
            self.bar(number * self.batches, rate)


def follow(sagemaker, logs, name, progress):
    """Feeds the log to `progress` until the job has ended; returns its description."""
    token, stream = {}, None
    while True:
        job = sagemaker.describe_training_job(TrainingJobName=name)
        ended = job["TrainingJobStatus"] in ("Completed", "Failed", "Stopped")
        try:
            if stream is None:
                found = logs.describe_log_streams(logGroupName=LOG_GROUP, logStreamNamePrefix=name + "/")["logStreams"]
                stream = found[0]["logStreamName"] if found else None
        except logs.exceptions.ResourceNotFoundException:
            pass
        while stream:
            page = logs.get_log_events(logGroupName=LOG_GROUP, logStreamName=stream, startFromHead=True, **token)
            token = {"nextToken": page["nextForwardToken"]}
            if not page["events"]:
                break
            for event in page["events"]:
                progress.read(event["message"])
        if ended:
            return job
        time.sleep(0.5)


def stop(sagemaker, name):
    try:
        sagemaker.stop_training_job(TrainingJobName=name)
        while sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"] in ("InProgress", "Stopping"):
            time.sleep(0.2)
    except Exception as failure:  # the daemon may be gone already; its own clean-up then stops the job
        print(f"     could not stop {name} in order: {failure}", file=sys.stderr)


def show_evaluation(report):
    print(f"\n     {'class':<14}{'precision':>10}{'recall':>10}{'pictures':>10}")
    for row in report["classes"]:
        print(f"     {row['name']:<14}{row['precision']:>10.3f}{row['recall']:>10.3f}{row['images']:>10}")


def eight_lines(image, samples):
    return f"""\
import boto3, os
s3, sm = (boto3.client(name, endpoint_url=os.environ["AWS_ENDPOINT_URL"]) for name in ("s3", "sagemaker"))
s3.upload_file("train.rec", "{BUCKET}", "train/train.rec"); s3.upload_file("validation.rec", "{BUCKET}", "validation/validation.rec")
channel = lambda n: {{"ChannelName": n, "ContentType": "application/x-recordio", "DataSource": {{"S3DataSource": {{"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{{n}}/"}}}}}}
sm.create_training_job(TrainingJobName="my-job", RoleArn="arn:aws:iam::111122223333:role/Trainer", AlgorithmSpecification={{"TrainingImage": "{image}", "TrainingInputMode": "File"}},
    HyperParameters={json.dumps({**HYPERPARAMETERS, "num_training_samples": str(samples)})}, InputDataConfig=[channel("train"), channel("validation")], OutputDataConfig={{"S3OutputPath": "s3://{BUCKET}/output"}},
    ResourceConfig={{"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}}, StoppingCondition={{"MaxRuntimeInSeconds": 3600}})
sm.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="my-job")"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train.rec, validation.rec and test.rec")
    parser.add_argument("--trainer", default="millrace-trainer", help="program that evaluates the model")
    parser.add_argument("--samples", type=int, default=55000, help="pictures in train.rec (default 55000)")
    parser.add_argument("--epochs", type=int, default=int(HYPERPARAMETERS["epochs"]), help="passes over them")
    arguments = parser.parse_args()
    HYPERPARAMETERS["epochs"] = str(arguments.epochs)

    # Debian's boto3 does not read AWS_ENDPOINT_URL yet; newer ones do.
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    s3, sagemaker, logs = (boto3.client(name, endpoint_url=endpoint) for name in ("s3", "sagemaker", "logs"))
    if BUCKET not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=BUCKET)
    for part in ("train", "validation"):
        s3.upload_file(str(arguments.data / f"{part}.rec"), BUCKET, f"{part}/{part}.rec")

    name = "fashion-mnist-" + time.strftime("%Y-%m-%d-%H-%M-%S", time.gmtime())
    image = "image-classification"
    sagemaker.create_training_job(
        TrainingJobName=name, RoleArn="arn:aws:iam::111122223333:role/Trainer",
        AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File"},
        HyperParameters={**HYPERPARAMETERS, "num_training_samples": str(arguments.samples)},
        InputDataConfig=[
            {"ChannelName": part, "ContentType": "application/x-recordio",
             "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{part}/"}}}
            for part in ("train", "validation")],
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/output"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 3600})
    print(f"     job {name}: {arguments.samples} pictures, {arguments.epochs} epochs of ResNet-20")
    progress = Progress(arguments.epochs, arguments.samples, int(HYPERPARAMETERS["mini_batch_size"]))
    try:
        job = follow(sagemaker, logs, name, progress)
    except KeyboardInterrupt:
        print("\n     interrupted: stopping the job", file=sys.stderr)
        stop(sagemaker, name)
        return 130
    if progress.live:
        sys.stdout.write("\r\033[K")
    if job["TrainingJobStatus"] != "Completed":
        print(f"     the job ended {job['TrainingJobStatus']}: {job.get('FailureReason', '')}", file=sys.stderr)
        return 1
    seconds = (job["TrainingEndTime"] - job["CreationTime"]).total_seconds()

    model = job["ModelArtifacts"]["S3ModelArtifacts"]
    archive = arguments.data / "model.tar.gz"
    s3.download_file(BUCKET, model.split("/", 3)[3], str(archive))
    evaluation = arguments.data / "evaluation"
    subprocess.run([arguments.trainer, "evaluate", "--model", str(archive), "--data", str(arguments.data / "test.rec"),
                    "--classes", str(HERE / "classes.txt"), "--output", str(evaluation)],
                   check=True, stdout=subprocess.DEVNULL)
    report = json.loads((evaluation / "evaluation.json").read_text())
    show_evaluation(report)
    pictures = report["images"]
    print(f"\n     accuracy on {pictures} unseen pictures: {100 * report['accuracy']:.2f} %   job: {seconds:.1f} s")
    print(f"     confusion matrix and worst mistakes: {evaluation / 'report.html'}")
    print(f"     model: {model}")
    print("\n     The same in eight lines of boto3:\n")
    print(eight_lines(image, arguments.samples))
    print()
    print(json.dumps({"accuracy": round(report["accuracy"], 4), "job_seconds": round(seconds, 1),
                      "images_per_second": round(sum(progress.rates) / max(1, len(progress.rates))),
                      "job": name, "model": model}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
