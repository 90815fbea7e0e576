"""Uploads a large file, downloads it and compares, with buckets as host names and in the path. Knows only amazonaws.com."""

import hashlib
import os
import sys

import boto3
from botocore.config import Config

bucket, folder = sys.argv[1:]
block = os.urandom(1 << 20)
source = os.path.join(folder, "source")
with open(source, "wb") as file:
    for number in range(40):
        file.write(number.to_bytes(4, "big") + block)
digest = hashlib.sha256(open(source, "rb").read()).hexdigest()

for style in ("virtual", "path"):
    s3 = boto3.client("s3", config=Config(s3={"addressing_style": style}))
    s3.upload_file(source, bucket, f"{style}/large file+ü")
    target = os.path.join(folder, style)
    s3.download_file(bucket, f"{style}/large file+ü", target)
    assert hashlib.sha256(open(target, "rb").read()).hexdigest() == digest
    s3.put_object(Bucket=bucket, Key=f"{style}/small", Body=b"small")
    assert s3.get_object(Bucket=bucket, Key=f"{style}/small")["Body"].read() == b"small"
    print(style, s3.head_object(Bucket=bucket, Key=f"{style}/large file+ü")["ContentLength"])
