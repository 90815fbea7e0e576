"""BatchPutMetrics of sagemaker-metrics, as run.log_metric sends it, through boto3 with the model of the client kit."""

import datetime
import json
import os
import subprocess
import time

import pytest

from conftest import job_request, unique, wait_until_ended


@pytest.fixture(scope="module")
def kit_environment(daemon, tmp_path_factory):
    kit = tmp_path_factory.mktemp("kit") / "kit"
    daemon.cli("kit", str(kit))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    keys = {name: daemon.environment[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION")}
    return {**kept, **keys, "AWS_DATA_PATH": str(kit), "PYTHONDONTWRITEBYTECODE": "1"}


def put(environment, component, points):
    script = ("import boto3, json, sys\n"
              "from botocore.exceptions import ClientError\n"
              "try:\n"
              "    answer = boto3.client('sagemaker-metrics').batch_put_metrics(**json.loads(sys.argv[1]))\n"
              "    print(json.dumps({name: answer[name] for name in answer if name != 'ResponseMetadata'}))\n"
              "except ClientError as error:\n"
              "    print(json.dumps(error.response['Error']))\n")
    request = {"TrialComponentName": component, "MetricData": points}
    done = subprocess.run(["/usr/bin/python3", "-c", script, json.dumps(request)], env=environment, text=True,
                          capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def point(name, value, at, step):
    return {"MetricName": name, "Value": value, "Timestamp": at, "Step": step}


def test_metrics_of_a_jobs_component_are_the_jobs(daemon, sagemaker, bucket, kit_environment):
    name = unique("Logged")
    sagemaker.create_training_job(**job_request(name, daemon.add_program("report.py"), bucket))
    wait_until_ended(sagemaker, name)  # points after the end are taken: the SDK sends its last ones then
    at = int(time.time())
    answer = put(kit_environment, f"{name.lower()}-aws-training-job",
                 [point("validation:accuracy", 0.5 + step / 10, at + step, step) for step in range(10)])
    assert answer == {}
    points = daemon.client("cloudwatch").get_metric_statistics(
        Namespace="/aws/sagemaker/TrainingJobs", MetricName="validation:accuracy", Period=3600,
        Dimensions=[{"Name": "TrainingJobName", "Value": name}], Statistics=["SampleCount", "Maximum"],
        StartTime=datetime.datetime.fromtimestamp(at - 7200, datetime.timezone.utc),
        EndTime=datetime.datetime.fromtimestamp(at + 7200, datetime.timezone.utc))["Datapoints"]
    assert sum(found["SampleCount"] for found in points) == 10
    assert max(found["Maximum"] for found in points) == pytest.approx(1.4)


def test_what_is_no_jobs_component_is_refused(kit_environment):
    error = put(kit_environment, "my-run", [point("loss", 1.0, 1700000000, 0)])
    assert error["Code"] == "ValidationException" and "CreateTrialComponent" in error["Message"]
    error = put(kit_environment, "My-Run", [point("loss", 1.0, 1700000000, 0)])
    assert error["Code"] == "ValidationException" and "trialComponentName" in error["Message"]
