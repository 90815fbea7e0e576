"""Models, endpoint configurations, endpoints and invocations through stock boto3, the AWS CLI and the JavaScript SDK."""

import io
import json
import os
import re
import signal
import socket
import struct
import subprocess
import tarfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from conftest import ROLE, unique
from daemon import Daemon
from test_javascript_sdk import FOLDER as JAVASCRIPT, node

HANG_SECONDS = 3


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    root = tmp_path_factory.mktemp("millrace")
    started = Daemon(root / "data", "--invocation-timeout", str(HANG_SECONDS))
    yield started
    started.stop()


@pytest.fixture(scope="module")
def image(daemon):
    return daemon.add_program("serve_model.py")


@pytest.fixture
def runtime(daemon):
    return daemon.client("sagemaker-runtime", read_timeout=60, max_pool_connections=32)


def archive(name, **files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for path, text in {"name.txt": name, **files}.items():
            info = tarfile.TarInfo(path)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


@pytest.fixture
def make_model(sagemaker, s3, bucket, image):
    def make(name, **files):
        model = unique(name)
        s3.put_object(Bucket=bucket, Key=f"{model}/model.tar.gz", Body=archive(name, **files))
        sagemaker.create_model(
            ModelName=model, ExecutionRoleArn=ROLE,
            PrimaryContainer={"Image": image, "ModelDataUrl": f"s3://{bucket}/{model}/model.tar.gz",
                              "Environment": {"LEVEL": "3"}})
        return model
    return make


@pytest.fixture
def make_config(sagemaker):
    def make(model, count=1, **more):
        config = unique("config")
        sagemaker.create_endpoint_config(EndpointConfigName=config, ProductionVariants=[
            {"VariantName": "AllTraffic", "ModelName": model, "InitialInstanceCount": count,
             "InstanceType": "ml.m5.large", "InitialVariantWeight": 1}], **more)
        return config
    return make


@pytest.fixture
def make_endpoint(daemon, sagemaker):
    made = []

    def make(config, wait=True):
        endpoint = unique("endpoint")
        sagemaker.create_endpoint(EndpointName=endpoint, EndpointConfigName=config, Tags=[])
        made.append(endpoint)
        if wait:
            wait_for(sagemaker, endpoint, "InService")
        return endpoint
    yield make
    client = daemon.client("sagemaker")  # a test may have moved the daemon to another port
    for endpoint in made:
        try:
            client.delete_endpoint(EndpointName=endpoint)
        except ClientError:
            continue
        wait_until_gone(client, endpoint)


def wait_for(sagemaker, endpoint, status, timeout=90):
    deadline = time.monotonic() + timeout
    while True:
        found = sagemaker.describe_endpoint(EndpointName=endpoint)
        if found["EndpointStatus"] == status:
            return found
        assert time.monotonic() < deadline, json.dumps(found, default=str)
        time.sleep(0.05)


def wait_until_gone(sagemaker, endpoint, timeout=90):
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        try:
            sagemaker.describe_endpoint(EndpointName=endpoint)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ValidationException"
            assert "Could not find endpoint" in error.response["Error"]["Message"]
            return
        time.sleep(0.05)
    raise AssertionError(f"{endpoint} is still there")


def ask(runtime, endpoint, body=b"1,2", **more):
    answer = runtime.invoke_endpoint(EndpointName=endpoint, Body=body, **more)
    return json.loads(answer["Body"].read())


def test_deploy_predict_and_delete_as_the_sdk_does(sagemaker, runtime, logs, make_model, make_config, make_endpoint):
    model = make_model("first")
    config = make_config(model)
    endpoint = make_endpoint(config)
    answer = runtime.invoke_endpoint(EndpointName=endpoint, Body=b"1,2", ContentType="text/csv",
                                     Accept="application/json", CustomAttributes="trace=1", InferenceId="id-7")
    assert answer["ContentType"] == "application/json"
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    assert answer["CustomAttributes"] == "heard"
    heard = json.loads(answer["Body"].read())
    assert (heard["model"], heard["bytes"], heard["verb"], heard["level"]) == ("first", 3, ["serve"], "3")
    assert heard["headers"]["Content-Type"] == "text/csv"
    assert heard["headers"]["Accept"] == "application/json"
    assert heard["headers"]["X-Amzn-SageMaker-Custom-Attributes"] == "trace=1"
    assert heard["headers"]["X-Amzn-SageMaker-Inference-Id"] == "id-7"

    group = f"/aws/sagemaker/Endpoints/{endpoint}"
    stream = logs.describe_log_streams(logGroupName=group)["logStreams"][0]["logStreamName"]
    assert stream.startswith("AllTraffic/")

    # delete_model and delete_endpoint of the SDK: the configuration goes before the endpoint.
    found = sagemaker.describe_endpoint(EndpointName=endpoint)
    assert found["ProductionVariants"][0]["CurrentInstanceCount"] == 1
    described = sagemaker.describe_endpoint_config(EndpointConfigName=found["EndpointConfigName"])
    sagemaker.delete_model(ModelName=described["ProductionVariants"][0]["ModelName"])
    sagemaker.delete_endpoint_config(EndpointConfigName=config)
    assert ask(runtime, endpoint)["model"] == "first"
    sagemaker.delete_endpoint(EndpointName=endpoint)
    wait_until_gone(sagemaker, endpoint)
    with pytest.raises(ClientError) as refused:
        runtime.invoke_endpoint(EndpointName=endpoint, Body=b"1")
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert "not found" in refused.value.response["Error"]["Message"]


def test_an_update_under_load_fails_no_request(sagemaker, runtime, make_model, make_config, make_endpoint):
    endpoint = make_endpoint(make_config(make_model("old")))
    failures, seen = [], []
    done = threading.Event()

    def load():
        while not done.is_set():
            try:
                seen.append(ask(runtime, endpoint)["model"])
            except Exception as error:  # whatever a client could be told
                failures.append(repr(error))

    with ThreadPoolExecutor(8) as pool:
        clients = [pool.submit(load) for _ in range(8)]
        while len(seen) < 50:
            time.sleep(0.01)
        second = make_config(make_model("new"))
        sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=second)
        assert sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"] in ("Updating", "InService")
        found = wait_for(sagemaker, endpoint, "InService")
        assert found["EndpointConfigName"] == second
        at = len(seen)
        while len(seen) < at + 200:
            time.sleep(0.01)
        time.sleep(2)  # the old instance is told to stop within a second
        done.set()
        for client in clients:
            client.result()
    assert not failures, failures[:3]
    assert {"old", "new"} == set(seen) and seen[-1] == "new"


