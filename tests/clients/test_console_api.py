"""The web console's side of the daemon, over plain HTTP as a browser speaks it: docs/reference/console-api.md."""

import gzip
import json
import re
import struct
import time
from datetime import datetime, timedelta, timezone
from urllib.parse import quote

import boto3
import numpy
import pytest
from botocore.config import Config

from conftest import channel, job_request, unique, wait_until_ended
from console import Browser, new_user
from daemon import Daemon

MARKUP = "<img src=x onerror=alert(1)>&\"'"


@pytest.fixture
def browser(daemon):
    browser = Browser(daemon.endpoint)
    assert browser.sign_in({"AccessKeyId": daemon.environment["AWS_ACCESS_KEY_ID"],
                            "SecretAccessKey": daemon.environment["AWS_SECRET_ACCESS_KEY"]}).status == 200
    return browser


# Signing in

def test_a_session_is_opened_by_a_key_and_closed_again(daemon):
    browser = Browser(daemon.endpoint)
    assert browser.get("/mr/session").status == 401
    answer = browser.sign_in({"AccessKeyId": daemon.environment["AWS_ACCESS_KEY_ID"],
                              "SecretAccessKey": daemon.environment["AWS_SECRET_ACCESS_KEY"]})
    assert answer.status == 200
    cookie = answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/mr/"))
    session = browser.get("/mr/session").json()
    assert session == answer.json()
    assert session["Account"] == "111122223333" and session["User"] == "operator"
    expires = datetime.fromisoformat(session["ExpiresAt"].replace("Z", "+00:00"))
    assert timedelta(hours=11, minutes=50) < expires - datetime.now(timezone.utc) <= timedelta(hours=12)
    assert browser.send("DELETE", "/mr/session").status == 200
    assert browser.get("/mr/session").status == 401


def test_the_printed_link_signs_in_once(tmp_path):
    daemon = Daemon(tmp_path / "data")
    try:
        printed = daemon.process.stdout.readline()
        token = re.search(r"^Console: http://127\.0\.0\.1:\d+/console/#token=([0-9a-f]{64})$", printed).group(1)
        browser = Browser(daemon.endpoint)
        assert browser.sign_in({"Token": token}).status == 200
        assert browser.get("/mr/session").json()["User"] == "operator"
        assert Browser(daemon.endpoint).sign_in({"Token": token}).status == 403
        link = daemon.cli("console").stdout.strip()
        assert link.startswith(daemon.endpoint + "/console/#token=")
        assert Browser(daemon.endpoint).sign_in({"Token": link.split("=")[1]}).status == 200
    finally:
        daemon.stop()


def test_a_user_s_link_is_the_user_s(daemon):
    keys = dict(re.findall(r"^export (\w+)=(\S+)$", daemon.cli("users", "add", "linked", "--administrator").stdout, re.M))
    link = daemon.cli("console", env={**daemon.shell_environment(), **keys}).stdout.strip()
    browser = Browser(daemon.endpoint)
    browser.sign_in({"Token": link.split("=")[1]})
    assert browser.get("/mr/session").json()["User"] == "linked"


@pytest.mark.parametrize("forged", ["", "0" * 64, "millrace", "../../etc", "a" * 5000])
def test_a_forged_cookie_opens_nothing(daemon, forged):
    browser = Browser(daemon.endpoint)
    browser.cookie, browser.csrf = forged, "0" * 64
    assert browser.get("/mr/session").status == 401
    assert browser.get("/mr/aws/s3/").status == 401
    assert browser.call("sagemaker", "SageMaker.ListTrainingJobs", {}).status == 401


def test_writes_repeat_the_token(browser):
    stolen = Browser(f"http://{browser.url.netloc}")
    stolen.cookie = browser.cookie
    for wrong in (None, "0" * 64, browser.csrf.upper() if browser.csrf.upper() != browser.csrf else "x"):
        stolen.csrf = wrong
        answer = stolen.call("sagemaker", "SageMaker.ListTrainingJobs", {})
        assert (answer.status, answer.json()["__type"]) == (403, "CsrfTokenMismatch")
        assert stolen.send("PUT", "/mr/aws/s3/" + unique("stolen")).status == 403
    assert stolen.get("/mr/aws/s3/").status == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:9000", "127.0.0.1.evil.example", "localhost.evil.example"])
def test_a_name_that_was_rebound_to_this_machine_is_refused(browser, host):
    for path in ("/console/", "/mr/session", "/mr/aws/s3/", "/mr/events?topics=jobs"):
        assert browser.get(path, {"Host": host}).status == 403


