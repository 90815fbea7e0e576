"""Jobs of a built-in tabular algorithm, as its tests run them through boto3."""

import json
import subprocess

from conftest import channel, job_request, unique, wait_until_ended
from daemon import MILLRACE


def image_of(algorithm):
    return f"174872318107.dkr.ecr.us-west-2.amazonaws.com/{algorithm}:1"


def csv(rows):
    return "".join(",".join(f"{value:.6f}" for value in row) + "\n" for row in rows).encode()


class TabularJobs:
    """Jobs of one algorithm on a bucket that holds `objects`: channel train reads what begins with train/, and channel `held`
    (test or validation) what begins with its name."""

    def __init__(self, sagemaker, s3, algorithm, settings, objects, held="test", content_type="text/csv"):
        self.sagemaker, self.s3, self.algorithm, self.settings = sagemaker, s3, algorithm, settings
        self.held, self.content_type = held, content_type
        self.bucket = unique("rows")
        s3.create_bucket(Bucket=self.bucket)
        for key, body in objects.items():
            self.put(key, body)

    def put(self, key, body):
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def channel(self, name, prefix, **changes):
        return channel(name, f"s3://{self.bucket}/{prefix}", **{"ContentType": self.content_type, **changes})

    def run(self, mode="File", train="train/", channels=None, **settings):
        """Name and description of a job that has ended."""
        name = unique(self.algorithm)
        if channels is None:
            channels = [self.channel("train", train, InputMode=mode), self.channel(self.held, f"{self.held}/", InputMode=mode)]
        self.sagemaker.create_training_job(**job_request(
            name, image_of(self.algorithm), self.bucket,
            HyperParameters={**self.settings, **settings}, InputDataConfig=channels))
        return name, wait_until_ended(self.sagemaker, name, 120)

    def completed(self, *arguments, **settings):
        """Name and final metrics of a job that must complete."""
        name, job = self.run(*arguments, **settings)
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        return name, {metric["MetricName"]: metric["Value"] for metric in job.get("FinalMetricDataList", [])}

    def expect_failure(self, *parts, **run):
        """Of a job that must fail for a reason with these parts, which is returned."""
        _, job = self.run(**run)
        assert job["TrainingJobStatus"] == "Failed"
        for part in parts:
            assert part in job["FailureReason"], job["FailureReason"]
        return job["FailureReason"]

    def model(self, name, folder):
        path = folder / "model.tar.gz"
        self.s3.download_file(self.bucket, f"out/{name}/output/model.tar.gz", str(path))
        return path

    def scored(self, name, folder, rows, *options):
        """The model's answer to the text of a CSV file, without a server."""
        (folder / "rows.csv").write_bytes(rows)
        answer = subprocess.run(
            [MILLRACE, "score", "--model", str(self.model(name, folder)), "--input", str(folder / "rows.csv"), *options],
            check=True, capture_output=True, text=True, timeout=60).stdout
        return json.loads(answer)
