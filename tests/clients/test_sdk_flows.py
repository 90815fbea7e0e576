"""The calls of the SageMaker Python SDK, v2.257 and v3.20, one after the other with what they read of each answer.

The SDKs themselves are not packaged by Debian. Every client here is checked besides: an answer that departs from its
operation's model fails, since v3 reads answers into typed resources (answer_check.py).
"""

import datetime
import io
import json
import re
import tarfile
import time

import pytest
from botocore.exceptions import ClientError

from answer_check import checked, wrong_in_json, service_model
from conftest import channel, job_request, unique

GROUP = "/aws/sagemaker/TrainingJobs"
POLL = 0.1  # the SDKs sleep 5 and 10 s


@pytest.fixture(scope="module")
def sagemaker(daemon):
    return checked(daemon.client("sagemaker"))


@pytest.fixture(scope="module")
def logs(daemon):
    return checked(daemon.client("logs"))


@pytest.fixture(scope="module")
def sts(daemon):
    return checked(daemon.client("sts"))


@pytest.fixture(scope="module")
def iam(daemon):
    return checked(daemon.client("iam"))


@pytest.fixture(scope="module")
def cloudwatch(daemon):
    return checked(daemon.client("cloudwatch"))


@pytest.fixture(scope="module")
def image(daemon):
    return daemon.add_program("report.py")


def code_of(error):
    return error.value.response["Error"]["Code"]


# --- Session, bucket, role ---------------------------------------------------------------------------------------


def test_get_execution_role(sts, iam):
    identity = sts.get_caller_identity()
    found = re.fullmatch(r"arn:aws:sts::(\d{12}):assumed-role/([^/]+)/.+", identity["Arn"])
    assert found and identity["Account"] == found.group(1) and identity["UserId"]
    role = iam.get_role(RoleName=found.group(2))["Role"]
    assert role["Arn"] == f"arn:aws:iam::{found.group(1)}:role/{found.group(2)}"
    assert role["Path"] and role["RoleId"] and role["CreateDate"] and role["RoleName"] == found.group(2)
    assert role["AssumeRolePolicyDocument"]["Statement"]  # botocore decodes the URL-encoded JSON


def test_get_execution_role_makes_the_default_role_once(iam):
    name = unique("AmazonSageMaker-DefaultRole")
    with pytest.raises(ClientError) as missing:
        iam.get_role(RoleName=name)
    assert code_of(missing) == "NoSuchEntity"
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AmazonSageMakerFullAccess")
    iam.get_waiter("role_exists").wait(RoleName=name, WaiterConfig={"Delay": 0, "MaxAttempts": 1})
    with pytest.raises(ClientError) as taken:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    assert code_of(taken) == "EntityAlreadyExists"


def test_default_bucket_is_made_once_and_found_again(daemon, sts):
    account = sts.get_caller_identity()["Account"]
    for region in ("us-east-1", "eu-west-3"):
        s3 = daemon.client("s3", region)
        bucket = f"sagemaker-{region}-{account}"
        listed = {entry["Name"]: entry["CreationDate"] for entry in s3.list_buckets()["Buckets"]}
        assert bucket not in listed
        with pytest.raises(ClientError) as missing:
            s3.head_bucket(Bucket=bucket)
        assert missing.value.response["Error"] == {"Code": "404", "Message": "Not Found"}
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=bucket, **where)
        # A later session: listed, there, and one's own.
        assert {entry["Name"]: entry["CreationDate"] for entry in s3.list_buckets()["Buckets"]}[bucket]
        s3.head_bucket(Bucket=bucket)
        s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=account)
        with pytest.raises(ClientError) as other:
            s3.head_bucket(Bucket=bucket, ExpectedBucketOwner="999999999999")
        assert code_of(other) == "403"


# --- Estimator.fit -----------------------------------------------------------------------------------------------


def estimator_request(name, image, bucket, **changes):
    """What Estimator.fit sends, defaults and hooks included."""
    return job_request(
        name, image, bucket, ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30},
        StoppingCondition={"MaxRuntimeInSeconds": 86400}, HyperParameters={"epochs": "3", "text": "\"quoted\""},
        DebugHookConfig={"S3OutputPath": f"s3://{bucket}/", "CollectionConfigurations": []},
        ProfilerConfig={"S3OutputPath": f"s3://{bucket}/", "DisableProfiler": False}, **changes)


