#!/usr/bin/env python3
"""Trains a PyTorch script in script mode, with the calls that the SageMaker SDK's PyTorch estimator makes.

    eval "$(millrace env --data-dir DIR)"
    python3 examples/digits/submit.py
    python3 examples/digits/submit.py --epochs 20 --lr 0.003

The script is source/train.py. The data are the 1,797 handwritten digits (8 by 8 pixels; UCI, Alpaydin and Kaynak) that
scikit-learn brings along: Debian's python3-sklearn here, python3-torch on the machine of the daemon.
"""

import argparse
import io
import json
import os
import sys
import tarfile
import time
from pathlib import Path

import boto3
from sklearn.datasets import load_digits

BUCKET = "digits"
# Any account, region and tag will do: scripts run on the machine's own Python, and the log says which it is.
IMAGE = "763104351884.dkr.ecr.us-west-2.amazonaws.com/pytorch-training:2.3.0-cpu-py311"
SOURCE = Path(__file__).parent / "source"
HELD_OUT = 297


def client(service):
    return boto3.client(service, endpoint_url=os.environ["AWS_ENDPOINT_URL"])


def csv_of(labels, images):
    return "".join(",".join(str(int(cell)) for cell in [label, *image]) + "\n" for label, image in zip(labels, images))


def upload(s3, job):
    """Data once more for each job, as they are small, and the code where the SDK puts it."""
    images, labels = load_digits(return_X_y=True)
    s3.put_object(Bucket=BUCKET, Key="train/digits.csv", Body=csv_of(labels[:-HELD_OUT], images[:-HELD_OUT]))
    s3.put_object(Bucket=BUCKET, Key="validation/digits.csv", Body=csv_of(labels[-HELD_OUT:], images[-HELD_OUT:]))
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for path in sorted(SOURCE.iterdir()):
            tar.add(path, path.name)
    key = f"{job}/source/sourcedir.tar.gz"
    s3.put_object(Bucket=BUCKET, Key=key, Body=archive.getvalue())
    return f"s3://{BUCKET}/{key}"


def channel(name):
    return {"ChannelName": name, "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{name}/"}}}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=50)
    parser.add_argument("--lr", type=float, default=0.01)
    args = parser.parse_args()
    if "AWS_ENDPOINT_URL" not in os.environ:
        sys.exit('AWS_ENDPOINT_URL is not set. Run: eval "$(millrace env --data-dir DIR)"')

    s3, sagemaker = client("s3"), client("sagemaker")
    if BUCKET not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=BUCKET)
    job = time.strftime("digits-%Y-%m-%d-%H-%M-%S")
    parameters = {"epochs": args.epochs, "batch-size": args.batch_size, "lr": args.lr, "sagemaker_program": "train.py",
                  "sagemaker_submit_directory": upload(s3, job), "sagemaker_container_log_level": 20,
                  "sagemaker_job_name": job, "sagemaker_region": "us-west-2"}
    sagemaker.create_training_job(
        TrainingJobName=job, RoleArn="arn:aws:iam::111122223333:role/Trainer",
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File", "MetricDefinitions": [
            {"Name": "validation:accuracy", "Regex": "validation:accuracy=([0-9.]+)"}]},
        HyperParameters={name: json.dumps(value) for name, value in parameters.items()},
        InputDataConfig=[channel("train"), channel("validation")], OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/output"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        StoppingCondition={"MaxRuntimeInSeconds": 3600})
    while True:
        told = sagemaker.describe_training_job(TrainingJobName=job)
        if told["TrainingJobStatus"] in ("Completed", "Failed", "Stopped"):
            break
        time.sleep(1)
    if told["TrainingJobStatus"] != "Completed":
        sys.exit(f"{job}: {told['TrainingJobStatus']}: {told.get('FailureReason', '')}")
    accuracy = {m["MetricName"]: m["Value"] for m in told["FinalMetricDataList"]}["validation:accuracy"]
    print(f"{job}: accuracy {accuracy:.4f} on {HELD_OUT} digits it has not seen, "
          f"model in {told['ModelArtifacts']['S3ModelArtifacts']}")


if __name__ == "__main__":
    main()
