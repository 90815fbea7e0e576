"""An endpoint of a linear learner on a daemon of the benchmark's own, and requests to it that are signed once and sent many times."""

import io
import tarfile
import time

import numpy
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from conftest import ROLE
from model_server import train
from tabular_jobs import csv

FEATURES = 100
VARIANT = "AllTraffic"


def archive(folder):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for file in sorted(folder.iterdir()):
            tar.add(file, file.name)
    return buffer.getvalue()


def rows(count):
    return numpy.random.default_rng(0).normal(size=(count, FEATURES))


def linear_model(daemon):
    """A model that has been trained on 2000 rows: its name, and the folder with its files."""
    data = rows(2000)
    labels = data @ numpy.random.default_rng(1).normal(size=FEATURES) > 0
    folder = train(daemon.data_dir.parent / "linear", "linear-learner", {"predictor_type": "binary_classifier", "num_models": 1, "epochs": 2},
                   {"train": ("text/csv", csv(numpy.c_[labels, data]))})
    return add_model(daemon, "linear", "linear-learner:1", folder), folder


def add_model(daemon, name, image, folder):
    s3 = daemon.client("s3")
    if not any(bucket["Name"] == "models" for bucket in s3.list_buckets()["Buckets"]):
        s3.create_bucket(Bucket="models")
    s3.put_object(Bucket="models", Key=f"{name}/model.tar.gz", Body=archive(folder))
    daemon.client("sagemaker").create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={
        "Image": image, "ModelDataUrl": f"s3://models/{name}/model.tar.gz"})
    return name


class Endpoint:
    def __init__(self, daemon, model, name):
        self.daemon, self.name = daemon, name
        self.sagemaker = daemon.client("sagemaker")
        self.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[
            {"VariantName": VARIANT, "ModelName": model, "InitialInstanceCount": 1, "InstanceType": "ml.c5.18xlarge"}])

    def create(self, poll=0.05):
        """Its description once it is in service."""
        self.sagemaker.create_endpoint(EndpointName=self.name, EndpointConfigName=self.name)
        while True:
            found = self.sagemaker.describe_endpoint(EndpointName=self.name)
            assert found["EndpointStatus"] in ("Creating", "InService"), found
            if found["EndpointStatus"] == "InService":
                return found
            time.sleep(poll)

    def delete(self):
        self.sagemaker.delete_endpoint(EndpointName=self.name)
        while True:
            try:
                self.sagemaker.describe_endpoint(EndpointName=self.name)
            except self.sagemaker.exceptions.ClientError:
                return
            time.sleep(0.05)

    @property
    def url(self):
        return f"{self.daemon.endpoint}/endpoints/{self.name}/invocations"

    def signed(self, body, content_type):
        """Headers for a request that may be sent again and again within five minutes, the time for which a signature is taken."""
        environment = self.daemon.environment
        request = AWSRequest("POST", self.url, data=body, headers={"Content-Type": content_type})
        SigV4Auth(Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]), "sagemaker",
                  environment["AWS_DEFAULT_REGION"]).add_auth(request)
        return dict(request.headers)
