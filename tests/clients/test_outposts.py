"""S3 on Outposts through boto3 and the AWS CLI: endpoints, buckets, access points, and their aliases as buckets."""

import json
import os
import re
import socket
import subprocess
import time

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from conftest import channel, job_request, log_lines, unique, wait_until_ended
from daemon import MILLRACE, Daemon
from test_javascript_sdk import FOLDER as JAVASCRIPT, node

ACCOUNT = "111122223333"
VPC = "vpc-0123456789abcdef0"


@pytest.fixture(scope="module")
def s3control(daemon):
    return daemon.client("s3control")


@pytest.fixture(scope="module")
def s3outposts(daemon):
    return daemon.client("s3outposts")


@pytest.fixture(scope="module")
def outpost(daemon):
    """The one that every installation has."""
    listed = daemon.cli("outposts", "list").stdout
    return re.search(r"op-[0-9a-f]{17}", listed).group(0)


@pytest.fixture(scope="module")
def aws(daemon):
    def run(*arguments, check=True):
        done = subprocess.run(["/usr/bin/aws", "--endpoint-url", daemon.endpoint, *arguments], text=True,
                              capture_output=True, env=daemon.shell_environment(), timeout=120)
        assert not check or done.returncode == 0, done.stderr
        return done
    return run


class Point:
    """A bucket on an Outpost and an access point of it."""

    def __init__(self, s3control, outpost):
        self.bucket_name = unique("outpost-data")
        self.bucket = s3control.create_bucket(Bucket=self.bucket_name, OutpostId=outpost)["BucketArn"]
        self.name = unique("trainingdata")
        made = s3control.create_access_point(AccountId=ACCOUNT, Name=self.name, Bucket=self.bucket,
                                             VpcConfiguration={"VpcId": VPC})
        self.arn, self.alias = made["AccessPointArn"], made["Alias"]


@pytest.fixture
def point(s3control, outpost):
    return Point(s3control, outpost)


def refusal(call, *arguments, **members):
    with pytest.raises(ClientError) as refused:
        call(*arguments, **members)
    return refused.value.response["Error"]["Code"], refused.value.response["ResponseMetadata"]["HTTPStatusCode"]


def wait_for_endpoint(s3outposts, endpoint, status, timeout=10):
    deadline = time.monotonic() + timeout
    while True:
        found = [e for e in s3outposts.list_endpoints()["Endpoints"] if e["EndpointArn"] == endpoint]
        if (found[0]["Status"] if found else None) == status:
            return found[0] if found else None
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def test_an_endpoint_is_pending_then_available_then_deleting_then_gone(s3outposts, outpost):
    endpoint = s3outposts.create_endpoint(OutpostId=outpost, SubnetId="subnet-0123456789abcdef0",
                                          SecurityGroupId="sg-01234567")["EndpointArn"]
    assert re.fullmatch(rf"arn:aws:s3-outposts:us-east-1:{ACCOUNT}:outpost/{outpost}/endpoint/[a-zA-Z0-9]{{19}}", endpoint)
    assert wait_for_endpoint(s3outposts, endpoint, "Pending")["AccessType"] == "Private"
    shown = wait_for_endpoint(s3outposts, endpoint, "Available")
    assert shown["OutpostsId"] == outpost and shown["SubnetId"] == "subnet-0123456789abcdef0"
    assert shown["SecurityGroupId"] == "sg-01234567" and shown["VpcId"].startswith("vpc-")
    assert s3outposts.list_shared_endpoints(OutpostId=outpost)["Endpoints"] == [shown]
    s3outposts.delete_endpoint(EndpointId=endpoint.rsplit("/")[-1], OutpostId=outpost)
    wait_for_endpoint(s3outposts, endpoint, "Deleting")
    wait_for_endpoint(s3outposts, endpoint, None)


