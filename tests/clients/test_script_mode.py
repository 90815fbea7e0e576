"""Script mode: the calls of the public SDK's framework estimators, through boto3, with real scripts on real data."""

import io
import json
import re
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from conftest import channel, job_request, log_lines, unique, wait_for_status, wait_until_ended
from daemon import Daemon

sys.path.insert(0, str(Path(__file__).parents[1] / "toolkit"))
from wheels import make_wheel  # noqa: E402

EXAMPLE = Path(__file__).parents[2] / "examples/digits/submit.py"
PYTORCH = "763104351884.dkr.ecr.us-west-2.amazonaws.com/pytorch-training:2.3.0-cpu-py311"
SCIKIT = "246618743249.dkr.ecr.us-west-2.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
PYTHON = "python:3.11"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    return tmp_path_factory.mktemp("wheels")


@pytest.fixture(scope="module")
def daemon(tmp_path_factory, wheels):
    started = Daemon(tmp_path_factory.mktemp("millrace") / "data", "--wheels", str(wheels))
    yield started
    started.stop()


@pytest.fixture(scope="module")
def digits(s3):
    """Scikit-learn's handwritten digits as CSV, a label and 64 pixels a row."""
    from sklearn.datasets import load_digits
    name = unique("digits")
    s3.create_bucket(Bucket=name)
    images, labels = load_digits(return_X_y=True)
    text = "".join(",".join([str(label), *(str(int(pixel)) for pixel in image)]) + "\n" for label, image in zip(labels, images))
    s3.put_object(Bucket=name, Key="train/digits.csv", Body=text.encode())
    return name


def source_archive(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


class Estimator:
    """The requests of a framework estimator's fit(), in its order: the code is uploaded, then the job is created."""

    def __init__(self, sagemaker, s3, bucket):
        self.sagemaker, self.s3, self.bucket = sagemaker, s3, bucket

    def fit(self, image, files, entry="train.py", hyperparameters=None, submit=None, **changes):
        name = unique("script")
        key = f"{name}/source/sourcedir.tar.gz"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=source_archive(files))
        encoded = {k: json.dumps(v) for k, v in {
            **(hyperparameters or {}), "sagemaker_submit_directory": submit or f"s3://{self.bucket}/{key}",
            "sagemaker_program": entry, "sagemaker_container_log_level": 20, "sagemaker_job_name": name,
            "sagemaker_region": "us-west-2"}.items()}
        specification = {"TrainingImage": image, "TrainingInputMode": "File", "EnableSageMakerMetricsTimeSeries": True,
                         **changes.pop("AlgorithmSpecification", {})}
        self.sagemaker.create_training_job(**job_request(name, image, self.bucket, HyperParameters=encoded,
                                                         AlgorithmSpecification=specification, **changes))
        return name


@pytest.fixture
def estimator(sagemaker, s3, bucket):
    return Estimator(sagemaker, s3, bucket)


def artifact(s3, bucket, name, file="model.tar.gz"):
    return tarfile.open(fileobj=io.BytesIO(s3.get_object(Bucket=bucket, Key=f"out/{name}/output/{file}")["Body"].read()))


def test_a_pytorch_script_learns_real_digits_and_its_metrics_are_read(daemon, sagemaker, s3, logs):
    ran = subprocess.run([sys.executable, EXAMPLE, "--epochs", "8"], env=daemon.shell_environment(), capture_output=True,
                         text=True, timeout=500)
    assert ran.returncode == 0, ran.stderr
    name, accuracy = re.match(r"(\S+): accuracy ([0-9.]+) on 297 digits", ran.stdout).groups()
    assert float(accuracy) > 0.85
    job = sagemaker.describe_training_job(TrainingJobName=name)
    assert job["HyperParameters"]["sagemaker_program"] == '"train.py"' and job["HyperParameters"]["epochs"] == "8"
    assert round(job["FinalMetricDataList"][0]["Value"], 4) == float(accuracy)
    lines = log_lines(logs, name)
    assert any("pytorch-training:2.3.0-cpu-py311 runs on this machine's Python 3." in line and "torch 1." in line
               for line in lines), lines
    assert any("runs /usr/bin/python3 train.py --batch-size 50 --epochs 8 --lr 0.01" in line for line in lines), lines
    body = s3.get_object(Bucket="digits", Key=f"output/{name}/output/model.tar.gz")["Body"].read()
    assert tarfile.open(fileobj=io.BytesIO(body)).getnames() == ["model.pth"]


