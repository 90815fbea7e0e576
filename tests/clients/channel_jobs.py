"""Jobs with one channel, and what the console is told that it has delivered."""

from conftest import channel, job_request, unique, wait_until_ended
from console import Browser
from daemon import Daemon
from tabular_jobs import csv, image_of

# Two objects of 300 and 200 rows.
OBJECTS = {"data/a.csv": csv((n % 7, n % 11) for n in range(300)), "data/b.csv": csv((n % 5, n % 13) for n in range(200))}
ROWS = 500
BYTES = sum(map(len, OBJECTS.values()))


class ChannelJobs(Daemon):
    """A daemon that has /bin/sh for an image, with a browser that is signed in."""

    def __init__(self, folder):
        super().__init__(folder / "data")
        self.cli("images", "add", "shell", "--exec", "/bin/sh")
        self.browser = Browser(self.endpoint)
        self.browser.sign_in({"AccessKeyId": self.environment["AWS_ACCESS_KEY_ID"],
                              "SecretAccessKey": self.environment["AWS_SECRET_ACCESS_KEY"]})
        self.s3, self.sagemaker = self.client("s3"), self.client("sagemaker")

    def start_job(self, image, objects, mode="Pipe", script=None, channel_changes=None, distribution="FullyReplicated",
                  name=None, **changes):
        """Channel 'train' reads `objects` in `mode`; `script` is what the shell runs. Returns the job's name."""
        bucket, name = unique("bucket"), name or unique("channels")
        self.s3.create_bucket(Bucket=bucket)
        for key, body in objects.items():
            self.s3.put_object(Bucket=bucket, Key=key, Body=body)
        train = channel("train", f"s3://{bucket}/data/", InputMode=mode, ContentType="text/csv", **(channel_changes or {}))
        train["DataSource"]["S3DataSource"]["S3DataDistributionType"] = distribution
        request = job_request(name, image, bucket, InputDataConfig=[train], **changes)
        if script:
            request["AlgorithmSpecification"]["ContainerArguments"] = ["-c", script]
        self.sagemaker.create_training_job(**request)
        return name

    def start_kmeans(self, mode, **changes):
        return self.start_job(image_of("kmeans"), OBJECTS, mode, HyperParameters={
            "k": "3", "feature_dim": "2", "epochs": "2", "mini_batch_size": "50"}, **changes)

    def completed(self, name):
        """What the channel of a job that must complete has delivered."""
        job = wait_until_ended(self.sagemaker, name)
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        return self.delivered(name)

    def delivered(self, name):
        [used] = self.browser.get(f"/mr/training-jobs/{name}/usage").json()["Channels"]
        assert used["Name"] == "train"
        return used["Delivered"]