def test_pages_of_other_origins_cannot_write(browser):
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1"):
        answer = browser.send("PUT", "/mr/aws/s3/" + unique("foreign"), headers={"Origin": origin})
        assert (answer.status, answer.json()["__type"]) == (403, "ForeignOrigin")
    own = f"http://{browser.url.netloc}"
    assert browser.send("PUT", "/mr/aws/s3/" + unique("own"), headers={"Origin": own}).status == 200


def test_guessing_is_slowed(tmp_path):
    daemon = Daemon(tmp_path / "data")
    try:
        browser = Browser(daemon.endpoint)
        key = daemon.environment["AWS_ACCESS_KEY_ID"]
        guesses = [browser.sign_in({"AccessKeyId": key, "SecretAccessKey": str(i)}) for i in range(6)]
        assert [answer.status for answer in guesses] == [403] * 5 + [429]
        assert guesses[-1].headers["Retry-After"] == "1"
        time.sleep(1.1)
        assert browser.sign_in({"AccessKeyId": key,
                                "SecretAccessKey": daemon.environment["AWS_SECRET_ACCESS_KEY"]}).status == 200
    finally:
        daemon.stop()


def test_a_session_ends_with_its_key_and_so_does_its_stream(daemon, browser):
    printed = daemon.cli("users", "add", "leaver", "--administrator").stdout
    key = dict(re.findall(r"^export (\w+)=(\S+)$", printed, re.M))
    leaver = Browser(daemon.endpoint)
    assert leaver.sign_in({"AccessKeyId": key["AWS_ACCESS_KEY_ID"],
                           "SecretAccessKey": key["AWS_SECRET_ACCESS_KEY"]}).status == 200
    assert leaver.get("/mr/session").json()["User"] == "leaver"
    stream = leaver.events("jobs")
    assert stream.status == 200
    boto3.client("iam", endpoint_url=daemon.endpoint, region_name="us-east-1",
                 aws_access_key_id=daemon.environment["AWS_ACCESS_KEY_ID"],
                 aws_secret_access_key=daemon.environment["AWS_SECRET_ACCESS_KEY"]).delete_access_key(
                     UserName="leaver", AccessKeyId=key["AWS_ACCESS_KEY_ID"])
    assert leaver.get("/mr/session").status == 401
    assert stream.next() is None
    assert browser.get("/mr/session").status == 200


def test_a_stream_ends_with_the_policy_that_allowed_it(daemon, bucket):
    name, user = new_user(daemon, "--bucket", bucket)
    stream = user.events("jobs")
    assert stream.status == 200
    iam = boto3.client("iam", endpoint_url=daemon.endpoint, region_name="us-east-1",
                       aws_access_key_id=daemon.environment["AWS_ACCESS_KEY_ID"],
                       aws_secret_access_key=daemon.environment["AWS_SECRET_ACCESS_KEY"])
    for policy in iam.list_user_policies(UserName=name)["PolicyNames"]:
        iam.delete_user_policy(UserName=name, PolicyName=policy)
    for policy in iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]:
        iam.detach_user_policy(UserName=name, PolicyArn=policy["PolicyArn"])
    assert user.get("/mr/training-jobs").status == 403
    assert stream.next() is None
    assert user.events("jobs").status == 403


def test_one_user_s_streams_leave_others_room(daemon, browser):
    _, greedy = new_user(daemon, "--administrator")
    streams = [greedy.events("jobs") for _ in range(65)]
    try:
        assert [stream.status for stream in streams] == [200] * 64 + [503]
        other = browser.events("jobs")
        assert other.status == 200
        other.close()
    finally:
        for stream in streams:
            stream.close()


# AWS calls

def test_json_services_answer_as_they_do_to_signed_requests(browser, sagemaker, bucket):
    answer = browser.call("sagemaker", "SageMaker.ListTrainingJobs", {"MaxResults": 1})
    assert answer.status == 200 and "TrainingJobSummaries" in answer.json()
    wrong = browser.call("sagemaker", "SageMaker.CreateTrainingJob", {"TrainingJobName": "a_b"})
    with pytest.raises(sagemaker.exceptions.ClientError) as signed:
        boto3_call(sagemaker, "CreateTrainingJob", {"TrainingJobName": "a_b"})
    assert wrong.status == 400
    assert wrong.json()["__type"] == "ValidationException"
    assert wrong.json()["message"] == signed.value.response["Error"]["Message"]
    assert browser.call("logs", "Logs_20140328.DescribeLogGroups", {}).json()["logGroups"] is not None
    metrics = browser.call("monitoring", "GraniteServiceVersion20100801.ListMetrics", {})
    assert metrics.status == 200
    unknown = browser.call("sagemaker", "SageMaker.NoSuchThing", {})
    assert (unknown.status, unknown.json()["__type"]) == (400, "UnknownOperationException")
    assert browser.call("nowhere", "SageMaker.ListTrainingJobs", {}).status == 404