def test_a_scikit_learn_script_trains_and_saves(estimator, sagemaker, s3, digits):
    script = '''
import os
import joblib, numpy
from sklearn.linear_model import LogisticRegression
rows = numpy.loadtxt(os.environ["SM_CHANNEL_TRAIN"] + "/digits.csv", delimiter=",")
model = LogisticRegression(max_iter=int(os.environ["SM_HP_MAX_ITER"])).fit(rows[:1500, 1:] / 16, rows[:1500, 0])
score = model.score(rows[1500:, 1:] / 16, rows[1500:, 0])
assert score > 0.85, score
joblib.dump(model, os.environ["SM_MODEL_DIR"] + "/model.joblib")
open(os.environ["SM_OUTPUT_DATA_DIR"] + "/score.txt", "w").write(str(score))
'''
    name = estimator.fit(SCIKIT, {"src/fit.py": script}, entry="src/fit.py", hyperparameters={"max_iter": 100},
                         InputDataConfig=[channel("train", f"s3://{digits}/train/")])
    job = wait_until_ended(sagemaker, name, timeout=300)
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    assert "model.joblib" in artifact(s3, estimator.bucket, name).getnames()
    assert float(artifact(s3, estimator.bucket, name, "output.tar.gz").extractfile("score.txt").read()) > 0.85


def test_a_failing_scripts_reason_is_the_containers_byte_for_byte(estimator, sagemaker):
    name = estimator.fit(PYTHON, {"train.py": 'raise ValueError("fraction must be in (0, 1]")\n'},
                         hyperparameters={"epochs": 30, "fraction": 1.5})
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"] == (
        'AlgorithmError: ExecuteUserScriptError:\n'
        'ExitCode 1\n'
        'ErrorMessage "ValueError: fraction must be in (0, 1]"\n'
        'Command "/usr/bin/python3 train.py --epochs 30 --fraction 1.5", exit code: 1')


# A strategy as CORDS has them: an adaptive data loader, imported from where the operator installed it.
ADAPTIVE_LOADER = '''
"""Batches of the rows whose gradients count most, chosen anew every few epochs."""
import numpy


class AdaptiveLoader:
    def __init__(self, rows, fraction, select_every):
        self.rows, self.size, self.select_every = rows, int(len(rows) * fraction), select_every

    def subset(self, epoch, losses):
        order = numpy.argsort(losses)[::-1]
        return self.rows[order[: self.size]] if epoch % self.select_every == 0 else self.rows[: self.size]
'''


def test_a_script_imports_what_the_operators_wheels_hold(estimator, sagemaker, logs, wheels):
    make_wheel(wheels, "selection", "0.1", {"selection/__init__.py": "", "selection/SL/__init__.py": "",
                                           "selection/SL/adaptive.py": ADAPTIVE_LOADER}, requires=["numpy"])
    script = '''
import argparse, numpy
from selection.SL.adaptive import AdaptiveLoader
parser = argparse.ArgumentParser()
parser.add_argument("--fraction", type=float)
parser.add_argument("--select_every", type=int)
args = parser.parse_args()
loader = AdaptiveLoader(numpy.arange(10.0), args.fraction, args.select_every)
print("chosen", loader.subset(0, numpy.arange(10.0)).tolist())
'''
    name = estimator.fit(PYTORCH, {"train.py": script, "requirements.txt": "selection==0.1\nnumpy\n"},
                         hyperparameters={"fraction": 0.3, "select_every": 20})
    job = wait_until_ended(sagemaker, name, timeout=300)
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    assert "chosen [9.0, 8.0, 7.0]" in log_lines(logs, name)


