"""One model from three storages at once: pictures on one, the training list on another, the validation list on a third."""

import itertools
import random

import pytest

from conftest import channel, job_request, log_lines, unique, wait_until_ended
from test_image_classification import IMAGE, stripes

EFS, FSX, MOUNT = "fs-c0de3680", "fs-0cd42e47a9d3be5e1", "k4jhtbmv"
PICTURES = {"train": 32, "validation": 16}


@pytest.fixture(scope="module")
def storages(daemon, s3, tmp_path_factory):
    """The same tree on an EFS file system, an FSx file system and in a bucket."""
    roots = {"EFS": tmp_path_factory.mktemp("efs"), "FSxLustre": tmp_path_factory.mktemp("fsx")}
    bucket = unique("storages")
    s3.create_bucket(Bucket=bucket)
    noise = random.Random(5)
    for split, count in PICTURES.items():
        lines = []
        for number in range(count):
            path = f"{'horizontal' if number % 2 == 0 else 'vertical'}/{number:03}.png"
            lines.append(f"{number}\t{number % 2}\t{path}\n")
            place(s3, bucket, roots, f"data/{split}/{path}", stripes(number % 2, noise))
        place(s3, bucket, roots, f"data/{split}_lst/{split}.lst", "".join(lines).encode())
    daemon.cli("filesystems", "add", EFS, "--type", "EFS", "--path", str(roots["EFS"]))
    daemon.cli("filesystems", "add", FSX, "--type", "FSxLustre", "--path", str(roots["FSxLustre"]),
               "--mount-name", MOUNT)
    return bucket


def place(s3, bucket, roots, path, content):
    for root in roots.values():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    s3.put_object(Bucket=bucket, Key=path, Body=content)


def source(storage, bucket, directory):
    if storage == "S3":
        return channel("", f"s3://{bucket}/{directory}/")["DataSource"]
    return {"FileSystemDataSource": {
        "FileSystemId": EFS if storage == "EFS" else FSX, "FileSystemType": storage, "FileSystemAccessMode": "ro",
        "DirectoryPath": f"/{directory}" if storage == "EFS" else f"/{MOUNT}/{directory}"}}


@pytest.mark.parametrize("pictures, train_lst, validation_lst", itertools.permutations(("EFS", "S3", "FSxLustre")))
def test_a_model_trains_from_three_storages(sagemaker, logs, storages, pictures, train_lst, validation_lst):
    name = unique("three")
    where = {"train": pictures, "validation": pictures, "train_lst": train_lst, "validation_lst": validation_lst}
    sagemaker.create_training_job(**job_request(
        name, IMAGE, storages,
        HyperParameters={"num_layers": "20", "image_shape": "3,28,28", "num_classes": "2", "resize": "28",
                         "num_training_samples": str(PICTURES["train"]), "mini_batch_size": "8", "epochs": "2"},
        InputDataConfig=[{"ChannelName": each, "ContentType": "application/x-image",
                          "DataSource": source(storage, storages, f"data/{each}")} for each, storage in where.items()]))
    job = wait_until_ended(sagemaker, name, 120)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert {m["MetricName"] for m in job["FinalMetricDataList"]} >= {"train:accuracy", "validation:accuracy"}
    lines = "\n".join(log_lines(logs, name))
    assert "train.lst" in lines and "validation.lst" in lines