class TailV2:
    """Session.logs_for_job of v2: positions are a time and how many events of that time were seen."""

    def __init__(self, logs, job, instances):
        self.logs, self.job, self.instances = logs, job, instances
        self.positions, self.lines = {}, []

    def poll(self):
        if len(self.positions) < self.instances:
            try:
                streams = self.logs.describe_log_streams(
                    logGroupName=GROUP, logStreamNamePrefix=self.job + "/", orderBy="LogStreamName",
                    limit=min(self.instances, 50))
                # The SDK repeats this request, without the token, for as long as there is one.
                assert "nextToken" not in streams or len(streams["logStreams"]) > self.instances
                for stream in streams["logStreams"]:
                    self.positions.setdefault(stream["logStreamName"], (0, 0))
            except ClientError as error:
                assert error.response["Error"]["Code"] == "ResourceNotFoundException"
        for stream, (start, skip) in list(self.positions.items()):
            token, to_skip = {}, skip
            for page in range(1000):
                answer = self.logs.get_log_events(logGroupName=GROUP, logStreamName=stream, startTime=start,
                                                  startFromHead=True, **token)
                assert answer["nextForwardToken"] and answer["nextBackwardToken"]
                events = answer["events"]
                if len(events) > to_skip:
                    events, to_skip = events[to_skip:], 0
                else:
                    to_skip, events = to_skip - len(events), []
                for event in events:
                    seen_at, count = self.positions[stream]
                    self.positions[stream] = (event["timestamp"], count + 1 if event["timestamp"] == seen_at else 1)
                    self.lines.append(event["message"])
                if not answer["events"]:
                    assert "nextToken" not in token or answer["nextForwardToken"] == token["nextToken"]
                    break
                token = {"nextToken": answer["nextForwardToken"]}
            else:
                raise AssertionError("GetLogEvents never came to an end")


def fit_v2(sagemaker, logs, request):
    """Estimator.fit(logs=True): returns the last description and the lines that were printed."""
    name = request["TrainingJobName"]
    sagemaker.create_training_job(**request)
    description = sagemaker.describe_training_job(TrainingJobName=name)
    instances = description["ResourceConfig"]["InstanceCount"]
    tail = TailV2(logs, name, instances)
    deadline = time.monotonic() + 90
    while True:
        tail.poll()
        description = sagemaker.describe_training_job(TrainingJobName=name)
        assert description["SecondaryStatusTransitions"][-1]["Status"]
        assert description["SecondaryStatusTransitions"][-1]["StatusMessage"]
        assert description["LastModifiedTime"] and description["SecondaryStatus"]
        if description["TrainingJobStatus"] in ("Completed", "Failed", "Stopped"):
            break
        assert description["TrainingJobStatus"] == "InProgress" and time.monotonic() < deadline
        time.sleep(POLL)
    tail.poll()
    return description, tail.lines


def test_fit_with_logs_of_v2(sagemaker, logs, image, bucket):
    name = unique("fit")
    sagemaker.calls.clear()
    job, lines = fit_v2(sagemaker, logs, estimator_request(name, image, bucket, Tags=[{"Key": "team", "Value": "a"}]))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert sagemaker.calls[0] == "CreateTrainingJob" and set(sagemaker.calls[1:]) == {"DescribeTrainingJob"}
    assert {"DescribeLogStreams", "GetLogEvents"} <= set(logs.calls)
    assert isinstance(job["TrainingTimeInSeconds"], int) and isinstance(job["BillableTimeInSeconds"], int)
    assert job["EnableManagedSpotTraining"] is False and "FailureReason" not in job
    assert [line for line in lines if line.startswith("Epoch")] == [
        f"Epoch[{epoch}] loss={1.0 / (epoch + 1):.4f} accuracy={0.5 + epoch / 10:.2f}" for epoch in range(3)], lines
    hyperparameters = next(json.loads(line.split(" ", 1)[1]) for line in lines if line.startswith("hyperparameters"))
    assert hyperparameters == {"epochs": "3", "text": "\"quoted\""}
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{bucket}/out/{name}/output/model.tar.gz"
    assert sum(line.startswith("arguments") for line in lines) == 1


