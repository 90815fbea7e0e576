"""The object store through Debian's boto3."""

import hashlib
import io
import os
import time
import urllib.error
import urllib.request

import pytest
import urllib3
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from conftest import unique


def code_of(failure):
    return failure.value.response["Error"]["Code"]


def status_of(failure):
    return failure.value.response["ResponseMetadata"]["HTTPStatusCode"]


def test_an_object_comes_back_with_its_bytes_metadata_and_headers(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a/b c+ü.txt", Body=b"hello", ContentType="text/plain",
                  CacheControl="no-cache", Metadata={"owner": "alice"})
    got = s3.get_object(Bucket=bucket, Key="a/b c+ü.txt")
    assert got["Body"].read() == b"hello"
    assert got["ContentType"] == "text/plain" and got["CacheControl"] == "no-cache"
    assert got["Metadata"] == {"owner": "alice"}
    assert got["ETag"] == '"%s"' % hashlib.md5(b"hello").hexdigest()


def test_three_hundred_megabytes_go_up_and_come_down_by_multipart(s3, bucket, tmp_path):
    block = os.urandom(1 << 20)
    source, target = tmp_path / "up.bin", tmp_path / "down.bin"
    with open(source, "wb") as file:
        for number in range(300):
            file.write(number.to_bytes(4, "big") + block[4:])
    s3.upload_file(str(source), bucket, "big.bin")
    head = s3.head_object(Bucket=bucket, Key="big.bin")
    assert head["ContentLength"] == 300 << 20
    assert head["ETag"].endswith('-38"')
    s3.download_file(bucket, "big.bin", str(target))
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (source, target)]
    assert digests[0] == digests[1]


def test_ranges_answer_206_with_the_asked_bytes_and_416_behind_the_end(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    for given, expected, content_range in (("bytes=2-4", b"234", "bytes 2-4/10"), ("bytes=7-", b"789", "bytes 7-9/10"),
                                           ("bytes=-3", b"789", "bytes 7-9/10"), ("bytes=8-99", b"89", "bytes 8-9/10")):
        got = s3.get_object(Bucket=bucket, Key="k", Range=given)
        assert (got["Body"].read(), got["ContentRange"]) == (expected, content_range)
        assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    with pytest.raises(ClientError) as failure:
        s3.get_object(Bucket=bucket, Key="k", Range="bytes=10-")
    assert code_of(failure) == "InvalidRange"


def test_conditional_requests_follow_the_etag(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    assert s3.get_object(Bucket=bucket, Key="k", IfMatch=etag)["Body"].read() == b"x"
    with pytest.raises(ClientError) as failure:
        s3.get_object(Bucket=bucket, Key="k", IfMatch='"other"')
    assert status_of(failure) == 412
    with pytest.raises(ClientError) as failure:
        s3.get_object(Bucket=bucket, Key="k", IfNoneMatch=etag)
    assert status_of(failure) == 304


def test_missing_things_have_the_codes_clients_look_for(s3, bucket):
    for call, code in ((lambda: s3.get_object(Bucket=bucket, Key="none"), "NoSuchKey"),
                       (lambda: s3.head_object(Bucket=bucket, Key="none"), "404"),
                       (lambda: s3.get_object(Bucket="no-such-bucket-here", Key="k"), "NoSuchBucket"),
                       (lambda: s3.head_bucket(Bucket="no-such-bucket-here"), "404"),
                       (lambda: s3.delete_bucket(Bucket="no-such-bucket-here"), "NoSuchBucket"),
                       (lambda: s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId="none", MultipartUpload={
                           "Parts": [{"PartNumber": 1, "ETag": "x"}]}), "NoSuchUpload")):
        with pytest.raises(ClientError) as failure:
            call()
        assert code_of(failure) == code


def test_listing_pages_groups_and_orders_keys(s3, bucket):
    keys = [f"d{i // 10}/f{i:02}" for i in range(30)] + ["top", "zü &<>.txt"]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 7})
    assert [item["Key"] for page in pages for item in page["Contents"]] == sorted(keys, key=lambda k: k.encode())
    page = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert [p["Prefix"] for p in page["CommonPrefixes"]] == ["d0/", "d1/", "d2/"]
    assert [item["Key"] for item in page["Contents"]] == ["top", "zü &<>.txt"]
    page = s3.list_objects(Bucket=bucket, Prefix="d1/", Marker="d1/f15", MaxKeys=2)
    assert [item["Key"] for item in page["Contents"]] == ["d1/f16", "d1/f17"] and page["IsTruncated"]
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="nothing")