def boto3_call(client, operation, request):
    """The operation without botocore's own checks of the request."""
    loose = boto3.client("sagemaker", endpoint_url=client.meta.endpoint_url, region_name="us-east-1",
                         aws_access_key_id=client._request_signer._credentials.access_key,
                         aws_secret_access_key=client._request_signer._credentials.secret_key,
                         config=Config(parameter_validation=False, retries={"max_attempts": 0}))
    return loose._make_api_call(operation, request)


def test_query_services_take_forms(browser):
    answer = browser.send("POST", "/mr/aws/sts/", "Action=GetCallerIdentity&Version=2011-06-15",
                          {"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status == 200
    assert b"<Account>111122223333</Account>" in answer.body
    users = browser.send("POST", "/mr/aws/iam/", "Action=ListUsers&Version=2010-05-08",
                         {"Content-Type": "application/x-www-form-urlencoded"})
    assert users.status == 200 and b"<ListUsersResult>" in users.body


def test_what_a_page_of_another_origin_can_make_a_browser_send_does_nothing(browser):
    made = browser.get("/mr/aws/iam/?Action=CreateUser&UserName=forged&Version=2010-05-08")
    assert made.status == 405, made.body
    users = browser.send("POST", "/mr/aws/iam/", "Action=ListUsers&Version=2010-05-08",
                         {"Content-Type": "application/x-www-form-urlencoded"})
    assert b"forged" not in users.body


def test_an_object_is_contained_by_whatever_service_it_is_asked_for(browser, s3, bucket):
    s3.put_object(Bucket=bucket, Key="page.html", Body=b"<script>alert(1)</script>", ContentType="text/html")
    for service in ("s3-outposts", "s3-object-lambda", "execute-api", ""):
        answer = browser.get(f"/mr/aws/{service}/{bucket}/page.html")
        assert answer.status == 404 and b"<script>" not in answer.body, service


def test_objects_travel_through_the_session_as_through_a_signature(browser, s3, bucket):
    content = numpy.random.default_rng(1).bytes(9 << 20)
    key = "photos/" + MARKUP + " %2F.bin"
    path = f"/mr/aws/s3/{bucket}/{quote(key)}"
    put = browser.send("PUT", path, content, {"Content-Type": "text/html"})
    assert put.status == 200, put.body
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == content
    part = browser.get(path, {"Range": "bytes=1000-1999"})
    assert part.status == 206 and part.body == content[1000:2000]
    assert browser.get(path).body == content
    assert part.headers["Content-Security-Policy"] == "sandbox"
    assert part.headers["X-Content-Type-Options"] == "nosniff"
    assert part.headers["Content-Disposition"] == "attachment"
    listing = browser.get(f"/mr/aws/s3/{bucket}?list-type=2&prefix=photos/")
    assert b"&lt;img src=x onerror=alert(1)&gt;" in listing.body and MARKUP.encode() not in listing.body
    assert browser.send("DELETE", path).status == 204
    missing = browser.get(path)
    assert missing.status == 404 and b"<Code>NoSuchKey</Code>" in missing.body


def test_pictures_are_shown_and_documents_downloaded(browser, s3, bucket):
    for kind, attached in (("image/png", False), ("text/plain", False), ("image/svg+xml", True), ("text/html", True)):
        s3.put_object(Bucket=bucket, Key="a", Body=b"<svg/>", ContentType=kind)
        answer = browser.get(f"/mr/aws/s3/{bucket}/a")
        assert (answer.headers["Content-Disposition"] == "attachment") == attached, kind
        assert answer.headers["Content-Type"] == kind


def test_a_multipart_upload_goes_through_the_session(browser, s3, bucket):
    path = f"/mr/aws/s3/{bucket}/big"
    upload = re.search(rb"<UploadId>([^<]+)<", browser.send("POST", path + "?uploads").body).group(1).decode()
    parts = [b"a" * (5 << 20), b"b" * 100]
    tags = [browser.send("PUT", f"{path}?partNumber={i + 1}&uploadId={upload}", part).headers["ETag"]
            for i, part in enumerate(parts)]
    complete = "<CompleteMultipartUpload>" + "".join(
        f"<Part><PartNumber>{i + 1}</PartNumber><ETag>{tag}</ETag></Part>" for i, tag in enumerate(tags)
    ) + "</CompleteMultipartUpload>"
    assert browser.send("POST", f"{path}?uploadId={upload}", complete).status == 200
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == b"".join(parts)


def test_a_checksum_that_a_page_sends_is_checked(browser, s3, bucket):
    wrong = browser.send("PUT", f"/mr/aws/s3/{bucket}/sum", b"abc", {"x-amz-checksum-crc32": "AAAAAA=="})
    assert wrong.status == 400 and b"<Code>BadDigest</Code>" in wrong.body
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_policies_bind_a_session_and_the_audit_log_names_its_key(daemon, s3, bucket):
    s3.create_bucket(Bucket=(hidden := unique("hidden")))
    printed = daemon.cli("users", "add", "reader", "--bucket", bucket + ":ro").stdout
    key = dict(re.findall(r"^export (\w+)=(\S+)$", printed, re.M))
    reader = Browser(daemon.endpoint)
    reader.sign_in({"AccessKeyId": key["AWS_ACCESS_KEY_ID"], "SecretAccessKey": key["AWS_SECRET_ACCESS_KEY"]})
    assert reader.get(f"/mr/aws/s3/{bucket}?list-type=2").status == 200
    assert reader.get(f"/mr/aws/s3/{hidden}?list-type=2").status == 403
    assert reader.send("PUT", f"/mr/aws/s3/{bucket}/a", b"x").status == 403
    assert reader.get("/mr/training-jobs").status == 200
    lines = [json.loads(line) for file in (daemon.data_dir / "audit").iterdir() for line in file.read_text().splitlines()]
    mine = [line for line in lines if line["access_key"] == key["AWS_ACCESS_KEY_ID"]]
    did = {(line["actions"][0]["action"], line["status"]) for line in mine}
    assert ("millrace:SignInToConsole", 200) in did
    assert ("s3:PutObject", 403) in did and ("s3:ListBucket", 200) in did
    assert ("sagemaker:ListTrainingJobs", 200) in did
    assert all(line["user"] == "reader" for line in mine)


def test_a_signed_request_for_a_bucket_called_console_is_s3_s(s3):
    s3.create_bucket(Bucket="console")
    s3.put_object(Bucket="console", Key="index.html", Body=b"an object")
    assert s3.get_object(Bucket="console", Key="index.html")["Body"].read() == b"an object"


# The page itself

def test_the_page_is_served_whole_from_the_program(daemon):
    browser = Browser(daemon.endpoint)
    start = browser.get("/", {"Accept": "text/html"})
    assert (start.status, start.headers["Location"]) == (302, "/console/")
    assert browser.get("/").status == 403  # S3's: an anonymous ListBuckets
    page = browser.get("/console/")
    if page.status == 404:
        assert b"MILLRACE_CONSOLE" in page.body
        return
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-cache"
    assert browser.get("/console/training/jobs").body == page.body
    packed = browser.get("/console/", {"Accept-Encoding": "gzip"})
    if packed.headers["Content-Encoding"] == "gzip":
        assert gzip.decompress(packed.body) == page.body
    for asset in re.findall(rb'(?:src|href)="(/console/assets/[^"]+)"', page.body):
        answer = browser.get(asset.decode())
        assert answer.status == 200 and "immutable" in answer.headers["Cache-Control"]


# Training jobs

@pytest.fixture(scope="module")
def finished_job(daemon, s3, sagemaker):
    """A job of a program that prints 3000 lines, some with markup, and a metric in each."""
    image = daemon.add_program("console_chatter.py")
    bucket = unique("chatter")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="train/a.csv", Body=b"1,2\n" * 10)
    name = unique("chatter")
    request = job_request(name, image, bucket, InputDataConfig=[channel("train", f"s3://{bucket}/train/", ContentType="text/csv")])
    request["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": "loss", "Regex": "loss=([0-9.]+)"}]
    sagemaker.create_training_job(**request)
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", job
    return name