def test_a_failed_update_keeps_the_old_instances_and_says_why(sagemaker, runtime, make_model, make_config,
                                                              make_endpoint):
    first = make_config(make_model("good"))
    endpoint = make_endpoint(first)
    model = make_model("bad", broken="yes")
    config = unique("config")
    sagemaker.create_endpoint_config(EndpointConfigName=config, ProductionVariants=[
        {"VariantName": "AllTraffic", "ModelName": model, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large",
         "ContainerStartupHealthCheckTimeoutInSeconds": 60}])
    sagemaker.delete_model(ModelName=model)
    with pytest.raises(ClientError) as refused:
        sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
    assert "Could not find model" in refused.value.response["Error"]["Message"]
    assert ask(runtime, endpoint)["model"] == "good"


def test_errors_of_the_model_are_model_errors(runtime, make_model, make_config, make_endpoint):
    endpoint = make_endpoint(make_config(make_model("first")))

    def refused(order):
        with pytest.raises(ClientError) as error:
            runtime.invoke_endpoint(EndpointName=endpoint, Body=json.dumps({"do": order.pop("do"), **order}))
        return error.value.response

    failed = refused({"do": "fail", "status": 500})
    assert failed["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert failed["Error"]["Code"] == "ModelError"
    assert failed["OriginalStatusCode"] == 500
    assert failed["OriginalMessage"] == "out of luck"
    assert f"/aws/sagemaker/Endpoints/{endpoint}" in failed["LogStreamArn"]
    assert "client error (415)" in refused({"do": "fail", "status": 415})["Error"]["Message"]
    assert "timed out" in refused({"do": "hang", "seconds": HANG_SECONDS + 2})["Error"]["Message"]
    assert "larger than 6291456" in refused({"do": "large", "bytes": 6291457})["Error"]["Message"]
    assert ask(runtime, endpoint)["model"] == "first"


def test_a_crashed_server_is_restarted_and_the_endpoint_says_so(sagemaker, runtime, make_model, make_config,
                                                               make_endpoint):
    endpoint = make_endpoint(make_config(make_model("first")))
    with pytest.raises(ClientError):
        runtime.invoke_endpoint(EndpointName=endpoint, Body=b'{"do": "crash"}')
    down = wait_for(sagemaker, endpoint, "SystemUpdating")
    assert down["ProductionVariants"][0]["CurrentInstanceCount"] == 0
    assert "StatusMessage" in down["ProductionVariants"][0]["VariantStatus"][0]
    wait_for(sagemaker, endpoint, "InService")
    assert ask(runtime, endpoint)["model"] == "first"


def test_huge_slow_and_aborted_requests_hurt_nobody(daemon, runtime, make_model, make_config, make_endpoint):
    endpoint = make_endpoint(make_config(make_model("first")))
    assert ask(runtime, endpoint, b"x" * 6291456)["bytes"] == 6291456
    with pytest.raises(ClientError) as refused:
        runtime.invoke_endpoint(EndpointName=endpoint, Body=b"x" * 6291457)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413
    host, port = daemon.endpoint.removeprefix("http://").split(":")
    for sent in (b"", b"x" * 1000):
        with socket.create_connection((host, int(port))) as abandoned:
            abandoned.sendall(f"POST /endpoints/{endpoint}/invocations HTTP/1.1\r\nHost: {host}\r\n"
                              "Content-Length: 5000000\r\n\r\n".encode() + sent)
    for target in (f"/endpoints/{endpoint}/invocations", "/endpoints//invocations", "/endpoints/%zz/invocations"):
        with socket.create_connection((host, int(port))) as unsigned:
            unsigned.sendall(f"POST {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n".encode())
            assert unsigned.recv(4096).startswith(b"HTTP/1.1 4")
    assert ask(runtime, endpoint)["model"] == "first"


def signed(daemon, endpoint, body, path="invocations", **more):
    """The head of an invocation as a client signs it, whatever of the body is then sent."""
    target = f"/endpoints/{endpoint}/{path}"
    request = AWSRequest("POST", daemon.endpoint + target, data=body, headers={"Content-Type": "text/csv"})
    keys = Credentials(daemon.environment["AWS_ACCESS_KEY_ID"], daemon.environment["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(keys, "sagemaker", daemon.environment["AWS_DEFAULT_REGION"]).add_auth(request)
    headers = {"Host": daemon.endpoint.removeprefix("http://"), **request.headers, **more}
    return (f"POST {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            + "\r\n").encode()


@contextmanager
def connected(daemon):
    host, port = daemon.endpoint.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as wire:
        yield wire


def answer_of(wire):
    """Everything until the daemon closes or has sent the whole answer."""
    answer = b""
    while True:
        head, _, body = answer.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if length and len(body) >= int(length[1]):
            return answer
        more = wire.recv(65536)
        if not more:
            return answer
        answer += more


def test_clients_that_send_slowly_keep_nobody_waiting(daemon, runtime, make_model, make_config, make_endpoint):
    endpoint = make_endpoint(make_config(make_model("first")))
    head = signed(daemon, endpoint, b"1,2", **{"Content-Length": "3"})
    with ExitStack() as held:
        wires = [held.enter_context(connected(daemon)) for _ in range(300)]  # more than the daemon has workers
        for number, wire in enumerate(wires):
            wire.sendall(head + b"1" if number % 2 else head[:-10])
        for _ in range(5):
            assert ask(runtime, endpoint)["model"] == "first"
        wires[1].sendall(b",")
        assert ask(runtime, endpoint)["model"] == "first"
        wires[1].sendall(b"2")
        assert answer_of(wires[1]).startswith(b"HTTP/1.1 200")


def test_malformed_requests_are_refused_and_reach_no_model(daemon, runtime, make_model, make_config, make_endpoint):
    endpoint = make_endpoint(make_config(make_model("first")))
    whole = signed(daemon, endpoint, b"1,2", **{"Content-Length": "3"})
    chunked = signed(daemon, endpoint, b"1,2", **{"Transfer-Encoding": "chunked"})
    line = f"POST /endpoints/{endpoint}/invocations HTTP/1.1\r\nHost: h\r\n".encode()
    for sent, status in (
            (chunked + b"zz\r\n1,2\r\n0\r\n\r\n", 400),
            (chunked + b"ffffffffffffffffff\r\n", 400),
            (chunked + b"3\r\n1,2xx0\r\n\r\n", 400),
            (whole + b"9,9", 400),  # another body than was signed
            (line + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1,2", 400),
            (line + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\n1,2", 400),
            (line + b"Content-Length: -1\r\n\r\n", 400),
            (line + b"".join(b"X-%d: y\r\n" % number for number in range(20000)) + b"\r\n", 431),
            (line + b"X: " + b"y" * 200000, 431)):
        with connected(daemon) as wire:
            wire.sendall(sent)
            answer = answer_of(wire)
            assert answer.startswith(b"HTTP/1.1 %d" % status), (sent[-60:], answer[:400])
    with connected(daemon) as wire:
        wire.sendall(chunked + b"3\r\n1,2\r\n0\r\n\r\n")
        assert json.loads(answer_of(wire).partition(b"\r\n\r\n")[2])["bytes"] == 3
    assert ask(runtime, endpoint)["model"] == "first"


def test_clients_that_leave_in_the_middle_of_an_answer_hurt_nobody(daemon, runtime, make_model, make_config, make_endpoint):
    endpoint = make_endpoint(make_config(make_model("first")))
    large = json.dumps({"do": "large", "bytes": 6 << 20}).encode()
    late = json.dumps({"do": "hang", "seconds": 1}).encode()
    for body, read in ((large, 1000), (large, 0), (late, 0)) * 5:
        with connected(daemon) as wire:
            wire.sendall(signed(daemon, endpoint, body, **{"Content-Length": str(len(body))}) + body)
            if read:
                assert wire.recv(read)
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, not a good-bye
    assert ask(runtime, endpoint)["model"] == "first"
    assert runtime.invoke_endpoint(EndpointName=endpoint, Body=large)["Body"].read() == b"x" * (6 << 20)


def test_invocations_and_instances_are_measured(daemon, runtime, make_model, make_config, make_endpoint):
    endpoint = make_endpoint(make_config(make_model("first")))
    for _ in range(20):
        ask(runtime, endpoint)
    for status in (404, 500, 500):
        with pytest.raises(ClientError):
            runtime.invoke_endpoint(EndpointName=endpoint, Body=json.dumps({"do": "fail", "status": status}))
    cloudwatch = daemon.client("cloudwatch")
    dimensions = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": "AllTraffic"}]
    span = {"StartTime": time.time() - 7200, "EndTime": time.time() + 7200, "Period": 14400}

    def points(name, **what):
        return cloudwatch.get_metric_statistics(Namespace="AWS/SageMaker", MetricName=name, Dimensions=dimensions, **span, **what)["Datapoints"]

    def total(name):
        return sum(point["Sum"] for point in points(name, Statistics=["Sum"]))

    deadline = time.monotonic() + 60
    while total("Invocations") < 23:  # they are written every ten seconds
        assert time.monotonic() < deadline, points("Invocations", Statistics=["Sum"])
        time.sleep(0.2)
    assert [total(name) for name in ("Invocations", "InvocationsPerInstance", "Invocation4XXErrors", "Invocation5XXErrors",
                                     "InvocationModelErrors")] == [23, 23, 1, 2, 3]
    for name in ("ModelLatency", "OverheadLatency"):
        point = points(name, Statistics=["Minimum", "Maximum", "SampleCount"], ExtendedStatistics=["p50", "p99"])[0]
        assert point["Unit"] == "Microseconds" and 0 < point["Minimum"] <= point["ExtendedStatistics"]["p50"]
        assert point["ExtendedStatistics"]["p50"] <= point["ExtendedStatistics"]["p99"] <= point["Maximum"] < 60e6
    data = cloudwatch.get_metric_data(StartTime=span["StartTime"], EndTime=span["EndTime"], MetricDataQueries=[
        {"Id": "p", "MetricStat": {"Metric": {"Namespace": "AWS/SageMaker", "MetricName": "ModelLatency", "Dimensions": dimensions},
                                   "Period": 14400, "Stat": "p99"}}])
    assert data["MetricDataResults"][0]["Values"][0] > 0

    def listed(namespace):
        return {metric["MetricName"] for metric in cloudwatch.list_metrics(Namespace=namespace, Dimensions=dimensions)["Metrics"]}

    assert len(listed("AWS/SageMaker")) == 7
    while listed("/aws/sagemaker/Endpoints") != {"CPUUtilization", "MemoryUtilization", "DiskUtilization"}:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_what_is_not_served_is_refused_by_name(daemon, runtime, make_model, make_config, make_endpoint):
    endpoint = make_endpoint(make_config(make_model("first")))
    for member, value in (("TargetModel", "m.tar.gz"), ("TargetContainerHostname", "c"),
                          ("EnableExplanations", "`true`")):
        with pytest.raises(ClientError) as refused:
            runtime.invoke_endpoint(EndpointName=endpoint, Body=b"1", **{member: value})
        assert refused.value.response["Error"]["Code"] == "ValidationError"
        assert member in refused.value.response["Error"]["Message"]
    with pytest.raises(ClientError) as refused:
        runtime.invoke_endpoint_async(EndpointName=endpoint, InputLocation="s3://b/k")
    assert "InvokeEndpointAsync is not supported" in refused.value.response["Error"]["Message"]
    with connected(daemon) as wire:  # Debian's boto3 does not know it
        wire.sendall(signed(daemon, endpoint, b"1,2", **{"Content-Length": "3"}, path="invocations-response-stream") + b"1,2")
        answer = answer_of(wire)
    assert answer.startswith(b"HTTP/1.1 4") and b"InvokeEndpointWithResponseStream is not supported" in answer, answer


def test_weights_and_target_variant(sagemaker, runtime, make_model, make_endpoint):
    config = unique("config")
    sagemaker.create_endpoint_config(EndpointConfigName=config, ProductionVariants=[
        {"VariantName": name, "ModelName": make_model(name), "InitialInstanceCount": 1, "InstanceType": "ml.m5.large",
         "InitialVariantWeight": weight} for name, weight in (("a", 3), ("b", 1))])
    endpoint = make_endpoint(config)
    asked = [ask(runtime, endpoint)["model"] for _ in range(40)]
    assert 28 <= asked.count("a") <= 32
    assert ask(runtime, endpoint, TargetVariant="b")["model"] == "b"
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=endpoint, DesiredWeightsAndCapacities=[{"VariantName": "a", "DesiredWeight": 0}])
    assert {ask(runtime, endpoint)["model"] for _ in range(10)} == {"b"}


def test_the_aws_cli_invokes(daemon, make_model, make_config, make_endpoint, tmp_path):
    endpoint = make_endpoint(make_config(make_model("first")))
    answer = tmp_path / "answer.json"
    (tmp_path / "request.csv").write_text("1,2")
    done = subprocess.run(["aws", "--endpoint-url", daemon.endpoint, "sagemaker-runtime", "invoke-endpoint",
                           "--endpoint-name", endpoint, "--content-type", "text/csv",
                           "--body", f"fileb://{tmp_path}/request.csv", str(answer)],
                          env=daemon.shell_environment(), text=True, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["InvokedProductionVariant"] == "AllTraffic"
    assert json.loads(answer.read_text())["bytes"] == 3


def test_the_javascript_sdk_invokes(daemon, make_model, make_config, make_endpoint):
    endpoint = make_endpoint(make_config(make_model("first")))
    done = subprocess.run([node(), "--test", "endpoint.test.mjs"], cwd=JAVASCRIPT, text=True, capture_output=True,
                          env={**daemon.shell_environment(), "MILLRACE_ENDPOINT": endpoint}, timeout=120)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]


def resident_kib(pid):
    return int(next(line.split()[1] for line in Path(f"/proc/{pid}/status").read_text().splitlines()
                    if line.startswith("VmRSS")))


def test_a_burst_of_small_invocations_leaves_memory_as_it_was(daemon, runtime, make_model, make_config,
                                                             make_endpoint):
    endpoint = make_endpoint(make_config(make_model("first")))

    def burst(count):
        with ThreadPoolExecutor(8) as pool:
            answers = pool.map(lambda _: runtime.invoke_endpoint(EndpointName=endpoint, Body=b"1")["Body"].read(),
                               range(count))
            assert sum(1 for answer in answers if b"first" in answer) == count

    burst(1000)  # every thread and buffer there will be
    before = resident_kib(daemon.process.pid)
    burst(4000)
    assert resident_kib(daemon.process.pid) < before + 4096


def test_endpoints_survive_the_daemon(daemon, sagemaker, make_model, make_config, make_endpoint):
    endpoint = make_endpoint(make_config(make_model("first")))
    daemon.kill()
    daemon.start()
    again = daemon.client("sagemaker")
    assert ask(daemon.client("sagemaker-runtime"), endpoint)["model"] == "first"
    supervisors = subprocess.run(["pgrep", "-f", f"millrace job endpoint.{endpoint}"], text=True,
                                 capture_output=True).stdout.split()
    assert supervisors
    daemon.kill()
    for pid in supervisors:
        os.kill(int(pid), signal.SIGKILL)
    daemon.start()
    again = daemon.client("sagemaker")
    deadline = time.monotonic() + 60
    while True:
        try:
            assert ask(daemon.client("sagemaker-runtime"), endpoint)["model"] == "first"
            break
        except ClientError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    wait_for(again, endpoint, "InService")
    again.delete_endpoint(EndpointName=endpoint)
    wait_until_gone(again, endpoint)
