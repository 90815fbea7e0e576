"""CloudWatch metrics as the SageMaker SDKs read them, through Debian's boto3 and as newer clients speak."""

import datetime
import gzip
import json
import math
import urllib.error
import urllib.request

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from conftest import job_request, unique, wait_until_ended

HOUR = datetime.datetime.now(datetime.timezone.utc).replace(minute=0, second=0, microsecond=0) - datetime.timedelta(hours=2)


def at(seconds):
    return HOUR + datetime.timedelta(seconds=seconds)


@pytest.fixture(scope="module")
def cloudwatch(daemon):
    return daemon.client("cloudwatch")


def put(cloudwatch, namespace, name, values, **more):
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=[
        {"MetricName": name, "Timestamp": at(seconds), "Value": value, **more} for seconds, value in values])


def test_training_job_analytics_finds_every_metric_of_a_job(daemon, sagemaker, cloudwatch, bucket):
    # The calls of TrainingJobAnalytics.dataframe(): Describe, then GetMetricStatistics for each definition.
    name = unique("analysed")
    image = daemon.add_program("report.py")
    sagemaker.create_training_job(**job_request(
        name, image, bucket, HyperParameters={"epochs": "3"},
        AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File",
                                "MetricDefinitions": [{"Name": "loss", "Regex": r"loss=([0-9.]+)"}]}))
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    question = {"Namespace": "/aws/sagemaker/TrainingJobs", "MetricName": "loss",
                "Dimensions": [{"Name": "TrainingJobName", "Value": name}], "StartTime": job["TrainingStartTime"],
                "EndTime": job["TrainingEndTime"] + datetime.timedelta(minutes=1), "Period": 60}
    points = cloudwatch.get_metric_statistics(Statistics=["Average", "SampleCount", "Minimum"], **question)["Datapoints"]
    assert sum(point["SampleCount"] for point in points) == 3
    final = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert min(point["Minimum"] for point in points) == pytest.approx(final["loss"])
    listed = cloudwatch.list_metrics(Namespace="/aws/sagemaker/TrainingJobs",
                                     Dimensions=[{"Name": "TrainingJobName", "Value": name}])["Metrics"]
    assert [metric["MetricName"] for metric in listed] == ["loss"]


def test_what_was_put_is_averaged_by_period(cloudwatch):
    namespace = unique("space")
    put(cloudwatch, namespace, "latency", [(0, 1), (30, 3), (60, 10)], Unit="Milliseconds")
    answer = cloudwatch.get_metric_statistics(Namespace=namespace, MetricName="latency", StartTime=at(0), EndTime=at(120),
                                              Period=60, Statistics=["Average", "Maximum"])
    assert answer["Label"] == "latency"
    assert [(p["Timestamp"], p["Average"], p["Maximum"], p["Unit"]) for p in answer["Datapoints"]] == [
        (at(0), 2, 3, "Milliseconds"), (at(60), 10, 10, "Milliseconds")]


def test_a_paginator_walks_a_long_series(cloudwatch):
    namespace = unique("space")
    put(cloudwatch, namespace, "loss", [(60 * minute, minute) for minute in range(20)])
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[{"Id": "a", "MetricStat": {"Metric": {"Namespace": namespace, "MetricName": "loss"},
                                                      "Period": 60, "Stat": "Sum"}}],
        StartTime=at(0), EndTime=at(3600), MaxDatapoints=7, ScanBy="TimestampAscending")
    values = [value for page in pages for result in page["MetricDataResults"] for value in result["Values"]]
    assert values == list(range(20))


def test_what_is_wrong_with_a_request_is_named(cloudwatch):
    with pytest.raises(ClientError) as refused:
        put(cloudwatch, unique("space"), "loss", [(0, math.inf)])
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValue"
    assert "MetricData[0].Value" in refused.value.response["Error"]["Message"]
    with pytest.raises(ClientError) as refused:
        cloudwatch.get_metric_statistics(Namespace="n", MetricName="m", StartTime=at(0), EndTime=at(-60), Period=60,
                                         Statistics=["Sum"])
    assert refused.value.response["Error"]["Code"] == "InvalidParameterCombination"


def test_newer_clients_speak_json_and_compress(daemon, cloudwatch):
    # botocore 1.42.7 and later, which Debian does not have: AWS JSON 1.0 in query-compatible mode, larger bodies in gzip.
    namespace = unique("space")

    def call(operation, document, compressed=False):
        body = json.dumps(document).encode()
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amzn-Query-Mode": "true",
                   "X-Amz-Target": f"GraniteServiceVersion20100801.{operation}"}
        if compressed:
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        request = AWSRequest("POST", daemon.endpoint + "/", headers=headers, data=body)
        keys = Credentials(daemon.environment["AWS_ACCESS_KEY_ID"], daemon.environment["AWS_SECRET_ACCESS_KEY"])
        SigV4Auth(keys, "monitoring", "us-east-1").add_auth(request)
        return urllib.request.urlopen(urllib.request.Request(request.url, body, dict(request.headers), method="POST"))

    data = [{"MetricName": "loss", "Timestamp": at(second).timestamp(), "Value": float(second)} for second in range(600)]
    assert call("PutMetricData", {"Namespace": namespace, "MetricData": data}, compressed=True).status == 200
    question = {"Namespace": namespace, "MetricName": "loss", "StartTime": at(0).timestamp(), "EndTime": at(600).timestamp(),
                "Period": 300, "Statistics": ["Sum", "SampleCount"]}
    answer = json.load(call("GetMetricStatistics", question))
    assert [(p["Timestamp"], p["Sum"], p["SampleCount"]) for p in answer["Datapoints"]] == [
        (at(0).timestamp(), sum(range(300)), 300), (at(300).timestamp(), sum(range(300, 600)), 300)]
    with pytest.raises(urllib.error.HTTPError) as refused:
        call("GetMetricStatistics", question | {"Period": 7})
    assert refused.value.headers["x-amzn-query-error"] == "InvalidParameterValue;Sender"