def test_the_log_is_read_by_line_number(browser, finished_job):
    first = browser.get(f"/mr/training-jobs/{finished_job}/log?from=0&limit=10").json()
    assert [line["n"] for line in first["Lines"]] == list(range(10))
    assert first["Streams"][0]["Host"] == "algo-1"
    total = first["Total"]
    assert total >= 3000
    start = next(line["n"] for line in browser.get(f"/mr/training-jobs/{finished_job}/log?limit=100").json()["Lines"]
                 if line["m"].startswith("line 0 "))
    some = browser.get(f"/mr/training-jobs/{finished_job}/log?from={start + 1500}&limit=3").json()["Lines"]
    assert [line["m"].split(" loss")[0] for line in some] == ["line 1500", "line 1501", "line 1502"]
    last = browser.get(f"/mr/training-jobs/{finished_job}/log?from=-2").json()
    assert [line["n"] for line in last["Lines"]] == [total - 2, total - 1]
    assert browser.get(f"/mr/training-jobs/{finished_job}/log?stream=algo-9").status == 404
    assert browser.get(f"/mr/training-jobs/{finished_job}/log?limit=x").status == 400


def test_the_log_is_searched_and_downloaded(browser, finished_job):
    lines = []
    while True:
        page = browser.get(f"/mr/training-jobs/{finished_job}/log?from={len(lines)}&limit=1000").json()
        lines += [line["m"] for line in page["Lines"]]
        if len(lines) == page["Total"]:
            break
    found = browser.get(f"/mr/training-jobs/{finished_job}/log/search?q=LINE%2012").json()
    assert found["Matches"] == [n for n, line in enumerate(lines) if "line 12" in line.lower()]
    exact = browser.get(f"/mr/training-jobs/{finished_job}/log/search?q=LINE%2012&case=1").json()
    assert exact["Matches"] == []
    many = browser.get(f"/mr/training-jobs/{finished_job}/log/search?q=line").json()
    assert len(many["Matches"]) == 1000
    rest = browser.get(f"/mr/training-jobs/{finished_job}/log/search?q=line&from={many['Next']}").json()
    assert rest["Matches"][0] > many["Matches"][-1]
    download = browser.get(f"/mr/training-jobs/{finished_job}/log/download")
    assert download.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert download.headers["Content-Disposition"] == f'attachment; filename="{finished_job}-algo-1.log"'
    assert download.body.decode() == "".join(line + "\n" for line in lines)
    assert MARKUP in download.body.decode()