def test_fit_with_logs_on_several_instances(sagemaker, logs, image, bucket):
    request = estimator_request(unique("fit"), image, bucket)
    request["ResourceConfig"]["InstanceCount"] = 2
    job, lines = fit_v2(sagemaker, logs, request)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert sum(line.startswith("arguments") for line in lines) == 2


def test_fit_with_logs_of_v3(sagemaker, logs, image, bucket):
    """TrainingJob.create(...).wait(logs=True): the token is kept between polls and no start time is sent."""
    name = unique("v3")
    created = sagemaker.create_training_job(**estimator_request(name, image, bucket))
    assert created["TrainingJobArn"].endswith(f":training-job/{name.lower()}")
    streams, tokens, lines = [], {}, []
    deadline = time.monotonic() + 90
    ended = False
    while True:
        if not streams:
            token = {}
            try:
                while True:
                    found = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=name + "/",
                                                      orderBy="LogStreamName", limit=50, **token)
                    streams += [stream["logStreamName"] for stream in found["logStreams"]]
                    if "nextToken" not in found:
                        break
                    token = {"nextToken": found["nextToken"]}
            except ClientError as error:
                assert error.response["Error"]["Code"] == "ResourceNotFoundException"
        for stream in streams:
            while True:
                token = {"nextToken": tokens[stream]} if stream in tokens else {}
                page = logs.get_log_events(logGroupName=GROUP, logStreamName=stream, startFromHead=True, **token)
                tokens[stream] = page["nextForwardToken"]
                lines += [event["message"] for event in page["events"]]
                if not page["events"]:
                    break
        if ended:
            break
        job = sagemaker.describe_training_job(TrainingJobName=name)
        ended = job["TrainingJobStatus"] in ("Completed", "Failed", "Stopped")
        assert time.monotonic() < deadline
        time.sleep(POLL)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert len([line for line in lines if line.startswith("Epoch")]) == 3


def test_a_failed_fit_says_why(daemon, sagemaker, logs, bucket):
    job, _ = fit_v2(sagemaker, logs, estimator_request(unique("fails"), daemon.add_program("fail.py"), bucket))
    assert job["TrainingJobStatus"] == "Failed" and job["FailureReason"].startswith("AlgorithmError")
    assert isinstance(job["TrainingTimeInSeconds"], int) and isinstance(job["BillableTimeInSeconds"], int)


def test_file_system_input_and_model_uri(daemon, sagemaker, logs, s3, image, bucket, tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.csv").write_text("1,2\n")
    added = daemon.cli("filesystems", "add", "--type", "EFS", "--path", str(tmp_path / "set")).stdout
    identifier = re.search(r"fs-[0-9a-f]+", added).group(0)
    s3.put_object(Bucket=bucket, Key="earlier/output/model.tar.gz", Body=b"archive")
    inputs = [
        {"ChannelName": "train", "ContentType": "application/x-image", "DataSource": {"FileSystemDataSource": {
            "FileSystemId": identifier, "FileSystemType": "EFS", "DirectoryPath": "/", "FileSystemAccessMode": "ro"}}},
        channel("model", f"s3://{bucket}/earlier/output/model.tar.gz", ContentType="application/x-sagemaker-model",
                InputMode="File")]
    job, lines = fit_v2(sagemaker, logs, estimator_request(unique("storage"), image, bucket, InputDataConfig=inputs))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["InputDataConfig"][0]["DataSource"] == inputs[0]["DataSource"]
    assert [line for line in lines if line.startswith("file ")] == ["file model/model.tar.gz 7", "file train/a.csv 4"]


def test_attach(sagemaker, image, bucket):
    """Estimator.attach reads these with plain indexing."""
    name = unique("attach")
    arn = sagemaker.create_training_job(**estimator_request(name, image, bucket, Tags=[{"Key": "k", "Value": "v"}]))["TrainingJobArn"]
    job = sagemaker.describe_training_job(TrainingJobName=name)
    assert job["RoleArn"] and job["HyperParameters"]["epochs"] == "3" and job["TrainingJobName"] == name
    assert (job["ResourceConfig"]["InstanceCount"], job["ResourceConfig"]["InstanceType"],
            job["ResourceConfig"]["VolumeSizeInGB"]) == (1, "ml.m5.large", 30)
    assert job["StoppingCondition"]["MaxRuntimeInSeconds"] == 86400
    assert job["AlgorithmSpecification"]["TrainingImage"] == image
    assert job["AlgorithmSpecification"]["TrainingInputMode"] == "File"
    assert job["OutputDataConfig"]["S3OutputPath"] == f"s3://{bucket}/out" and job["OutputDataConfig"]["KmsKeyId"] == ""
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "k", "Value": "v"}]
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(
        TrainingJobName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})


