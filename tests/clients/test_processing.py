"""Processing jobs: the requests of the public SDK's processors, through boto3, with real scripts."""

import io
import json
import os
import random
import signal
import tarfile
import time

import pytest
from botocore.exceptions import ClientError

from conftest import ROLE, Daemon, log_lines, unique
from processes import supervisors_of

SCIKIT = "246618743249.dkr.ecr.us-west-2.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
GROUP = "/aws/sagemaker/ProcessingJobs"
IN, OUT = "/opt/ml/processing/input", "/opt/ml/processing/output"


@pytest.fixture(scope="module")
def shell(daemon):
    daemon.cli("images", "add", "shell", "--exec", "/bin/sh")
    return "shell"


def processing_input(name, uri, path, **changes):
    return {"InputName": name, "AppManaged": False, "S3Input": {
        "S3Uri": uri, "LocalPath": path, "S3DataType": "S3Prefix", "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated", "S3CompressionType": "None", **changes}}


def output(name, uri, path, mode="EndOfJob"):
    return {"OutputName": name, "AppManaged": False, "S3Output": {"S3Uri": uri, "LocalPath": path, "S3UploadMode": mode}}


def request(name, image, inputs=(), outputs=(), count=1, arguments=None, entrypoint=None, **changes):
    app = {"ImageUri": image, "ContainerArguments": arguments, "ContainerEntrypoint": entrypoint}
    whole = {
        "ProcessingJobName": name, "RoleArn": ROLE,
        "ProcessingInputs": list(inputs), "ProcessingOutputConfig": {"Outputs": list(outputs)},
        "ProcessingResources": {"ClusterConfig": {
            "InstanceType": "ml.m5.large", "InstanceCount": count, "VolumeSizeInGB": 5}},
        "StoppingCondition": {"MaxRuntimeInSeconds": 300},
        "AppSpecification": {key: value for key, value in app.items() if value is not None}}
    whole.update(changes)
    return whole


def wait_until_ended(sagemaker, name, timeout=120):
    deadline = time.monotonic() + timeout
    while True:
        job = sagemaker.describe_processing_job(ProcessingJobName=name)
        if job["ProcessingJobStatus"] in ("Completed", "Failed", "Stopped"):
            return job
        assert time.monotonic() < deadline, json.dumps(job, default=str)
        time.sleep(0.1)


def wait_for_line(logs, name, wanted):
    deadline = time.monotonic() + 60
    while True:
        try:
            if wanted in log_lines(logs, name, GROUP):
                return
        except logs.exceptions.ResourceNotFoundException:
            pass
        assert time.monotonic() < deadline, name
        time.sleep(0.1)


def run(sagemaker, name, *arguments, **changes):
    sagemaker.create_processing_job(**request(name, *arguments, **changes))
    return wait_until_ended(sagemaker, name)