def test_metrics_are_listed_with_their_extremes(browser, finished_job):
    series = browser.get(f"/mr/training-jobs/{finished_job}/metrics").json()["Series"]
    loss = next(one for one in series if one["Name"] == "loss")
    assert loss["Points"] == 3000
    assert loss["Min"] == pytest.approx(0.5) and loss["Max"] == pytest.approx(2999.5)
    assert loss["LastValue"] == pytest.approx(2999.5)
    assert browser.get("/mr/training-jobs/no-such-job/metrics").status == 404


def test_usage_tells_of_channels_and_instances(browser, finished_job):
    usage = browser.get(f"/mr/training-jobs/{finished_job}/usage").json()
    assert usage["Channels"][0]["Name"] == "train" and usage["Channels"][0]["Mode"] == "File"
    assert usage["Channels"][0]["Source"]["Objects"] == 1 and usage["Channels"][0]["Source"]["Bytes"] == 40
    assert [instance["Host"] for instance in usage["Instances"]] == ["algo-1"]


def test_usage_counts_nothing_for_whoever_may_not_list_the_bucket(daemon, s3, browser, finished_job):
    s3.create_bucket(Bucket=(other := unique("other")))
    _, stranger = new_user(daemon, "--bucket", other)
    usage = stranger.get(f"/mr/training-jobs/{finished_job}/usage").json()
    source = usage["Channels"][0]["Source"]
    assert source["Kind"] == "S3" and "Objects" not in source and "Bytes" not in source
    assert browser.get(f"/mr/training-jobs/{finished_job}/usage").json()["Channels"][0]["Source"]["Objects"] == 1


# Search

def search(browser, text, **more):
    answer = browser.get(f"/mr/search?q={quote(text)}" + "".join(f"&{name}={value}" for name, value in more.items()))
    assert answer.status == 200, answer.body
    return answer.json()