def test_a_missing_wheel_fails_the_job_naming_it_and_its_place(estimator, sagemaker, wheels):
    name = estimator.fit(PYTHON, {"train.py": "print(1)\n", "requirements.txt": "submodlib-py==0.0.2\n"})
    job = wait_until_ended(sagemaker, name, timeout=300)
    assert job["FailureReason"].startswith(
        "AlgorithmError: InstallRequirementsError:\nExitCode 1\nErrorMessage \"requirements.txt: submodlib-py==0.0.2 is not "
        f"installed here, and no wheel in {wheels} answers it"), job["FailureReason"]
    assert "put the wheel of submodlib-py==0.0.2" in job["FailureReason"]
    assert job["FailureReason"].endswith(", exit code: 1")


def test_requirements_may_be_named_by_a_variable(estimator, sagemaker, logs, wheels):
    make_wheel(wheels, "greeting", "1.0", {"greeting.py": "TEXT = 'hello'\n"})
    name = estimator.fit(PYTHON, {"train.py": "import greeting\nprint(greeting.TEXT)\n", "needs.txt": "greeting\n"},
                         Environment={"SAGEMAKER_REQUIREMENTS": "needs.txt"})
    job = wait_until_ended(sagemaker, name, timeout=300)
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    assert "hello" in log_lines(logs, name)


WAIT = '''
import os, signal, sys, time
def leave(*_):
    open(os.environ["SM_MODEL_DIR"] + "/half.bin", "w").write("half a model")
    time.sleep(1)
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("running")
time.sleep(600)
'''


def test_a_stopped_script_saves_what_it_has(estimator, sagemaker, s3, logs):
    name = estimator.fit(PYTHON, {"train.py": WAIT})
    wait_for_status(sagemaker, name, "Training")
    deadline = time.monotonic() + 60
    while "running" not in log_lines(logs, name) and time.monotonic() < deadline:
        time.sleep(0.2)
    sagemaker.stop_training_job(TrainingJobName=name)
    assert wait_until_ended(sagemaker, name)["TrainingJobStatus"] == "Stopped"
    assert artifact(s3, estimator.bucket, name).extractfile("half.bin").read() == b"half a model"


GLOO = '''
import os, json
import torch
import torch.distributed as dist
hosts = json.loads(os.environ["SM_HOSTS"])
rank = hosts.index(os.environ["SM_CURRENT_HOST"])
dist.init_process_group("gloo", rank=rank, world_size=len(hosts))
value = torch.tensor([float(rank + 1)])
dist.all_reduce(value)
print(f"rank {rank} of {dist.get_world_size()} sum {value.item()}")
open(os.environ["SM_MODEL_DIR"] + f"/from_{rank}", "w").write("x")
'''


def test_the_hosts_of_a_pytorch_job_find_each_other(estimator, sagemaker, s3, logs):
    name = estimator.fit(PYTORCH, {"train.py": GLOO},
                         ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5})
    job = wait_until_ended(sagemaker, name, timeout=300)
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    said = log_lines(logs, name)
    assert "rank 0 of 2 sum 3.0" in said and "rank 1 of 2 sum 3.0" in said
    assert sorted(artifact(s3, estimator.bucket, name).getnames()) == ["from_0", "from_1"]


