"""Users, their policies and the audit log, through Debian's boto3 and the command line."""

import csv
import io
import json
import os
import re
import stat

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from conftest import channel, job_request, unique, wait_until_ended


def client_of(daemon, keys, service):
    return boto3.client(service, endpoint_url=daemon.endpoint, region_name="us-east-1", aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
                        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
                        config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}))


def add_user(daemon, name, *options):
    printed = daemon.cli("users", "add", name, *options).stdout
    return dict(re.findall(r"export (\w+)=(\S+)", printed))


def refusal(call):
    with pytest.raises(ClientError) as failure:
        call()
    return failure.value.response["Error"]


@pytest.fixture(scope="module")
def buckets(s3):
    names = {"data": unique("data"), "results": unique("results"), "other": unique("other")}
    for bucket in names.values():
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    return names


@pytest.fixture(scope="module")
def anna(daemon, buckets):
    return add_user(daemon, "anna", "--bucket", buckets["data"] + ":ro", "--bucket", buckets["results"])


def test_a_user_reaches_the_buckets_of_the_policy_and_no_others(daemon, buckets, anna):
    s3 = client_of(daemon, anna, "s3")
    data, results, other = (buckets[name] for name in ("data", "results", "other"))
    assert s3.get_object(Bucket=data, Key="k")["Body"].read() == b"x"
    for body in (b"", b"some"):
        denied = refusal(lambda: s3.put_object(Bucket=data, Key="new", Body=body))
        assert denied["Code"] == "AccessDenied"
        assert f's3:PutObject on resource: "arn:aws:s3:::{data}/new"' in denied["Message"]
        s3.put_object(Bucket=results, Key="new", Body=body)
    for call in (lambda: s3.get_object(Bucket=other, Key="k"), lambda: s3.list_objects_v2(Bucket=other),
                 lambda: s3.copy_object(Bucket=results, Key="stolen", CopySource=f"{other}/k"),
                 lambda: s3.copy_object(Bucket=results, Key="stolen", CopySource=f"{other}/k?versionId=null"),
                 lambda: s3.delete_objects(Bucket=data, Delete={"Objects": [{"Key": "k"}]})):
        assert refusal(call)["Code"] == "AccessDenied"
    s3.copy_object(Bucket=results, Key="copied", CopySource=f"{data}/k")


def test_a_user_may_not_make_users_and_is_a_session_of_a_role(daemon, anna):
    assert refusal(lambda: client_of(daemon, anna, "iam").create_user(UserName="eve"))["Code"] == "AccessDenied"
    assert client_of(daemon, anna, "sts").get_caller_identity()["Arn"].endswith(":assumed-role/MillraceExecutionRole/anna")


def test_a_job_reaches_nothing_that_its_user_does_not(daemon, buckets, anna):
    image = daemon.add_program("succeed")
    sagemaker = client_of(daemon, anna, "sagemaker")
    ended = {}
    for source in ("data", "other"):
        name = unique("job")
        sagemaker.create_training_job(**job_request(name, image, buckets["results"], InputDataConfig=[
            channel("train", f"s3://{buckets[source]}/k")]))
        ended[source] = wait_until_ended(sagemaker, name)
    assert ended["data"]["TrainingJobStatus"] == "Completed", ended["data"].get("FailureReason")
    assert ended["other"]["TrainingJobStatus"] == "Failed"
    assert "is not authorized to perform: s3:" in ended["other"]["FailureReason"]


def test_a_job_names_only_the_file_systems_of_its_users_policies(daemon, buckets, tmp_path):
    efs, fsx, other = ("fs-" + os.urandom(6).hex() for _ in range(3))
    for identifier, kind in ((efs, "EFS"), (fsx, "FSxLustre"), (other, "EFS")):
        (tmp_path / identifier).mkdir()
        daemon.cli("filesystems", "add", identifier, "--type", kind, "--path", str(tmp_path / identifier))
    user = add_user(daemon, unique("bert"), "--bucket", buckets["results"], "--file-system", efs + ":ro", "--file-system", fsx)
    sagemaker = client_of(daemon, user, "sagemaker")
    image = daemon.add_program("succeed")

    def create(identifier, kind, mode):
        name, path = unique("mounts"), "/fsx" if kind == "FSxLustre" else "/"
        sagemaker.create_training_job(**job_request(name, image, buckets["results"], InputDataConfig=[{
            "ChannelName": "train", "DataSource": {"FileSystemDataSource": {
                "FileSystemId": identifier, "FileSystemType": kind, "FileSystemAccessMode": mode, "DirectoryPath": path}}}]))
        wait_until_ended(daemon.client("sagemaker"), name)

    for identifier, kind, mode in ((efs, "EFS", "ro"), (fsx, "FSxLustre", "ro"), (fsx, "FSxLustre", "rw")):
        create(identifier, kind, mode)
    for identifier, kind, mode, action in ((other, "EFS", "ro", "elasticfilesystem:ClientMount"), (efs, "EFS", "rw", "elasticfilesystem:ClientWrite"),
                                           (other, "FSxLustre", "ro", "fsx:ClientMount")):
        denied = refusal(lambda: create(identifier, kind, mode))
        assert denied["Code"] == "AccessDeniedException" and action in denied["Message"] and f"file-system/{identifier}" in denied["Message"]