def test_everything_is_found_by_name_tag_and_place(daemon, browser, s3, sagemaker, finished_job):
    word = unique("needle")
    s3.create_bucket(Bucket=word)
    s3.put_object(Bucket=word, Key=word + "/train.lst", Body=b"0\t1\ta.jpg\n")
    s3.put_object(Bucket=word, Key="elsewhere/" + word, Body=b"x")
    place = f"s3://{word}/{word}/train.lst"
    opened = browser.post("/mr/lists", {"Place": place}).json()["Id"]
    arn = sagemaker.describe_training_job(TrainingJobName=finished_job)["TrainingJobArn"]
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "Team", "Value": word.upper()}])
    found = search(browser, word.upper())
    assert [(job["Name"], job["Status"], job["Tag"]) for job in found["TrainingJobs"]] == [
        (finished_job, "Completed", {"Key": "Team", "Value": word.upper()})]
    assert found["Lists"] == [{"Id": opened, "Place": place}]
    assert found["Buckets"] == [{"Name": word}]
    assert found["Models"] == found["Endpoints"] == found["Objects"] == found["More"] == []
    assert [one["Name"] for one in search(browser, "team=" + word)["TrainingJobs"]] == [finished_job]
    assert search(browser, "eam=" + word)["TrainingJobs"] == []
    assert [one["Key"] for one in search(browser, word)["Objects"]] == [word + "/train.lst"]
    inside = search(browser, f"{word}/elsewhere")["Objects"]
    assert [(one["Bucket"], one["Key"], one["Bytes"]) for one in inside] == [(word, "elsewhere/" + word, 1)]
    assert search(browser, f"s3://{word}/")["Objects"] == search(browser, word + "/")["Objects"]
    assert len(search(browser, f"{word}/")["Objects"]) == 2
    few = search(browser, f"{word}/", limit=1)
    assert len(few["Objects"]) == 1 and few["More"] == ["Objects"]
    # The one of just this name first, though newer ones contain it.
    assert search(browser, finished_job)["TrainingJobs"][0]["Name"] == finished_job
    for wrong in ("", "q=", "q=" + "x" * 257, "q=a&limit=0"):
        assert browser.get("/mr/search?" + wrong).status == 400, wrong


def test_what_a_user_may_not_see_is_not_found(daemon, browser, s3):
    word = unique("hidden")
    s3.create_bucket(Bucket=word)
    s3.put_object(Bucket=word, Key=word + ".lst", Body=b"0\t1\ta.jpg\n")
    browser.post("/mr/lists", {"Place": f"s3://{word}/{word}.lst"})
    s3.create_bucket(Bucket=(other := unique("other")))
    _, stranger = new_user(daemon, "--bucket", other)
    found = search(stranger, word)
    assert found["Lists"] == found["Objects"] == []
    assert search(stranger, f"{word}/")["Objects"] == []
    assert [one["Bucket"] for one in search(browser, word)["Objects"]] == [word]


def tile(browser, series, **query):
    text = "&".join(f"{name}={value}" for name, value in query.items())
    body = browser.get(f"/mr/series/{series}/tile?{text}").body
    count, level, exact, reserved = struct.unpack("<4I", body[:16])
    buckets = numpy.frombuffer(body[16:], dtype=[("x", "<f8"), ("min", "<f4"), ("max", "<f4"), ("first", "<f4"), ("last", "<f4")])
    assert len(buckets) == count and reserved == 0
    return level, exact, buckets


def test_tiles_are_what_numpy_makes_of_the_points(daemon, browser):
    cloudwatch = daemon.client("cloudwatch")
    job = unique("tiles")
    begin = datetime.now(timezone.utc) - timedelta(hours=3)
    begin = begin.replace(microsecond=0)
    values = numpy.random.default_rng(5).normal(size=10_000).astype(numpy.float32).astype(float)
    values[7777] = 1000
    times = [begin + timedelta(seconds=i) for i in range(len(values))]
    for at in range(0, len(values), 1000):
        cloudwatch.put_metric_data(Namespace="Own", MetricData=[
            {"MetricName": job, "Timestamp": times[i], "Value": values[i]} for i in range(at, at + 1000)])
    series = series_id(daemon, job)
    x = numpy.array([time.timestamp() for time in times])

    level, exact, buckets = tile(browser, series, width=16_000)
    assert (level, exact) == (0, 1)
    assert numpy.allclose(buckets["x"], x, rtol=0, atol=1e-3) and numpy.array_equal(buckets["min"], values.astype("f4"))

    level, exact, buckets = tile(browser, series, width=1200)
    assert (level, exact) == (2, 0)  # 10000 / 16 = 625 buckets, and 2500 would be too many
    groups = [values[i:i + 16].astype("f4") for i in range(0, len(values), 16)]
    assert numpy.array_equal(buckets["min"], [group.min() for group in groups])
    assert numpy.array_equal(buckets["max"], [group.max() for group in groups])
    assert numpy.array_equal(buckets["first"], [group[0] for group in groups])
    assert numpy.array_equal(buckets["last"], [group[-1] for group in groups])
    assert numpy.allclose(buckets["x"], x[::16], rtol=0, atol=1e-3)

    level, exact, buckets = tile(browser, series, **{"from": x[7770], "to": x[7780], "width": 100})
    assert (level, exact) == (0, 1)
    assert numpy.allclose(buckets["x"], x[7769:7782], rtol=0, atol=1e-3)
    assert buckets["max"].max() == 1000