def test_an_endpoint_keeps_its_pool_of_customer_owned_addresses(s3outposts, outpost):
    pool = "ipv4pool-coip-01234567890123456"
    members = {"OutpostId": outpost, "SubnetId": "subnet-11111111", "SecurityGroupId": "sg-01234567"}
    assert refusal(s3outposts.create_endpoint, AccessType="CustomerOwnedIp", **members) == ("ValidationException", 400)
    assert refusal(s3outposts.create_endpoint, CustomerOwnedIpv4Pool=pool, **members) == ("ValidationException", 400)
    endpoint = s3outposts.create_endpoint(AccessType="CustomerOwnedIp", CustomerOwnedIpv4Pool=pool, **members)["EndpointArn"]
    shown = wait_for_endpoint(s3outposts, endpoint, "Available")
    assert (shown["AccessType"], shown["CustomerOwnedIpv4Pool"]) == ("CustomerOwnedIp", pool)
    assert refusal(s3outposts.create_endpoint, **members) == ("ConflictException", 409)
    s3outposts.delete_endpoint(EndpointId=endpoint.rsplit("/")[-1], OutpostId=outpost)


def test_an_endpoint_of_an_outpost_that_is_not_here_is_refused(s3outposts):
    assert refusal(s3outposts.create_endpoint, OutpostId="op-ffffffffffffffff0", SubnetId="subnet-11111111",
                   SecurityGroupId="sg-01234567") == ("ResourceNotFoundException", 404)
    assert refusal(s3outposts.create_endpoint, OutpostId="op-1", SubnetId="subnet-11111111",
                   SecurityGroupId="sg-01234567") == ("ValidationException", 400)


def test_the_operator_adds_and_removes_outposts(daemon, s3outposts, s3control):
    other = "op-01ac5d28a6a232904"
    assert refusal(s3control.create_bucket, Bucket="data", OutpostId=other) == ("NoSuchOutpost", 404)
    daemon.cli("outposts", "add", other, "--subnet", "subnet-22222222=vpc-33333333")
    assert daemon.cli("outposts", "add", other, check=False).returncode == 1
    members = {"OutpostId": other, "SecurityGroupId": "sg-01234567"}
    assert refusal(s3outposts.create_endpoint, SubnetId="subnet-99999999", **members) == ("ValidationException", 400)
    endpoint = s3outposts.create_endpoint(SubnetId="subnet-22222222", **members)["EndpointArn"]
    assert wait_for_endpoint(s3outposts, endpoint, "Pending")["VpcId"] == "vpc-33333333"
    assert "endpoints" in daemon.cli("outposts", "remove", other, check=False).stderr
    s3outposts.delete_endpoint(EndpointId=endpoint.rsplit("/")[-1], OutpostId=other)
    wait_for_endpoint(s3outposts, endpoint, None)
    daemon.cli("outposts", "remove", other)
    assert other not in daemon.cli("outposts", "list").stdout


def test_a_bucket_on_an_outpost_is_found_by_its_arn_and_is_no_bucket_of_s3(s3control, s3, outpost):
    name = unique("outpost-bucket")
    made = s3control.create_bucket(Bucket=name, OutpostId=outpost)
    arn = f"arn:aws:s3-outposts:us-east-1:{ACCOUNT}:outpost/{outpost}/bucket/{name}"
    assert made["BucketArn"] == arn and made["Location"] == f"/v20180820/bucket/{name}"
    assert refusal(s3control.create_bucket, Bucket=name, OutpostId=outpost) == ("BucketAlreadyOwnedByYou", 409)
    shown = s3control.get_bucket(AccountId=ACCOUNT, Bucket=arn)
    assert shown["Bucket"] == name and shown["PublicAccessBlockEnabled"] is True and shown["CreationDate"]
    listed = s3control.list_regional_buckets(AccountId=ACCOUNT, OutpostId=outpost)["RegionalBucketList"]
    assert [(b["BucketArn"], b["OutpostId"]) for b in listed if b["Bucket"] == name] == [(arn, outpost)]
    assert name not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert refusal(s3.head_bucket, Bucket=name)[1] == 404
    # A bucket of the same name beside it is another bucket.
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    s3control.delete_bucket(AccountId=ACCOUNT, Bucket=arn)
    assert refusal(s3control.get_bucket, AccountId=ACCOUNT, Bucket=arn) == ("NoSuchBucket", 404)
    assert s3.get_object(Bucket=name, Key="k")["Body"].read() == b"x"