def test_stopping_a_job_that_has_stopped_is_a_validation_exception(sagemaker, image, bucket):
    name = unique("stop")
    sagemaker.create_training_job(**estimator_request(name, image, bucket))
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(
        TrainingJobName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    with pytest.raises(ClientError, match="is in status") as refused:
        sagemaker.stop_training_job(TrainingJobName=name)
    assert code_of(refused) == "ValidationException"


def test_training_job_analytics(sagemaker, cloudwatch, logs, image, bucket):
    request = estimator_request(unique("analytics"), image, bucket)
    request["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": "loss", "Regex": r"loss=([0-9.]+)"},
                                                              {"Name": "accuracy", "Regex": r"accuracy=([0-9.]+)"}]
    job, _ = fit_v2(sagemaker, logs, request)
    frame = []
    for definition in job["AlgorithmSpecification"]["MetricDefinitions"]:
        answer = cloudwatch.get_metric_statistics(
            Namespace=GROUP, MetricName=definition["Name"], StartTime=job["TrainingStartTime"],
            EndTime=job["TrainingEndTime"] + datetime.timedelta(minutes=1), Period=60, Statistics=["Average"],
            Dimensions=[{"Name": "TrainingJobName", "Value": request["TrainingJobName"]}])
        frame += [(definition["Name"], point["Timestamp"], point["Average"]) for point in answer["Datapoints"]]
    assert {name for name, _, _ in frame} == {"loss", "accuracy"}
    assert all(isinstance(time, datetime.datetime) and isinstance(value, float) for _, time, value in frame)
    final = {metric["MetricName"]: metric for metric in job["FinalMetricDataList"]}
    assert final["loss"]["Value"] == pytest.approx(1 / 3, abs=1e-3) and final["loss"]["Timestamp"]


# --- deploy, predict, delete -------------------------------------------------------------------------------------


def model_archive():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        info = tarfile.TarInfo("name.txt")
        info.size = 5
        tar.addfile(info, io.BytesIO(b"model"))
    return buffer.getvalue()


def test_deploy_predict_and_delete(daemon, sagemaker, s3, bucket):
    image = daemon.add_program("serve_model.py")
    runtime = checked(daemon.client("sagemaker-runtime"))
    name = unique("deploy")
    s3.put_object(Bucket=bucket, Key="model.tar.gz", Body=model_archive())
    model = sagemaker.create_model(
        ModelName=name, ExecutionRoleArn="arn:aws:iam::111122223333:role/Trainer", EnableNetworkIsolation=False,
        PrimaryContainer={"Image": image, "Environment": {}, "ModelDataUrl": f"s3://{bucket}/model.tar.gz"})
    with pytest.raises(ClientError, match="Cannot create already existing model") as taken:
        sagemaker.create_model(ModelName=name, ExecutionRoleArn="arn:aws:iam::111122223333:role/Trainer",
                               PrimaryContainer={"Image": image})
    assert code_of(taken) == "ValidationException" and model["ModelArn"]
    with pytest.raises(ClientError, match="Could not find") as missing:  # the SDK's test whether to create or update
        sagemaker.describe_endpoint(EndpointName=name)
    assert code_of(missing) == "ValidationException"
    variants = [{"VariantName": "AllTraffic", "ModelName": name, "InitialInstanceCount": 1,
                 "InstanceType": "ml.m5.large", "InitialVariantWeight": 1}]
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name, Tags=[])
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    endpoint = sagemaker.describe_endpoint(EndpointName=name)
    assert endpoint["EndpointStatus"] == "InService" and endpoint["EndpointArn"].endswith(f":endpoint/{name}")
    assert "FailureReason" not in endpoint

    answer = runtime.invoke_endpoint(EndpointName=name, Body=b"1,2", ContentType="text/csv", Accept="application/json")
    assert answer["ContentType"] == "application/json" and answer["InvokedProductionVariant"] == "AllTraffic"
    assert json.loads(answer["Body"].read())["model"] == "model"

    # delete_model(), then delete_endpoint() with its configuration first.
    config = sagemaker.describe_endpoint_config(EndpointConfigName=sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"])
    sagemaker.describe_model(ModelName=name)
    for variant in config["ProductionVariants"]:
        sagemaker.delete_model(ModelName=variant["ModelName"])
    sagemaker.delete_endpoint_config(EndpointConfigName=config["EndpointConfigName"])
    assert runtime.invoke_endpoint(EndpointName=name, Body=b"1", ContentType="text/csv")["Body"].read()
    sagemaker.delete_endpoint(EndpointName=name)
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})