def series_id(daemon, name):
    """The id of a series that is no job's: as the database has it."""
    import sqlite3
    database = sqlite3.connect(f"file:{daemon.data_dir}/records.db?mode=ro", uri=True)
    try:
        return database.execute("SELECT id FROM metrics WHERE name = ?", (name,)).fetchone()[0]
    finally:
        database.close()


def test_the_table_of_jobs_filters_sorts_and_pages(browser, sagemaker, daemon, bucket, finished_job):
    image = daemon.add_program("console_chatter.py")
    names = [unique("table") for _ in range(5)]
    for i, name in enumerate(names):
        request = job_request(name, image, bucket, Tags=[{"Key": "Run", "Value": str(i)}])
        sagemaker.create_training_job(**request)
    for name in names:
        wait_until_ended(sagemaker, name)
    table = lambda query: browser.get("/mr/training-jobs?" + query).json()
    page = table("name=TABLE&limit=2&sort=CreationTime&order=ascending")
    assert [job["Name"] for job in page["Jobs"]] == names[:2] and page["Total"] == 5 and page["Next"] == 2
    rest = table(f"name=table&limit=10&order=ascending&from={page['Next']}")
    assert [job["Name"] for job in rest["Jobs"]] == names[2:] and "Next" not in rest
    assert [job["Name"] for job in table("tag=Run=3")["Jobs"]] == [names[3]]
    assert table("tag=Run")["Total"] == 5
    assert table("algorithm=console-chatter&name=table")["Total"] == 5
    assert table("status=Failed&name=table")["Total"] == 0
    by_name = [job["Name"] for job in table("sort=Name&order=descending&name=table")["Jobs"]]
    assert by_name == sorted(names, reverse=True)
    created = table(f"name={names[2]}")["Jobs"][0]["CreationTime"]
    assert table(f"name=table&created_after={created}")["Total"] == 3
    assert table(f"name=table&created_before={created}")["Total"] == 2
    chatter = table(f"name={finished_job}")["Jobs"][0]
    assert chatter["Objective"] == {"Name": "loss", "Value": 2999.5} and chatter["Status"] == "Completed"
    assert browser.get("/mr/training-jobs?sort=Colour").status == 400
    assert browser.get("/mr/training-jobs?limit=501").status == 400


def test_a_check_says_what_creating_would_say_and_creates_nothing(browser, sagemaker, bucket, daemon):
    name = unique("checked")
    good = job_request(name, "kmeans:1", bucket, HyperParameters={"k": "3", "feature_dim": "2"},
                       InputDataConfig=[channel("train", f"s3://{bucket}/none/", ContentType="text/csv;label_size=0")])
    problems = browser.post("/mr/training-jobs/check", good).json()["Problems"]
    with pytest.raises(sagemaker.exceptions.ClientError) as refused:
        sagemaker.create_training_job(**good)
    assert refused.value.response["Error"]["Message"] in [problem["Message"] for problem in problems]
    wrong = {**good, "HyperParameters": {"k": "zero", "feature_dim": "2", "colour": "red"}}
    fields = {problem["Field"] for problem in browser.post("/mr/training-jobs/check", wrong).json()["Problems"]}
    assert any("'k'" in field for field in fields) and any("'colour'" in field for field in fields), fields
    model = browser.post("/mr/training-jobs/check", {**good, "TrainingJobName": "a_b"}).json()["Problems"]
    assert [problem["Field"] for problem in model] == ["trainingJobName"]
    daemon.client("s3").put_object(Bucket=bucket, Key="none/a.csv", Body=b"1,2\n")
    assert browser.post("/mr/training-jobs/check", good).json() == {"Problems": []}
    assert browser.get(f"/mr/training-jobs?name={name}").json()["Total"] == 0


def test_algorithms_describe_their_forms(browser):
    answer = browser.get("/mr/algorithms").json()
    kmeans = next(one for one in answer["Algorithms"] if one["Name"] == "kmeans")
    k = next(field for field in kmeans["Hyperparameters"] if field["name"] == "k")
    assert k["type"] == "Integer" and k["required"] and k["doc"]
    assert "train" in [one["Name"] for one in kmeans["Channels"]]
    assert {"ml.m5.large", "ml.m4.xlarge"} <= {one["Name"] for one in answer["InstanceTypes"]}