def test_tags_and_policies_of_a_bucket_are_kept(s3control, point):
    who = {"AccountId": ACCOUNT, "Bucket": point.bucket}
    assert refusal(s3control.get_bucket_tagging, **who) == ("NoSuchTagSet", 404)
    tags = [{"Key": "team", "Value": "vision @ more"}]
    s3control.put_bucket_tagging(Tagging={"TagSet": tags}, **who)
    assert s3control.get_bucket_tagging(**who)["TagSet"] == tags
    s3control.delete_bucket_tagging(**who)
    assert refusal(s3control.get_bucket_tagging, **who) == ("NoSuchTagSet", 404)
    assert refusal(s3control.get_bucket_policy, **who) == ("NoSuchBucketPolicy", 404)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3-outposts:*", "Resource": point.bucket}]})
    s3control.put_bucket_policy(Policy=policy, **who)
    assert json.loads(s3control.get_bucket_policy(**who)["Policy"]) == json.loads(policy)
    s3control.delete_bucket_policy(**who)
    assert refusal(s3control.put_bucket_policy, Policy="{}", **who) == ("MalformedPolicy", 400)


def test_lifecycle_rules_are_refused_by_name(s3control, point):
    with pytest.raises(ClientError, match="PutBucketLifecycleConfiguration is not supported"):
        s3control.put_bucket_lifecycle_configuration(
            AccountId=ACCOUNT, Bucket=point.bucket,
            LifecycleConfiguration={"Rules": [{"ID": "r", "Status": "Enabled", "Expiration": {"Days": 1}, "Filter": {}}]})


def test_an_access_point_shows_what_it_was_made_with(s3control, point):
    shown = s3control.get_access_point(AccountId=ACCOUNT, Name=point.arn)
    assert shown["Name"] == point.name and shown["Bucket"] == point.bucket_name
    assert shown["NetworkOrigin"] == "VPC" and shown["VpcConfiguration"] == {"VpcId": VPC}
    assert shown["Alias"] == point.alias and shown["AccessPointArn"] == point.arn
    assert set(shown["PublicAccessBlockConfiguration"].values()) == {True}
    listed = s3control.list_access_points(AccountId=ACCOUNT, Bucket=point.bucket)["AccessPointList"]
    assert [(p["Name"], p["Alias"], p["Bucket"]) for p in listed] == [(point.name, point.alias, point.bucket_name)]
    assert len(point.alias) < 50 and point.alias.endswith("--op-s3")
    members = {"AccountId": ACCOUNT, "Bucket": point.bucket}
    vpc = {"VpcConfiguration": {"VpcId": VPC}}
    assert refusal(s3control.create_access_point, Name="other", **members) == ("InvalidRequest", 400)
    assert refusal(s3control.create_access_point, Name="Other", **members, **vpc) == ("InvalidRequest", 400)
    assert refusal(s3control.create_access_point, Name=point.name, **members, **vpc) == ("AccessPointAlreadyOwnedByYou", 409)
    assert refusal(s3control.create_access_point, Name="other", PublicAccessBlockConfiguration={"BlockPublicAcls": False},
                   **members, **vpc) == ("InvalidRequest", 400)


def test_lists_come_in_pages(s3control, outpost, point):
    for _ in range(2):
        s3control.create_access_point(AccountId=ACCOUNT, Name=unique("more"), Bucket=point.bucket,
                                      VpcConfiguration={"VpcId": VPC})
    first = s3control.list_access_points(AccountId=ACCOUNT, Bucket=point.bucket, MaxResults=2)
    pages = [first, s3control.list_access_points(AccountId=ACCOUNT, Bucket=point.bucket, MaxResults=2,
                                                 NextToken=first["NextToken"])]
    assert [len(page["AccessPointList"]) for page in pages] == [2, 1]
    assert "NextToken" not in pages[1]


def test_sync_and_ls_by_the_alias(aws, s3, point, tmp_path):
    source = tmp_path / "tree"
    (source / "cats").mkdir(parents=True)
    for number in range(5):
        (source / "cats" / f"{number} ü.jpg").write_bytes(bytes([number]) * 100)
    (source / "list.lst").write_text("0\t1\tcats/0.jpg\n")
    time.sleep(1.1)  # as in test_awscli.py
    assert aws("s3", "sync", str(source), f"s3://{point.alias}/").stdout.count("upload:") == 6
    assert aws("s3", "sync", str(source), f"s3://{point.alias}/").stdout.count("upload:") == 0
    assert "list.lst" in aws("s3", "ls", f"s3://{point.alias}/").stdout
    assert aws("s3", "ls", "--recursive", f"s3://{point.alias}").stdout.count("cats/") == 5
    target = tmp_path / "copy"
    aws("s3", "sync", f"s3://{point.alias}/", str(target))
    assert (target / "cats/3 ü.jpg").read_bytes() == bytes([3]) * 100
    assert s3.list_objects_v2(Bucket=point.alias, Prefix="list")["Name"] == point.alias