def test_lists_are_what_the_models_say(sagemaker, logs, iam):
    """Every listing that resources of v3 iterate over."""
    for answer, member in ((sagemaker.list_training_jobs(), "TrainingJobSummaries"), (sagemaker.list_models(), "Models"),
                           (sagemaker.list_endpoints(), "Endpoints"),
                           (sagemaker.list_endpoint_configs(), "EndpointConfigs"), (iam.list_roles(), "Roles"),
                           (logs.describe_log_groups(), "logGroups")):
        assert isinstance(answer[member], list)
        assert answer.get("NextToken", "x") and answer.get("nextToken", "x")


# --- image URIs --------------------------------------------------------------------------------------------------

# region -> registry accounts of get_image_uri and image_uris.retrieve in SDK v2.257, for a few regions of each kind.
ACCOUNTS = {"us-east-1": ("811284229777", "382416733822", "763104351884", "683313688378"),
            "us-west-2": ("433757028032", "174872318107", "763104351884", "246618743249"),
            "eu-west-1": ("685385470294", "438346466558", "763104351884", "141502667606"),
            "ap-southeast-7": ("590183813437", "590183813437", "590183813437", "590183813437"),
            "cn-north-1": ("390948362332", "390948362332", "727897471807", "450853457545")}
BUILT_IN = ["image-classification", "linear-learner", "kmeans", "pca", "randomcutforest", "ntm", "knn"]
FRAMEWORKS = ["pytorch-training:2.3-cpu-py311", "pytorch-training:1.8.1-gpu-py36", "sagemaker-scikit-learn:1.2-1-cpu-py3"]


@pytest.mark.parametrize("region", ACCOUNTS)
def test_image_uris_of_every_account_and_region_are_known(sagemaker, bucket, region):
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    images = [f"{name}:{tag}" for name in BUILT_IN for tag in ("1", "latest")] + FRAMEWORKS
    for account in ACCOUNTS[region]:
        for image in images:
            request = job_request(unique("image"), f"{account}.dkr.ecr.{region}.{domain}/{image}", bucket,
                                  HyperParameters={"no_such_hyperparameter": "1"} if "py" not in image else None,
                                  InputDataConfig=[channel("train", f"s3://{bucket}/none/")])
            with pytest.raises(ClientError) as refused:
                sagemaker.create_training_job(**request)
            message = refused.value.response["Error"]["Message"]
            # It is refused for what is wrong with it, and not for its image.
            assert "no_such_hyperparameter" in message or "sagemaker_program" in message or "No S3 objects" in message, message


# --- the checker itself ------------------------------------------------------------------------------------------


def test_the_checker_sees_what_is_wrong():
    shape = service_model("sagemaker").operation_model("CreateTrainingJob").output_shape
    assert wrong_in_json(shape, {"TrainingJobArn": "arn"}, "answer") == []
    assert wrong_in_json(shape, {"TrainingJobArn": 1}, "answer") == ["answer.TrainingJobArn is no string: 1"]
    assert wrong_in_json(shape, {"TrainingJobArn": "arn", "Extra": 1}, "answer") == ["answer.Extra is not in the model"]
    assert wrong_in_json(shape, {}, "answer") == ["answer.TrainingJobArn is missing"]
    described = service_model("sagemaker").operation_model("DescribeTrainingJob").output_shape
    wrong = wrong_in_json(described, {"TrainingJobStatus": "Ended", "BillableTimeInSeconds": "1"}, "answer")
    assert "answer.TrainingJobStatus is none of the model's values: 'Ended'" in wrong
    assert "answer.BillableTimeInSeconds is no integer: '1'" in wrong