# Events

def test_events_follow_a_job_from_its_start_to_its_end(browser, sagemaker, daemon, bucket):
    image = daemon.add_program("console_chatter.py")
    name = unique("live")
    stream = browser.events(f"jobs,job:{name},metrics:{name},log:{name}")
    assert stream.status == 200
    assert stream.response.headers["Content-Type"].startswith("text/event-stream")
    request = job_request(name, image, bucket)
    request["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": "loss", "Regex": "loss=([0-9.]+)"}]
    sagemaker.create_training_job(**request)
    seen = {"jobs": [], "job": [], "metrics": [], "log": []}

    def ended(kind, data):
        seen[kind].append(data)
        return kind == "job" and data["Status"] == "Completed"

    last = stream.until(ended)
    assert [one["Status"] for one in last["Transitions"]][:1] == ["Starting"]
    assert {job["Name"] for event in seen["jobs"] for job in event["Jobs"]} >= {name}
    lines = browser.get(f"/mr/training-jobs/{name}/log").json()["Total"]
    while not seen["log"] or seen["log"][-1]["total"] < lines:
        ended(*stream.next())
    reached = 0
    for event in seen["log"]:
        assert event["from"] == reached
        reached += event["count"]
    assert reached == lines
    last = lambda: [point["value"] for event in seen["metrics"] for point in event if point["name"] == "loss"][-1:]
    while last() != [2999.5]:
        ended(*stream.next())
    assert {point["name"] for event in seen["metrics"] for point in event} >= {"loss"}
    stream.close()


def test_a_stream_goes_on_where_it_broke_off(browser, logs, daemon, finished_job):
    group = "/aws/sagemaker/TrainingJobs"
    stream = browser.events(f"log:{finished_job}")
    first = stream.until(lambda kind, data: kind == "log")
    assert first["from"] == 0 and first["count"] == first["total"]
    stream.close()
    put = lambda text: logs.put_log_events(logGroupName=group, logStreamName=first["stream"],
                                           logEvents=[{"timestamp": int(time.time() * 1000), "message": text}])
    put("between")
    again = browser.events(f"log:{finished_job}", last_event_id=stream.last_id)
    missed = again.until(lambda kind, data: kind == "log")
    assert (missed["from"], missed["count"]) == (first["total"], 1)
    put("after")
    assert again.until(lambda kind, data: kind == "log")["from"] == first["total"] + 1
    again.close()


def test_streams_hold_no_worker_and_are_bounded(daemon, browser):
    # Many more than the daemon has workers; a user has at most 64 of them.
    people = [new_user(daemon, "--administrator")[1] for _ in range(4)]
    streams = [person.events("jobs") for person in people for _ in range(64)]
    try:
        assert {stream.status for stream in streams} == {200}
        refused = browser.events("jobs")
        assert (refused.status, refused.response.headers["Retry-After"]) == (503, "10")
        refused.close()
        assert browser.get("/mr/session").status == 200
        streams.pop().close()
        deadline = time.monotonic() + 20
        while (stream := browser.events("jobs")).status != 200:
            stream.close()
            assert time.monotonic() < deadline
            time.sleep(0.2)
        streams.append(stream)
    finally:
        for stream in streams:
            stream.close()


@pytest.mark.parametrize("topics", ["", "colours", "job", "job:", "jobs:a", "job:a%0Ab", ",".join(["jobs"] * 17)])
def test_topics_that_are_none_are_refused(browser, topics):
    stream = browser.events(topics)
    assert stream.status == 400
    stream.close()


def test_the_console_speaks_tls_too(tmp_path):
    daemon = Daemon(tmp_path / "data", "--tls")
    try:
        browser = Browser(daemon.endpoint, daemon.environment["AWS_CA_BUNDLE"])
        answer = browser.sign_in({"AccessKeyId": daemon.environment["AWS_ACCESS_KEY_ID"],
                                  "SecretAccessKey": daemon.environment["AWS_SECRET_ACCESS_KEY"]})
        assert answer.headers["Set-Cookie"].endswith("; Secure")
        stream = browser.events("endpoints")
        assert stream.next() == ("endpoints", {"Endpoints": []})
        stream.close()
        # The plain port of the jobs has no console.
        published = json.loads((daemon.data_dir / "endpoint.json").read_text())
        assert Browser(published["JobsEndpoint"]).get("/mr/session").status == 403
    finally:
        daemon.stop()