def keys(s3, bucket, prefix=""):
    return sorted(o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", []))


def body(s3, bucket, key):
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()


def test_a_script_processor_evaluates_a_model(sagemaker, s3, logs, bucket):
    """SKLearnProcessor.run(code=..., inputs=[...], outputs=[...], arguments=[...]): the code is an input of its own."""
    script = f'''
import argparse, csv, json, pathlib
from sklearn.linear_model import LinearRegression
parser = argparse.ArgumentParser()
parser.add_argument("--scale", type=float)
scale = parser.parse_args().scale
rows = [[float(cell) for cell in row] for row in csv.reader(open("{IN}/rows.csv"))]
model = LinearRegression().fit([row[:1] for row in rows], [row[1] * scale for row in rows])
pathlib.Path("{OUT}/report/evaluation.json").write_text(json.dumps({{"slope": round(model.coef_[0], 6)}}))
pathlib.Path("{OUT}/rows/deep").mkdir(parents=True)
pathlib.Path("{OUT}/rows/deep/count.txt").write_text(str(len(rows)))
pathlib.Path("/opt/ml/output/message").write_text("evaluated ✓")
print("evaluated", flush=True)
'''
    name = unique("evaluate")
    s3.put_object(Bucket=bucket, Key=f"{name}/input/code/evaluate.py", Body=script.encode())
    s3.put_object(Bucket=bucket, Key="data/rows.csv", Body="".join(f"{x},{3 * x}\n" for x in range(20)).encode())
    job = run(sagemaker, name, SCIKIT,
              inputs=[processing_input("input-1", f"s3://{bucket}/data", IN),
                      processing_input("code", f"s3://{bucket}/{name}/input/code/evaluate.py", f"{IN}/code")],
              outputs=[output("report", f"s3://{bucket}/{name}/report", f"{OUT}/report"),
                       output("rows", f"s3://{bucket}/{name}/rows/", f"{OUT}/rows")],
              entrypoint=["python3", f"{IN}/code/evaluate.py"], arguments=["--scale", "2"], Environment={"K": "v"})
    assert job["ProcessingJobStatus"] == "Completed", (job, log_lines(logs, name, GROUP))
    assert job["ProcessingJobArn"].endswith(f":processing-job/{name}")
    assert job["ExitMessage"] == "evaluated ✓" and "FailureReason" not in job
    assert job["CreationTime"] <= job["ProcessingStartTime"] <= job["ProcessingEndTime"]
    assert job["Environment"] == {"K": "v"} and job["AppSpecification"]["ContainerArguments"] == ["--scale", "2"]
    assert json.loads(body(s3, bucket, f"{name}/report/evaluation.json")) == {"slope": 6.0}
    assert keys(s3, bucket, f"{name}/rows/") == [f"{name}/rows/deep/count.txt"]
    assert "evaluated" in log_lines(logs, name, GROUP)


def test_the_container_finds_its_configuration(sagemaker, s3, logs, shell, bucket):
    s3.put_object(Bucket=bucket, Key="in/a", Body=b"1")
    name = unique("config")
    job = run(sagemaker, name, shell, inputs=[processing_input("a", f"s3://{bucket}/in/", f"{IN}/a")],
              arguments=["-c", "cat /opt/ml/config/processingjobconfig.json; echo; cat /opt/ml/config/resourceconfig.json; "
                               "echo; env"], Environment={"OF_REQUEST": "yes"})
    assert job["ProcessingJobStatus"] == "Completed", job
    lines = log_lines(logs, name, GROUP)
    config = json.loads(next(line for line in lines if '"ProcessingJobArn"' in line))
    assert config["ProcessingJobArn"] == job["ProcessingJobArn"] and config["ProcessingJobName"] == name
    assert config["ProcessingInputs"][0]["S3Input"]["LocalPath"] == f"{IN}/a" and config["NetworkConfig"] is None
    resources = json.loads(next(line for line in lines if '"current_host"' in line))
    assert (resources["current_host"], resources["hosts"]) == ("algo-1", ["algo-1"])
    assert "OF_REQUEST=yes" in lines and any(line.startswith("AWS_ACCESS_KEY_ID=") for line in lines)
    assert not any(line.startswith("TRAINING_JOB") for line in lines)


def test_small_inputs_may_be_written_to_and_the_store_keeps_its_own(sagemaker, s3, logs, shell, bucket):
    """FrameworkProcessor's entry point unpacks sourcedir.tar.gz beside itself."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        info = tarfile.TarInfo("main.sh")
        info.size = 13
        tar.addfile(info, io.BytesIO(b"echo unpacked"))
    s3.put_object(Bucket=bucket, Key="code/sourcedir.tar.gz", Body=archive.getvalue())
    s3.put_object(Bucket=bucket, Key="code/kept", Body=b"original")
    name = unique("writes")
    job = run(sagemaker, name, shell, inputs=[processing_input("code", f"s3://{bucket}/code/", f"{IN}/code")],
              arguments=["-c", f"cd {IN}/code && tar -xzf sourcedir.tar.gz && sh main.sh && echo changed > kept"])
    assert job["ProcessingJobStatus"] == "Completed", log_lines(logs, name, GROUP)
    assert "unpacked" in log_lines(logs, name, GROUP)
    assert body(s3, bucket, "code/kept") == "original"


def test_large_inputs_are_shown_read_only_also_around_others(sagemaker, s3, logs, shell, bucket):
    s3.put_object(Bucket=bucket, Key="large/a", Body=bytes(65 << 20))
    s3.put_object(Bucket=bucket, Key="small/b", Body=b"b")
    name = unique("large")
    job = run(sagemaker, name, shell,
              inputs=[processing_input("inner", f"s3://{bucket}/small/", f"{IN}/inner"),
                      processing_input("outer", f"s3://{bucket}/large/", IN)],
              outputs=[output("result", f"s3://{bucket}/{name}", f"{IN}/result")],
              arguments=["-c", f"cd {IN}; wc -c < a; cat inner/b; echo; echo x > a || echo refused; echo y > inner/c; "
                               "echo z > result/r"])
    assert job["ProcessingJobStatus"] == "Completed", log_lines(logs, name, GROUP)
    lines = log_lines(logs, name, GROUP)
    assert [line for line in lines if line in (str(65 << 20), "b", "refused")] == [str(65 << 20), "b", "refused"]
    assert keys(s3, bucket, name) == [f"{name}/r"] and s3.head_object(Bucket=bucket, Key="large/a")["ContentLength"] == 65 << 20


@pytest.mark.parametrize("megabytes", [0, 65])
def test_a_place_that_is_a_file_of_an_input_is_the_requests_mistake(sagemaker, s3, shell, bucket, megabytes):
    """Small inputs may be written to, large ones may not."""
    s3.put_object(Bucket=bucket, Key="in/report", Body=bytes(megabytes << 20) + b"a file")
    job = run(sagemaker, unique("in-the-way"), shell, inputs=[processing_input("in", f"s3://{bucket}/in/", IN)],
              outputs=[output("out", f"s3://{bucket}/out", f"{IN}/report")], arguments=["-c", "true"])
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: ")
    assert "report'" in job["FailureReason"] and "Choose another LocalPath" in job["FailureReason"]


def test_continuous_output_appears_while_the_job_runs_and_a_stop_keeps_the_rest(sagemaker, s3, logs, shell, bucket):
    name = unique("continuous")
    sagemaker.create_processing_job(**request(
        name, shell, outputs=[output("now", f"s3://{bucket}/{name}/now", f"{OUT}/now", "Continuous"),
                              output("then", f"s3://{bucket}/{name}/then", f"{OUT}/then")],
        arguments=["-c", f"cd {OUT}; trap 'echo l > now/late; exit 0' TERM; echo e > now/early; echo g > now/gone; "
                         "echo e > then/end; while :; do sleep 0.1; done"]))
    deadline = time.monotonic() + 60
    while keys(s3, bucket, f"{name}/now") != [f"{name}/now/early", f"{name}/now/gone"]:
        assert time.monotonic() < deadline, keys(s3, bucket, name)
        time.sleep(0.2)
    assert not keys(s3, bucket, f"{name}/then")
    sagemaker.stop_processing_job(ProcessingJobName=name)
    job = wait_until_ended(sagemaker, name)
    assert job["ProcessingJobStatus"] == "Stopped"
    assert keys(s3, bucket, name) == [f"{name}/now/early", f"{name}/now/gone", f"{name}/now/late", f"{name}/then/end"]
    with pytest.raises(ClientError, match="The request was rejected because the processing job is in status Stopped."):
        sagemaker.stop_processing_job(ProcessingJobName=name)


def test_failures_have_their_reason_and_their_message(sagemaker, s3, logs, shell, bucket):
    name = unique("fails")
    job = run(sagemaker, name, shell, outputs=[output("o", f"s3://{bucket}/{name}", OUT)], arguments=[
        "-c", f"echo half > {OUT}/half; printf 'no rows' > /opt/ml/output/failure; printf 'see the log' > "
              "/opt/ml/output/message; exit 3"])
    assert (job["ProcessingJobStatus"], job["ExitMessage"]) == ("Failed", "see the log")
    assert job["FailureReason"] == "AlgorithmError: no rows, exit code: 3"
    assert keys(s3, bucket, name) == [f"{name}/half"]

    name = unique("bytes")
    job = run(sagemaker, name, shell, arguments=["-c", r"printf '\377\376' > /opt/ml/output/message"])
    assert job["ProcessingJobStatus"] == "Failed" and job["FailureReason"].startswith("ClientError: /opt/ml/output/message")

    name = unique("time")
    job = run(sagemaker, name, shell, arguments=["-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"], StoppingCondition={"MaxRuntimeInSeconds": 1})
    assert job["ProcessingJobStatus"] == "Stopped"


def test_several_hosts_share_the_inputs_and_leave_their_outputs(sagemaker, s3, logs, shell, bucket):
    for key in "abc":
        s3.put_object(Bucket=bucket, Key=f"shards/{key}", Body=key.encode())
    name = unique("hosts")
    job = run(sagemaker, name, shell, count=2,
              inputs=[processing_input("s", f"s3://{bucket}/shards/", f"{IN}/s", S3DataDistributionType="ShardedByS3Key")],
              outputs=[output("o", f"s3://{bucket}/{name}", OUT)],
              arguments=["-c", f"getent hosts algo-1 algo-2 > /dev/null && ls {IN}/s > {OUT}/$(uname -n); "
                               "printf \"$(uname -n).\" > /opt/ml/output/message"])
    assert job["ProcessingJobStatus"] == "Completed", (job, log_lines(logs, name, GROUP))
    assert job["ExitMessage"] == "algo-1.algo-2."
    assert [body(s3, bucket, f"{name}/algo-{n}") for n in (1, 2)] == ["a\nc\n", "b\n"]


def test_network_isolation_leaves_no_keys_and_the_report_says_where_data_was(daemon, sagemaker, s3, logs, shell, bucket):
    s3.put_object(Bucket=bucket, Key="in/a", Body=b"12")
    name = unique("isolated")
    job = run(sagemaker, name, shell, inputs=[processing_input("in", f"s3://{bucket}/in/", IN)],
              outputs=[output("o", f"s3://{bucket}/{name}", OUT)],
              arguments=["-c", f"env | grep -c AWS_ACCESS; cp {IN}/a {OUT}/a"],
              NetworkConfig={"EnableNetworkIsolation": True})
    assert job["ProcessingJobStatus"] == "Completed", log_lines(logs, name, GROUP)
    assert "0" in log_lines(logs, name, GROUP)
    report = json.loads(daemon.cli("jobs", "residency", f"processing.{name}", "--json").stdout)
    assert report["Network"]["Kinds"] == ["Isolated"] and report["Network"]["OutboundConnections"] == 0
    touched = {(place["By"], place["Place"]): (place.get("Objects"), place.get("Bytes")) for place in report["Places"]}
    assert touched[("channel 'in'", f"s3://{bucket}/in/")] == (1, 2)
    assert touched[("output 'o'", f"s3://{bucket}/{name}")] == (1, 2)


def test_lists_filter_sort_and_page_and_tags_stay(sagemaker, shell):
    names = sorted(unique("listed") for _ in range(3))
    for name in names:
        sagemaker.create_processing_job(**request(name, shell, arguments=["-c", "true"],
                                                  Tags=[{"Key": "team", "Value": name}]))
    jobs = [wait_until_ended(sagemaker, name) for name in names]
    found = []
    token = {}
    while True:
        page = sagemaker.list_processing_jobs(NameContains="LISTED", SortBy="Name", SortOrder="Ascending", MaxResults=2,
                                              StatusEquals="Completed", **token)
        found += [summary["ProcessingJobName"] for summary in page["ProcessingJobSummaries"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert found == names
    assert not sagemaker.list_processing_jobs(NameContains="listed", StatusEquals="Failed")["ProcessingJobSummaries"]
    tags = sagemaker.list_tags(ResourceArn=jobs[0]["ProcessingJobArn"])["Tags"]
    assert tags == [{"Key": "team", "Value": names[0]}]
    with pytest.raises(ClientError, match="already exists") as taken:
        sagemaker.create_processing_job(**request(names[0].upper(), shell, arguments=["-c", "true"]))
    assert taken.value.response["Error"]["Code"] == "ResourceInUse"
    with pytest.raises(ClientError, match="Requested resource not found."):
        sagemaker.describe_processing_job(ProcessingJobName="nothing-of-the-kind")


def refused(sagemaker, shell, **changes):
    with pytest.raises(ClientError) as refusal:
        sagemaker.create_processing_job(**request(unique("x"), shell, **changes))
    return refusal.value.response["Error"]["Message"]


def test_what_is_not_served_is_refused_by_name(sagemaker, s3, shell, bucket):
    s3.put_object(Bucket=bucket, Key="in/a", Body=b"1")
    uri = f"s3://{bucket}/in/"
    assert "input 'a': S3InputMode Pipe is not supported" in refused(
        sagemaker, shell, inputs=[processing_input("a", uri, IN, S3InputMode="Pipe")])
    assert "input 'a': DatasetDefinition is not supported" in refused(sagemaker, shell, inputs=[
        {"InputName": "a", "DatasetDefinition": {"LocalPath": IN}}])
    assert "output 'o': FeatureStoreOutput is not supported" in refused(sagemaker, shell, outputs=[
        {"OutputName": "o", "FeatureStoreOutput": {"FeatureGroupName": "g"}}])
    assert "expected an absolute path below /opt/ml/processing" in refused(
        sagemaker, shell, inputs=[processing_input("a", uri, "/opt/ml/processing/../model")])
    assert "expected an absolute path below /opt/ml/processing" in refused(
        sagemaker, shell, outputs=[output("o", uri, "/opt/ml/model")])
    assert "expected an absolute path below /opt/ml/processing" in refused(
        sagemaker, shell, outputs=[output("o", uri, "/opt/ml/processing/")])
    assert "expected a directory of its own, not that of input 'a'" in refused(
        sagemaker, shell, inputs=[processing_input("a", uri, IN)], outputs=[output("o", uri, IN + "/")])
    assert "the name 'a' is used twice" in refused(
        sagemaker, shell, inputs=[processing_input("a", uri, IN), processing_input("a", uri, OUT)])
    assert "No S3 objects found under S3 URL" in refused(
        sagemaker, shell, inputs=[processing_input("a", f"s3://{bucket}/nothing/", IN)])
    assert "expected a bucket that exists" in refused(sagemaker, shell, outputs=[output("o", "s3://nowhere-at-all/x", OUT)])
    assert "Built-in algorithms train" in refused(sagemaker, "linear-learner:1")
    assert "ContainerEntrypoint" in refused(sagemaker, SCIKIT)


def test_a_killed_daemon_finds_processing_jobs_again_and_loses_none(tmp_path):
    chance = random.Random(5)
    daemon = Daemon(tmp_path / "data")
    try:
        daemon.client("s3").create_bucket(Bucket="kept")
        daemon.cli("images", "add", "shell", "--exec", "/bin/sh")
        names = []
        for _ in range(6):
            names.append(unique("killed"))
            daemon.client("sagemaker").create_processing_job(**request(
                names[-1], "shell", outputs=[output("o", f"s3://kept/{names[-1]}", OUT)],
                arguments=["-c", f"echo 1 > {OUT}/done"]))
            time.sleep(chance.uniform(0.0, 0.3))
            daemon.kill()
            daemon.start()
        sagemaker, s3 = daemon.client("sagemaker"), daemon.client("s3")
        for name in names:
            job = wait_until_ended(sagemaker, name)
            assert job["ProcessingJobStatus"] == "Completed", (name, job.get("FailureReason"))
            assert keys(s3, "kept", name) == [f"{name}/done"]

        name = unique("lost")
        sagemaker.create_processing_job(**request(name, "shell", arguments=["-c", "echo begun; exec sleep 600"]))
        wait_for_line(daemon.client("logs"), name, "begun")
        os.kill(supervisors_of(f"processing.{name}")["algo-1"], signal.SIGKILL)
        job = wait_until_ended(sagemaker, name)
        assert job["ProcessingJobStatus"] == "Failed" and job["FailureReason"].startswith("InternalServerError: ")
    finally:
        daemon.stop()