def test_a_script_for_pytorchs_launcher_finds_its_rank(estimator, sagemaker, logs):
    script = '''
import os, torch, torch.distributed as dist
dist.init_process_group("gloo")
value = torch.ones(1)
dist.all_reduce(value)
print("rank", dist.get_rank(), "world", os.environ["WORLD_SIZE"], "sum", value.item())
'''
    name = estimator.fit(PYTORCH, {"train.py": script}, hyperparameters={"sagemaker_torch_distributed_enabled": True},
                         ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5})
    job = wait_until_ended(sagemaker, name, timeout=300)
    said = log_lines(logs, name)
    assert job["TrainingJobStatus"] == "Completed", (job["FailureReason"], said)
    assert "rank 0 world 2 sum 2.0" in said and "rank 1 world 2 sum 2.0" in said


def test_with_network_isolation_the_code_comes_as_a_channel(estimator, sagemaker, s3, logs, bucket):
    s3.put_object(Bucket=bucket, Key="code/sourcedir.tar.gz", Body=source_archive(
        {"train.py": "import os\nprint('keys', 'AWS_ACCESS_KEY_ID' in os.environ)\n"}))
    name = estimator.fit(PYTHON, {}, submit="/opt/ml/input/data/code/sourcedir.tar.gz", EnableNetworkIsolation=True,
                         InputDataConfig=[channel("code", f"s3://{bucket}/code/sourcedir.tar.gz")])
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    assert "keys False" in log_lines(logs, name)

    name = estimator.fit(PYTHON, {"train.py": "print(1)\n"}, EnableNetworkIsolation=True)
    reason = wait_until_ended(sagemaker, name)["FailureReason"]
    assert reason.startswith("ClientError: s3://") and "Deliver the code as a channel" in reason


def test_intermediate_output_is_in_the_store_while_the_job_runs(estimator, sagemaker, s3, bucket):
    script = '''
import os, pathlib, time
folder = pathlib.Path(os.environ["SM_OUTPUT_INTERMEDIATE_DIR"], "sub")
folder.mkdir(parents=True)
(folder / "first.txt").write_text("first")
time.sleep(600)
'''
    name = estimator.fit(PYTHON, {"train.py": script}, hyperparameters={"sagemaker_s3_output": f"s3://{bucket}/live"})
    deadline = time.monotonic() + 90
    while "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="live/sub/first.txt") and time.monotonic() < deadline:
        time.sleep(0.2)
    assert s3.get_object(Bucket=bucket, Key="live/sub/first.txt")["Body"].read() == b"first"
    assert sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"] == "InProgress"
    sagemaker.stop_training_job(TrainingJobName=name)
    wait_until_ended(sagemaker, name)


def test_an_archive_that_leads_outside_is_the_customers_mistake(estimator, sagemaker):
    name = estimator.fit(PYTHON, {"train.py": "print(1)\n", "../../etc/passwd": "x"})
    reason = wait_until_ended(sagemaker, name)["FailureReason"]
    assert reason.startswith("ClientError: s3://") and "member '../../etc/passwd' would lie outside" in reason


def test_what_is_not_served_is_refused_by_name_before_anything_happens(sagemaker, bucket):
    def told(image, **parameters):
        with pytest.raises(ClientError) as failure:
            sagemaker.create_training_job(**job_request(unique("no"), image, bucket, HyperParameters=parameters))
        assert failure.value.response["Error"]["Code"] == "ValidationException"
        return failure.value.response["Error"]["Message"]

    script = {"sagemaker_program": '"train.py"'}
    assert "sagemaker_mpi_enabled is not supported" in told(PYTORCH, **script, sagemaker_mpi_enabled="true")
    assert "There is none of 'tensorflow-training'" in told(
        "763104351884.dkr.ecr.us-west-2.amazonaws.com/tensorflow-training:2.14-cpu-py310", **script)
    assert "expected sagemaker_program" in told(PYTORCH, epochs="3")


def test_framework_images_are_listed(daemon):
    listed = daemon.cli("images", "list").stdout.splitlines()
    assert any(line.split()[0] == "pytorch-training" and "PyTorch scripts" in line for line in listed)