def test_every_kind_of_request_works_with_an_alias(s3, bucket, point):
    name = point.alias
    s3.put_object(Bucket=name, Key="a/b", Body=b"hello", Metadata={"colour": "red"})
    assert s3.head_object(Bucket=name, Key="a/b")["Metadata"] == {"colour": "red"}
    assert s3.get_object(Bucket=name, Key="a/b", Range="bytes=1-3")["Body"].read() == b"ell"
    s3.head_bucket(Bucket=name)
    # Copies from, into and within.
    s3.copy_object(Bucket=bucket, Key="out", CopySource={"Bucket": name, "Key": "a/b"})
    s3.copy_object(Bucket=name, Key="in", CopySource={"Bucket": bucket, "Key": "out"})
    s3.copy_object(Bucket=name, Key="by arn", CopySource={"Bucket": point.arn, "Key": "a/b"})
    assert s3.get_object(Bucket=name, Key="by arn")["Body"].read() == b"hello"
    upload = s3.create_multipart_upload(Bucket=name, Key="parts")
    assert upload["Bucket"] == name
    part = s3.upload_part(Bucket=name, Key="parts", UploadId=upload["UploadId"], PartNumber=1, Body=b"part")
    done = s3.complete_multipart_upload(Bucket=name, Key="parts", UploadId=upload["UploadId"],
                                        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert done["Bucket"] == name and name in done["Location"]
    s3.put_object_tagging(Bucket=name, Key="parts", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    assert s3.get_object_tagging(Bucket=name, Key="parts")["TagSet"] == [{"Key": "k", "Value": "v"}]
    keys = [entry["Key"] for entry in s3.list_objects(Bucket=name)["Contents"]]
    assert keys == ["a/b", "by arn", "in", "parts"]
    s3.delete_object(Bucket=name, Key="in")
    assert s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": k} for k in keys]}).get("Errors", []) == []
    assert s3.list_objects_v2(Bucket=name)["KeyCount"] == 0


def test_an_alias_makes_no_bucket_and_its_bucket_is_not_deleted_by_it(s3, point):
    assert refusal(s3.delete_bucket, Bucket=point.alias) == ("MethodNotAllowed", 405)
    assert refusal(s3.create_bucket, Bucket=point.alias) == ("MethodNotAllowed", 405)
    assert refusal(s3.create_bucket, Bucket="nobodys-o0000000000--op-s3") == ("NoSuchBucket", 404)
    assert refusal(s3.get_object, Bucket="nobodys-o0000000000--op-s3", Key="k") == ("NoSuchBucket", 404)


def test_the_stores_own_name_of_a_bucket_leads_nowhere(daemon, s3, bucket, outpost, point):
    s3.put_object(Bucket=point.alias, Key="secret", Body=b"x")
    inner = daemon.client("s3")
    name = f"{outpost}:{point.bucket_name}"

    def ask_for_it(request, **_):
        request.url = request.url.replace(bucket, name)
    inner.meta.events.register("before-sign.s3", ask_for_it)
    assert refusal(inner.get_object, Bucket=bucket, Key="secret") == ("NoSuchBucket", 404)
    assert refusal(s3.copy_object, Bucket=bucket, Key="k", CopySource=f"{name}/secret") == ("NoSuchBucket", 404)


def test_the_arn_of_an_access_point_works_as_botocore_sends_it(tmp_path, monkeypatch):
    """Botocore makes <access point>-<account>.<outpost>.<host> of it, and HTTPS whatever the endpoint says."""
    with_tls = Daemon(tmp_path / "data", "--tls")
    try:
        outpost = re.search(r"op-[0-9a-f]{17}", with_tls.cli("outposts", "list").stdout).group(0)
        control = with_tls.client("s3control")
        point = Point(control, outpost)
        port = with_tls.endpoint.rsplit(":", 1)[1]
        resolve = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo",
                            lambda host, *rest: resolve("127.0.0.1" if host.endswith(".localhost") else host, *rest))
        s3 = boto3.client("s3", endpoint_url=f"https://localhost:{port}", region_name="us-east-1",
                          aws_access_key_id=with_tls.environment["AWS_ACCESS_KEY_ID"],
                          aws_secret_access_key=with_tls.environment["AWS_SECRET_ACCESS_KEY"],
                          verify=with_tls.environment["AWS_CA_BUNDLE"], config=Config(retries={"max_attempts": 0}))
        hosts = []
        s3.meta.events.register("before-send.s3", lambda request, **_: hosts.append(request.url.split("/")[2]))
        s3.put_object(Bucket=point.arn, Key="a key", Body=b"by host")
        assert hosts == [f"{point.name}-{ACCOUNT}.{outpost}.localhost:{port}"]
        assert s3.get_object(Bucket=point.arn, Key="a key")["Body"].read() == b"by host"
        assert [e["Key"] for e in s3.list_objects_v2(Bucket=point.arn)["Contents"]] == ["a key"]
        assert s3.get_object(Bucket=point.alias, Key="a key")["Body"].read() == b"by host"
    finally:
        with_tls.stop()


SCRIPT = """
import boto3, sys
s3 = boto3.client('s3')
print(s3.get_object(Bucket=sys.argv[1], Key='dir/x y.txt')['Body'].read().decode())
print([e['Key'] for e in s3.list_objects_v2(Bucket=sys.argv[1], Prefix='dir/')['Contents']])
"""
SEEN = ["hello", "['dir/x y.txt']"]


@pytest.fixture
def plain_environment(daemon, tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    keys = {name: daemon.environment[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION")}
    return {**kept, **keys, "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "",
            "PYTHONDONTWRITEBYTECODE": "1"}


def test_the_client_kit_takes_arns_and_aliases_into_the_path(daemon, s3, point, plain_environment, tmp_path):
    s3.put_object(Bucket=point.alias, Key="dir/x y.txt", Body=b"hello")
    kit = str(tmp_path / "kit")
    daemon.cli("kit", kit)
    for name in (point.arn, point.alias):
        done = subprocess.run(["/usr/bin/python3", "-c", SCRIPT, name], text=True, capture_output=True, timeout=60,
                              env={**plain_environment, "AWS_DATA_PATH": kit})
        assert done.stdout.splitlines() == SEEN, done.stderr


def test_code_that_knows_only_amazons_hosts_runs_unchanged(daemon, s3, outpost, point, plain_environment):
    """`millrace run`: <alias>.s3.<region>, <access point>-<account>.<outpost>.s3-outposts.<region>, and S3 Control's."""
    s3.put_object(Bucket=point.alias, Key="dir/x y.txt", Body=b"hello")
    control = f"""
import boto3, sys
control = boto3.client('s3control')
print(control.get_bucket(AccountId='{ACCOUNT}', Bucket='{point.bucket}')['Bucket'])
print(len(control.list_regional_buckets(AccountId='{ACCOUNT}', OutpostId='{outpost}')['RegionalBucketList']) > 0)
print(control.get_access_point(AccountId='{ACCOUNT}', Name='{point.arn}')['Alias'])
print(boto3.client('s3outposts').list_endpoints()['ResponseMetadata']['HTTPStatusCode'])
"""
    for script, argument, seen in ((SCRIPT, point.arn, SEEN), (SCRIPT, point.alias, SEEN),
                                   (control, "", [point.bucket_name, "True", point.alias, "200"])):
        done = subprocess.run([MILLRACE, "run", "--data-dir", str(daemon.data_dir), "--", "/usr/bin/python3", "-c", script,
                               argument], text=True, capture_output=True, timeout=60, env=plain_environment)
        assert done.stdout.splitlines() == seen, done.stderr


def test_the_javascript_sdk_takes_the_alias_for_a_bucket(daemon, s3, point):
    script = """
import {S3Client, PutObjectCommand, GetObjectCommand, paginateListObjectsV2} from '@aws-sdk/client-s3';
const s3 = new S3Client({endpoint: process.env.AWS_ENDPOINT_URL, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1});
const Bucket = process.env.ALIAS;
for (let i = 0; i < 3; i++) await s3.send(new PutObjectCommand({Bucket, Key: `js/${i}`, Body: `${i}`}));
const keys = [];
for await (const page of paginateListObjectsV2({client: s3, pageSize: 2}, {Bucket, Prefix: 'js/'})) {
  keys.push(...page.Contents.map((entry) => entry.Key));
}
console.log(keys.join(' '), await (await s3.send(new GetObjectCommand({Bucket, Key: 'js/2'}))).Body.transformToString());
"""
    done = subprocess.run([node(), "--input-type=module", "-e", script], cwd=JAVASCRIPT, text=True, capture_output=True,
                          timeout=60, env={**daemon.shell_environment(), "ALIAS": point.alias})
    assert done.stdout.strip() == "js/0 js/1 js/2 2", done.stderr


def test_jobs_read_and_write_by_alias_and_by_arn(daemon, sagemaker, logs, s3, point):
    image = daemon.add_program("list_channels.py")
    for number in range(3):
        s3.put_object(Bucket=point.alias, Key=f"train/{number}.csv", Body=b"1,2\n")
    for place in (point.alias, point.arn):
        name = unique("outposts-job")
        sagemaker.create_training_job(**job_request(
            name, image, point.alias, OutputDataConfig={"S3OutputPath": f"s3://{place}/out"},
            InputDataConfig=[channel("train", f"s3://{place}/train/")]))
        job = wait_until_ended(sagemaker, name)
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        assert job["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{place}/out/{name}/output/model.tar.gz"
        s3.head_object(Bucket=point.alias, Key=f"out/{name}/output/model.tar.gz")
        assert "train: 0.csv 1.csv 2.csv" in log_lines(logs, name)
    missing = job_request(unique("outposts-job"), image, point.alias,
                          InputDataConfig=[channel("train", "s3://nobodys-o0000000000--op-s3/train/")])
    assert refusal(sagemaker.create_training_job, **missing) == ("ValidationException", 400)


def test_deletion_in_the_right_order_works_and_in_the_wrong_one_is_refused(daemon, s3, s3control, s3outposts, point):
    other = "op-0aaaaaaaaaaaaaaa1"
    daemon.cli("outposts", "add", other)
    point = Point(s3control, other)
    endpoint = s3outposts.create_endpoint(OutpostId=other, SubnetId="subnet-44444444",
                                          SecurityGroupId="sg-01234567")["EndpointArn"].rsplit("/")[-1]
    s3.put_object(Bucket=point.alias, Key="k", Body=b"x")
    s3.create_multipart_upload(Bucket=point.alias, Key="open")
    delete_bucket = dict(AccountId=ACCOUNT, Bucket=point.bucket)
    assert refusal(s3control.delete_bucket, **delete_bucket) == ("BucketHasAccessPointsAttached", 400)
    assert refusal(s3outposts.delete_endpoint, EndpointId=endpoint, OutpostId=other) == ("ConflictException", 409)
    s3control.delete_access_point(AccountId=ACCOUNT, Name=point.arn)
    assert refusal(s3.get_object, Bucket=point.alias, Key="k") == ("NoSuchBucket", 404)
    assert refusal(s3control.delete_bucket, **delete_bucket) == ("BucketNotEmpty", 409)
    # What is left in it is reached through a new access point.
    alias = s3control.create_access_point(AccountId=ACCOUNT, Name=point.name, Bucket=point.bucket,
                                          VpcConfiguration={"VpcId": VPC})["Alias"]
    s3.delete_object(Bucket=alias, Key="k")
    for upload in s3.list_multipart_uploads(Bucket=alias)["Uploads"]:
        s3.abort_multipart_upload(Bucket=alias, Key=upload["Key"], UploadId=upload["UploadId"])
    s3control.delete_access_point(AccountId=ACCOUNT, Name=point.arn)
    s3control.delete_bucket(**delete_bucket)
    s3outposts.delete_endpoint(EndpointId=endpoint, OutpostId=other)
    assert refusal(s3outposts.delete_endpoint, EndpointId=endpoint, OutpostId=other) == ("ResourceNotFoundException", 404)


def user_client(daemon, service, user, policy):
    iam = daemon.client("iam")
    iam.create_user(UserName=user)
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=user)["AccessKey"]
    return boto3.client(service, endpoint_url=daemon.endpoint, region_name="us-east-1",
                        aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"],
                        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}))


def allow(actions, *resources):
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": list(resources)}]}


def test_a_user_reaches_an_access_point_as_far_as_its_policy_goes(daemon, s3, point):
    s3.put_object(Bucket=point.alias, Key="open/x", Body=b"x")
    s3.put_object(Bucket=point.alias, Key="closed/x", Body=b"x")
    anna = user_client(daemon, "s3", unique("anna"), allow(
        "s3-outposts:GetObject", point.arn + "/object/open/*", point.bucket + "/object/open/*"))
    assert anna.get_object(Bucket=point.alias, Key="open/x")["Body"].read() == b"x"
    assert refusal(anna.get_object, Bucket=point.alias, Key="closed/x") == ("AccessDenied", 403)
    assert refusal(anna.put_object, Bucket=point.alias, Key="open/x", Body=b"") == ("AccessDenied", 403)
    # Rights to all ordinary buckets are none to Outposts, and the alias is no way around a policy.
    carl = user_client(daemon, "s3", unique("carl"), allow("s3:*", "*"))
    assert refusal(carl.get_object, Bucket=point.alias, Key="open/x") == ("AccessDenied", 403)
    control = user_client(daemon, "s3control", unique("dora"), allow("s3-outposts:GetBucket", point.bucket))
    assert control.get_bucket(AccountId=ACCOUNT, Bucket=point.bucket)["Bucket"] == point.bucket_name
    assert refusal(control.delete_bucket, AccountId=ACCOUNT, Bucket=point.bucket) == ("AccessDenied", 403)


def test_a_policy_of_a_bucket_or_access_point_takes_rights_away(daemon, s3, s3control, point):
    everything = allow("s3-outposts:*", "*")
    name = unique("berta")
    berta = user_client(daemon, "s3", name, everything)
    s3.put_object(Bucket=point.alias, Key="k", Body=b"x")
    assert berta.get_object(Bucket=point.alias, Key="k")["Body"].read() == b"x"
    deny = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/{name}"},
         "Action": "s3-outposts:GetObject", "Resource": point.bucket + "/object/*"}]}
    s3control.put_bucket_policy(AccountId=ACCOUNT, Bucket=point.bucket, Policy=json.dumps(deny))
    assert refusal(berta.get_object, Bucket=point.alias, Key="k") == ("AccessDenied", 403)
    assert s3.get_object(Bucket=point.alias, Key="k")["Body"].read() == b"x"
    s3control.delete_bucket_policy(AccountId=ACCOUNT, Bucket=point.bucket)
    deny["Statement"][0].update(Principal="*", Resource=point.arn + "/object/*")
    s3control.put_access_point_policy(AccountId=ACCOUNT, Name=point.arn, Policy=json.dumps(deny))
    assert json.loads(s3control.get_access_point_policy(AccountId=ACCOUNT, Name=point.arn)["Policy"]) == deny
    assert refusal(s3.get_object, Bucket=point.alias, Key="k") == ("AccessDenied", 403)
    s3control.delete_access_point_policy(AccountId=ACCOUNT, Name=point.arn)
    assert s3.get_object(Bucket=point.alias, Key="k")["Body"].read() == b"x"
    assert refusal(s3control.get_access_point_policy, AccountId=ACCOUNT, Name=point.arn) == ("NoSuchAccessPointPolicy", 404)


def test_another_account_is_refused(s3control, outpost):
    assert refusal(s3control.list_regional_buckets, AccountId="999999999999", OutpostId=outpost) == ("AccessDenied", 403)


def test_lists_of_outposts(daemon, outpost):
    """Debian's botocore does not know the operation; the CLI of the same age does not either: as HTTP."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    import urllib.request
    request = AWSRequest("GET", daemon.endpoint + "/S3Outposts/ListOutpostsWithS3?maxResults=5")
    SigV4Auth(Credentials(daemon.environment["AWS_ACCESS_KEY_ID"], daemon.environment["AWS_SECRET_ACCESS_KEY"]),
              "s3-outposts", "us-east-1").add_auth(request)
    answer = json.loads(urllib.request.urlopen(urllib.request.Request(request.url, headers=dict(request.headers))).read())
    found = [one for one in answer["Outposts"] if one["OutpostId"] == outpost]
    assert found[0]["OwnerId"] == ACCOUNT and found[0]["CapacityInBytes"] > 0
    assert found[0]["S3OutpostArn"] == f"arn:aws:s3-outposts:us-east-1:{ACCOUNT}:outpost/{outpost}/s3"
