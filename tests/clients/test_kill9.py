"""kill -9 of the daemon a hundred times at random points: what was acknowledged stays, nothing else does."""

import hashlib
import io
import os
import random
import tarfile
import threading
import time

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from conftest import Daemon, job_request, log_lines, wait_until_ended

ROUNDS = 100
PART = 5 << 20
BUCKET = "kept"


class Uploader(threading.Thread):
    """Puts objects and completes multipart uploads until the daemon goes away; remembers what was acknowledged."""

    def __init__(self, daemon, seed, round_number, acknowledged):
        super().__init__()
        self.daemon, self.random, self.round, self.acknowledged = daemon, random.Random(seed), round_number, acknowledged

    def run(self):
        s3 = self.daemon.client("s3", connect_timeout=2, read_timeout=5)
        try:
            for number in range(1000):
                key = f"{self.name}/{self.round}/{number}"
                if number % 4 == 3:
                    self.multipart(s3, key)
                else:
                    data = self.random.randbytes(self.random.choice([0, 10, 5000, 300_000]))
                    # The same name again and again: an overwrite must be all old or all new.
                    self.put(s3, self.random.choice([key, f"{self.name}/again"]), data)
        except (BotoCoreError, ClientError, OSError):
            pass

    def put(self, s3, key, data):
        self.acknowledged.setdefault(key, []).append(("maybe", hashlib.md5(data).hexdigest()))
        s3.put_object(Bucket=BUCKET, Key=key, Body=data)
        self.acknowledged[key] = [("sure", hashlib.md5(data).hexdigest())]

    def multipart(self, s3, key):
        parts = [self.random.randbytes(1000) * (PART // 1000 + 1), self.random.randbytes(100)]
        digest = hashlib.md5(b"".join(parts)).hexdigest()
        upload = s3.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
        etags = [s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=n, Body=part)["ETag"]
                 for n, part in enumerate(parts, 1)]
        self.acknowledged.setdefault(key, []).append(("maybe", digest))
        s3.complete_multipart_upload(Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload={
            "Parts": [{"PartNumber": n, "ETag": etag} for n, etag in enumerate(etags, 1)]})
        self.acknowledged[key] = [("sure", digest)]


def stored(s3, key):
    """The MD5 of what is there; None when there is nothing."""
    try:
        return hashlib.md5(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()).hexdigest()
    except ClientError as failure:
        assert failure.response["Error"]["Code"] == "NoSuchKey"
        return None


def check(s3, acknowledged, keys):
    for key in keys:
        outcomes = acknowledged[key]
        allowed = {digest for _, digest in outcomes}
        found = stored(s3, key)
        if found is None:
            assert all(kind == "maybe" for kind, _ in outcomes), f"{key} was acknowledged and is gone"
        else:
            assert found in allowed, f"{key} holds bytes that nobody sent"


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "data"


def test_a_hundred_kills_lose_nothing_acknowledged_and_leave_nothing_else(data_dir):
    chance = random.Random(7)
    daemon = Daemon(data_dir)
    acknowledged, jobs = {}, []
    try:
        daemon.client("s3").create_bucket(Bucket=BUCKET)
        image = daemon.add_program("report.py")
        for round_number in range(ROUNDS):
            uploaders = [Uploader(daemon, chance.random(), round_number, acknowledged) for _ in range(2)]
            before = set(acknowledged)
            for uploader in uploaders:
                uploader.start()
            if round_number % 5 == 0:
                name = f"job-{round_number}"
                daemon.client("sagemaker").create_training_job(**job_request(name, image, BUCKET))
                jobs.append(name)
            time.sleep(chance.uniform(0.0, 0.25))
            daemon.kill()
            for uploader in uploaders:
                uploader.join()
            daemon.start()
            s3 = daemon.client("s3")
            fresh = [key for key in acknowledged if key not in before]
            again = [key for key in acknowledged if key.endswith("/again")]
            check(s3, acknowledged, fresh + again)
            for key in again:  # later rounds start from what is there now
                found = stored(s3, key)
                acknowledged.pop(key) if found is None else acknowledged.update({key: [("sure", found)]})
            # A job's supervisor may be uploading at this moment; what is left behind stays.
            deadline = time.monotonic() + 30
            while left := os.listdir(data_dir / "objects" / "tmp"):
                assert time.monotonic() < deadline, left
                time.sleep(0.05)
        check(s3, acknowledged, list(acknowledged))
        assert sum(kind == "sure" for outcomes in acknowledged.values() for kind, _ in outcomes) > ROUNDS

        sagemaker, logs = daemon.client("sagemaker"), daemon.client("logs")
        for name in jobs:
            job = wait_until_ended(sagemaker, name)
            # The supervisor outlives the daemon, so the job ends well; one that was lost must say so.
            if job["TrainingJobStatus"] == "Failed":
                assert job["FailureReason"].startswith("InternalServerError: "), job["FailureReason"]
                continue
            assert job["TrainingJobStatus"] == "Completed"
            key = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://kept/")
            archive = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
            assert tarfile.open(fileobj=io.BytesIO(archive)).extractfile("sub/note.txt").read() == b"trained\n"
            assert any(line.startswith("Epoch[2]") for line in log_lines(logs, name))
        outcomes = [sagemaker.describe_training_job(TrainingJobName=n)["TrainingJobStatus"] for n in jobs]
        assert outcomes.count("Completed") > len(jobs) // 2, outcomes
    finally:
        daemon.stop()
