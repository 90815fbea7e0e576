"""File systems registered by the operator and read by jobs: EFS directories, and FSx ones linked to a bucket."""

import os

import pytest

from conftest import job_request, log_lines, unique, wait_until_ended

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="this user may not mount")


@pytest.fixture(scope="module", autouse=True)
def shell(daemon):
    daemon.cli("images", "add", "shell", "--exec", "/bin/sh")


def file_system_channel(identifier, kind, path, mode="ro"):
    return {"ChannelName": "train", "DataSource": {"FileSystemDataSource": {
        "FileSystemId": identifier, "FileSystemType": kind, "FileSystemAccessMode": mode, "DirectoryPath": path}}}


def run(daemon, bucket, data, script):
    name = unique("filesystem")
    sagemaker = daemon.client("sagemaker")
    request = job_request(name, "shell", bucket, InputDataConfig=[data])
    request["AlgorithmSpecification"]["ContainerArguments"] = ["-c", "eval \"$SCRIPT\""]
    request["Environment"] = {"SCRIPT": script}
    sagemaker.create_training_job(**request)
    return wait_until_ended(sagemaker, name), log_lines(daemon.client("logs"), name)


def test_an_efs_directory_is_read_only_or_writable_as_asked(daemon, bucket, tmp_path):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures/1.txt").write_text("one\n")
    os.symlink("/etc/shadow", tmp_path / "pictures/leak")
    os.symlink("/", tmp_path / "pictures/all")
    identifier = "fs-" + os.urandom(6).hex()
    daemon.cli("filesystems", "add", identifier, "--type", "EFS", "--path", str(tmp_path))
    script = """cd /opt/ml/input/data/train; cat 1.txt; echo two 2>&1 > 2.txt; cat leak 2>&1; ls all/opt; ls -d all/work 2>&1"""
    job, lines = run(daemon, bucket, file_system_channel(identifier, "EFS", "/pictures"), script)
    assert lines[0] == "one" and "Read-only file system" in lines[1], lines
    assert "No such file or directory" in lines[2] and lines[3] == "ml" and "No such file" in lines[4], lines
    job, lines = run(daemon, bucket, file_system_channel(identifier, "EFS", "/pictures", "rw"), script + "; exit 0")
    assert job["TrainingJobStatus"] == "Completed" and (tmp_path / "pictures/2.txt").read_text() == "two\n"


def test_a_linked_file_system_fetches_each_object_once_for_all_jobs(daemon, s3, bucket, tmp_path):
    for number in range(50):
        s3.put_object(Bucket=bucket, Key=f"linked/set/{number}.txt", Body=f"{number}\n".encode())
    identifier = "fs-" + os.urandom(6).hex()
    daemon.cli("filesystems", "add", identifier, "--type", "FSxLustre", "--path", str(tmp_path),
               "--mount-name", "mnt", "--link", f"s3://{bucket}/linked")
    data = file_system_channel(identifier, "FSxLustre", "/mnt/set")
    job, lines = run(daemon, bucket, data, "cd /opt/ml/input/data/train; ls | wc -l; cat 1?.txt | sort | wc -l")
    assert lines[:2] == ["50", "10"] and job["TrainingJobStatus"] == "Completed", (job, lines)
    assert any(f"file system {identifier}, channel 'train': 10 objects fetched (30 bytes), 0 found there" in line
               for line in lines), lines
    job, lines = run(daemon, bucket, data, "cat /opt/ml/input/data/train/*.txt | wc -l")
    assert lines[0] == "50"
    assert any("40 objects fetched" in line and "10 found there" in line for line in lines), lines
    job, lines = run(daemon, bucket, data, "cat /opt/ml/input/data/train/*.txt | wc -l")
    assert any("0 objects fetched" in line and "50 found there" in line for line in lines), lines
    assert sorted(os.listdir(tmp_path / "set")) == sorted(f"{number}.txt" for number in range(50))