def test_copy_keeps_or_replaces_metadata(s3, bucket):
    s3.put_object(Bucket=bucket, Key="from", Body=b"data", Metadata={"a": "1"}, ContentType="text/x")
    s3.copy_object(Bucket=bucket, Key="kept", CopySource={"Bucket": bucket, "Key": "from"})
    s3.copy_object(Bucket=bucket, Key="replaced", CopySource={"Bucket": bucket, "Key": "from"},
                   MetadataDirective="REPLACE", Metadata={"b": "2"})
    assert s3.head_object(Bucket=bucket, Key="kept")["Metadata"] == {"a": "1"}
    assert s3.head_object(Bucket=bucket, Key="replaced")["Metadata"] == {"b": "2"}
    assert s3.get_object(Bucket=bucket, Key="replaced")["Body"].read() == b"data"


def test_delete_is_idempotent_and_batches_report_each_key(s3, bucket):
    for key in ("a", "b"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    s3.delete_object(Bucket=bucket, Key="never-there")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "b"}, {"Key": "c"}]})
    assert [item["Key"] for item in answer["Deleted"]] == ["a", "b", "c"]
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_bucket_with_objects_is_not_deleted(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    with pytest.raises(ClientError) as failure:
        s3.delete_bucket(Bucket=bucket)
    assert code_of(failure) == "BucketNotEmpty"
    s3.delete_object(Bucket=bucket, Key="k")
    s3.delete_bucket(Bucket=bucket)
    assert bucket not in [b["Name"] for b in s3.list_buckets()["Buckets"]]


def test_parts_can_be_copied_listed_and_aborted(s3, bucket):
    s3.put_object(Bucket=bucket, Key="source", Body=b"x" * (6 << 20))
    upload = s3.create_multipart_upload(Bucket=bucket, Key="joined")["UploadId"]
    first = s3.upload_part_copy(Bucket=bucket, Key="joined", UploadId=upload, PartNumber=1,
                                CopySource={"Bucket": bucket, "Key": "source"},
                                CopySourceRange=f"bytes=0-{(5 << 20) - 1}")["CopyPartResult"]["ETag"]
    second = s3.upload_part(Bucket=bucket, Key="joined", UploadId=upload, PartNumber=2, Body=b"tail")["ETag"]
    listed = s3.list_parts(Bucket=bucket, Key="joined", UploadId=upload)["Parts"]
    assert [(p["PartNumber"], p["ETag"], p["Size"]) for p in listed] == [(1, first, 5 << 20), (2, second, 4)]
    assert [u["Key"] for u in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == ["joined"]
    s3.complete_multipart_upload(Bucket=bucket, Key="joined", UploadId=upload, MultipartUpload={
        "Parts": [{"PartNumber": 1, "ETag": first}, {"PartNumber": 2, "ETag": second}]})
    assert s3.get_object(Bucket=bucket, Key="joined")["Body"].read() == b"x" * (5 << 20) + b"tail"
    other = s3.create_multipart_upload(Bucket=bucket, Key="given-up")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="given-up", UploadId=other, PartNumber=1, Body=b"x")
    s3.abort_multipart_upload(Bucket=bucket, Key="given-up", UploadId=other)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_a_part_below_five_megabytes_that_is_not_the_last_is_refused(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    parts = [{"PartNumber": n, "ETag": s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=n,
                                                     Body=b"small")["ETag"]} for n in (1, 2)]
    with pytest.raises(ClientError) as failure:
        s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
    assert code_of(failure) == "EntityTooSmall"


def test_tags_are_kept_and_counted(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"", Tagging="team=a%20b&x=1")
    assert s3.head_object(Bucket=bucket, Key="k")
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [
        {"Key": "team", "Value": "a b"}, {"Key": "x", "Value": "1"}]
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "n", "Value": "2"}]})
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "n", "Value": "2"}]
    s3.delete_object_tagging(Bucket=bucket, Key="k")
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == []


@pytest.mark.parametrize("version", ["s3", "s3v4"])  # boto3 of Debian 12 still presigns with version 2
def test_presigned_urls_read_and_write_without_keys_until_they_expire(daemon, bucket, version):
    s3 = daemon.client("s3", signature_version=version)
    put = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "p q"}, ExpiresIn=60)
    assert urllib3.PoolManager().request("PUT", put, body=b"signed").status == 200
    get = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "p q"}, ExpiresIn=60)
    assert urllib.request.urlopen(get).read() == b"signed"
    with pytest.raises(urllib.error.HTTPError) as failure:
        urllib.request.urlopen(get.replace("p%20q", "other"))
    assert failure.value.code == 403 and b"SignatureDoesNotMatch" in failure.value.read()
    expired = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "p q"}, ExpiresIn=1)
    time.sleep(2.1)
    with pytest.raises(urllib.error.HTTPError) as failure:
        urllib.request.urlopen(expired)
    assert failure.value.code == 403 and b"Request has expired" in failure.value.read()


def test_checksums_are_verified_stored_and_returned(s3, bucket):
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"123456789", ChecksumAlgorithm="CRC32")
    assert put["ChecksumCRC32"] == "y/Q5Jg=="
    assert s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")["ChecksumCRC32"] == "y/Q5Jg=="
    for wrong in ({"ChecksumCRC32": "AAAAAA=="}, {"ContentMD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}):
        with pytest.raises(ClientError) as failure:
            s3.put_object(Bucket=bucket, Key="bad", Body=b"123456789", **wrong)
        assert code_of(failure) == "BadDigest"
    with pytest.raises(ClientError):
        s3.head_object(Bucket=bucket, Key="bad")


def test_what_is_not_supported_says_so_by_name(s3, bucket):
    with pytest.raises(ClientError) as failure:
        s3.put_bucket_policy(Bucket=bucket, Policy="{}")
    assert code_of(failure) == "NotImplemented" and "PutBucketPolicy" in str(failure.value)


def test_a_wrong_secret_and_an_unknown_key_are_told_apart(daemon, bucket):
    import boto3

    key = daemon.environment["AWS_ACCESS_KEY_ID"]
    for access_key, code in ((key, "SignatureDoesNotMatch"), ("AKIAUNKNOWN", "InvalidAccessKeyId")):
        client = boto3.client("s3", endpoint_url=daemon.endpoint, region_name="us-east-1",
                              aws_access_key_id=access_key, aws_secret_access_key="wrong")
        with pytest.raises(ClientError) as failure:
            client.list_objects_v2(Bucket=bucket)
        assert code_of(failure) == code


def test_streams_of_unknown_order_upload_in_parallel(s3, bucket):
    config = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20, max_concurrency=8)
    data = os.urandom(23 << 20)
    s3.upload_fileobj(io.BytesIO(data), bucket, "parallel", Config=config)
    target = io.BytesIO()
    s3.download_fileobj(bucket, "parallel", target, Config=config)
    assert target.getvalue() == data


def test_bucket_names_follow_the_rules(s3):
    assert s3.get_bucket_location(Bucket=s3_bucket(s3))["LocationConstraint"] in (None, "us-east-1")


def s3_bucket(s3):
    name = unique("named")
    s3.create_bucket(Bucket=name)
    return name