def test_a_copy_is_allowed_for_the_very_key_that_is_copied(daemon, s3, buckets):
    s3.put_object(Bucket=buckets["data"], Key="open?secret", Body=b"x")
    policy = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": f"arn:aws:s3:::{buckets['results']}/*"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{buckets['data']}/open"}]}
    iam = daemon.client("iam")
    iam.create_user(UserName="carl")
    iam.put_user_policy(UserName="carl", PolicyName="own", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName="carl")["AccessKey"]
    carl = client_of(daemon, {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}, "s3")
    for source in ("open?secret", "open%3Fsecret"):
        raw = f"{buckets['data']}/{source}"
        carl.meta.events.register("before-call.s3.CopyObject", lambda params, raw=raw, **_: params["headers"].update(
            {"x-amz-copy-source": raw}))
        assert refusal(lambda: carl.copy_object(Bucket=buckets["results"], Key="c", CopySource="a/b"))["Code"] == "AccessDenied"


def test_a_user_whose_policy_is_refused_is_not_left_behind(daemon, tmp_path):
    (tmp_path / "policy.json").write_text("{}")
    refused = daemon.cli("users", "add", "dora", "--bucket", "b", "--policy", tmp_path / "policy.json", check=False)
    assert refused.returncode == 1 and "needs \"Version\"" in refused.stderr
    many = [word for number in range(40) for word in ("--bucket", f"bucket-with-a-long-name-{number}")]
    assert "the limit is 2048" in daemon.cli("users", "add", "dora", "--read-only", *many, check=False).stderr
    assert "dora" not in daemon.cli("users", "list").stdout


def test_policies_change_at_once_and_are_refused_where_not_understood(daemon, buckets):
    iam = daemon.client("iam")
    keys = add_user(daemon, "ben", "--read-only")
    s3 = client_of(daemon, keys, "s3")
    s3.get_object(Bucket=buckets["other"], Key="k")
    deny = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "s3:GetObject",
                                                   "Resource": f"arn:aws:s3:::{buckets['other']}/*"}}
    iam.put_user_policy(UserName="ben", PolicyName="deny", PolicyDocument=json.dumps(deny))
    assert "explicit deny" in refusal(lambda: s3.get_object(Bucket=buckets["other"], Key="k"))["Message"]
    deny["Statement"]["Condition"] = {"Bool": {"aws:SecureTransport": "false"}}
    refused = refusal(lambda: iam.put_user_policy(UserName="ben", PolicyName="deny", PolicyDocument=json.dumps(deny)))
    assert refused["Code"] == "MalformedPolicyDocument" and "Statement[0].Condition" in refused["Message"]
    assert refusal(lambda: iam.delete_user(UserName="ben"))["Code"] == "DeleteConflict"
    assert "ben" in daemon.cli("users", "list").stdout
    daemon.cli("users", "remove", "ben")
    assert refusal(lambda: s3.get_object(Bucket=buckets["data"], Key="k"))["Code"] == "InvalidAccessKeyId"
    assert "ben" not in daemon.cli("users", "list").stdout


def test_the_audit_log_says_who_did_what_and_who_was_refused(daemon, buckets, anna):
    s3 = client_of(daemon, anna, "s3")
    key = unique("audited")
    s3.put_object(Bucket=buckets["results"], Key=key, Body=b"x")
    refusal(lambda: s3.get_object(Bucket=buckets["other"], Key=key))
    daemon.kill()  # what was answered is in the log whatever happens to the daemon
    daemon.start()
    lines = [json.loads(line) for line in daemon.cli("audit", "export", "--who", "anna", "--resource", key).stdout.splitlines()]
    assert [(line["actions"][0]["action"], line["status"], line.get("error")) for line in lines] == [
        ("s3:PutObject", 200, None), ("s3:GetObject", 403, "AccessDenied")]
    assert {line["user"] for line in lines} == {"anna"} and all(line["peer"].startswith("127.0.0.1:") for line in lines)
    table = list(csv.DictReader(io.StringIO(daemon.cli("audit", "export", "--resource", key, "--format", "csv").stdout)))
    assert [row["resource"] for row in table] == [f"arn:aws:s3:::{buckets[name]}/{key}" for name in ("results", "other")]
    folder = daemon.data_dir / "audit"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert not daemon.cli("audit", "export", "--since", "2000-01-01", "--until", "2000-01-02").stdout
    newest = max(folder.iterdir())
    newest.write_bytes(newest.read_bytes() + b'{"time": 5}\n{"time": "2026-11-28T00:00:00.000Z", "actions": [1]}\n{"ti')
    damaged = daemon.cli("audit", "export", "--resource", key)
    assert len(damaged.stdout.splitlines()) == 2 and damaged.stderr.count("damaged and left out") == 3
