"""Container images without a container engine: added from the command line, trained and served through stock boto3."""

import io
import os
import shutil
import signal
import sqlite3
import subprocess
import tarfile
import time

import pytest
from botocore.exceptions import ClientError

from conftest import ROLE, job_request, log_lines, unique, wait_until_ended, wait_for_status
from container_images import BUSYBOX, Image, Layer, base_layer, digest
from daemon import MILLRACE, Daemon

pytestmark = pytest.mark.skipif(BUSYBOX is None, reason="needs busybox-static")

TRAIN = """#!/bin/sh
echo "argument $1 of $0"
echo "directory $(pwd)"
echo "user $(id -u):$(id -g) home $HOME"
echo "image says $FROM_IMAGE, job says $FROM_JOB, both say $BOTH"
echo "hosts $(cat /etc/hosts | tr '\\n' ' ')"
test -e /usr/bin/python3 && echo "sees this machine"
echo changed > /bin/busybox.note && echo "root is writable"
cat /opt/ml/input/config/hyperparameters.json && echo
if test "$HANG"; then trap "exit 0" TERM; sleep 600 & wait; fi
echo "from the image" > /opt/ml/model/weights
"""

# One connection of `nc`: the request's head, then the answer.
HANDLER = """#!/bin/sh
read -r method path version
length=0
while read -r name value; do
  value=${value%?}
  test -z "$value" && break
  case "$name" in [Cc]ontent-[Ll]ength:) length=$value;; esac
done
body=$(dd bs=1 count="$length" 2>/dev/null)
answer="$FROM_IMAGE in $(pwd) read $(cat /opt/ml/model/weights): $body"
printf 'HTTP/1.1 200 OK\\r\\nContent-Type: text/plain\\r\\nContent-Length: %s\\r\\nConnection: close\\r\\n\\r\\n%s' "${#answer}" "$answer"
"""
SERVE = "#!/bin/sh\nexec nc -ll -p 8080 -e /opt/handler\n"
ENTRY = '#!/bin/sh\necho "entry point with $*"\nverb=$1\nshift\nexec "/opt/program/$verb" "$verb"\n'


def make_image(**changes):
    program = (Layer().directory("opt/program").file("opt/program/train", TRAIN, 0o755)
               .file("opt/program/serve", SERVE, 0o755).file("opt/handler", HANDLER, 0o755)
               .file("entry", ENTRY, 0o755).data())
    process = {"Entrypoint": ["/entry"], "Cmd": ["help"], "WorkingDir": "/opt/program", "User": "ml",
               "Env": ["PATH=/bin:/opt/program", "FROM_IMAGE=churn", "BOTH=image"]}
    process.update(changes)
    return Image([base_layer(), program], **process)


@pytest.fixture(scope="module")
def image(daemon, tmp_path_factory):
    """churn:3, from an OCI layout; gives its digest."""
    layout = tmp_path_factory.mktemp("layout")
    digest = make_image().oci_layout(layout, "3")
    added = daemon.cli("images", "add", "churn:3", "--oci-layout", str(layout))
    assert digest in added.stdout
    return digest


def trained(sagemaker, logs, bucket, image_name, environment=None, **algorithm):
    name = unique("job")
    request = job_request(name, image_name, bucket, HyperParameters={"epochs": "3"}, Environment=environment)
    request["AlgorithmSpecification"].update(algorithm)
    sagemaker.create_training_job(**request)
    job = wait_until_ended(sagemaker, name)
    # An ordinary user's log may begin with limits that he cannot enforce.
    return job, "\n".join(line for line in log_lines(logs, name) if not line.startswith("[millrace]"))


def test_a_job_runs_in_the_image_as_the_image_says(image, sagemaker, s3, logs, bucket):
    job, lines = trained(sagemaker, logs, bucket, "111122223333.dkr.ecr.eu-west-1.amazonaws.com/churn:3",
                         {"FROM_JOB": "request", "BOTH": "request"})
    assert job["TrainingJobStatus"] == "Completed", (job.get("FailureReason"), lines)
    assert "entry point with train" in lines
    assert "argument train of /opt/program/train" in lines
    assert "directory /opt/program" in lines
    assert "user 1000:7 home /home/ml" in lines
    assert "image says churn, job says request, both say request" in lines
    assert "algo-1" in lines
    assert "sees this machine" not in lines
    assert "root is writable" in lines
    assert '{"epochs":"3"}' in lines.replace(" ", "")
    key = job["ModelArtifacts"]["S3ModelArtifacts"].split("/", 3)[3]
    packed = io.BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    with tarfile.open(fileobj=packed) as archive:
        assert archive.extractfile("weights").read() == b"from the image\n"


def test_what_a_job_writes_is_gone_for_the_next(image, daemon, sagemaker, logs, bucket):
    for _ in range(2):
        job, lines = trained(sagemaker, logs, bucket, "churn:3", ContainerEntrypoint=[
            "/bin/sh", "-c", "ls / /bin | tr '\\n' ' '; touch /left; mkdir /bin/left"])
        assert job["TrainingJobStatus"] == "Completed", lines
        assert "busybox" in lines and "left" not in lines
    images = list((daemon.data_dir / "images").glob("*/rootfs"))
    assert images and not any((root / "left").exists() for root in images)


def test_entry_point_and_arguments_of_the_request_win(image, sagemaker, logs, bucket):
    job, lines = trained(sagemaker, logs, bucket, "churn:3", ContainerEntrypoint=["echo", "instead"],
                         ContainerArguments=["of", "train"])
    assert job["TrainingJobStatus"] == "Completed", lines
    assert lines == "instead of train"
    job, lines = trained(sagemaker, logs, bucket, "churn:3", ContainerArguments=["train", "more"])
    assert "entry point with train more" in lines


def test_an_entry_point_that_is_not_there_fails_the_job_by_name(daemon, tmp_path, sagemaker, logs, bucket):
    Image([base_layer()], Env=["PATH=/bin"]).oci_layout(tmp_path / "layout", "1")
    daemon.cli("images", "add", "bare", "--oci-layout", str(tmp_path / "layout"))
    job, _ = trained(sagemaker, logs, bucket, "bare")
    assert job["TrainingJobStatus"] == "Failed"
    assert "the program 'train' cannot be executed: No such file or directory" in job["FailureReason"]
    assert "PATH of its image" in job["FailureReason"]


def test_the_image_of_a_digest_is_that_image_or_none(image, sagemaker, logs, bucket):
    job, lines = trained(sagemaker, logs, bucket, f"churn:3@{image}")
    assert job["TrainingJobStatus"] == "Completed", lines
    with pytest.raises(ClientError, match=f"registered under this name, {image}"):
        sagemaker.create_training_job(**job_request(unique("job"), "churn:3@sha256:" + 64 * "0", bucket))


def test_an_endpoint_answers_from_the_image(image, daemon, sagemaker, s3, bucket):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        info = tarfile.TarInfo("weights")
        info.size = 4
        archive.addfile(info, io.BytesIO(b"w=2\n"))
    s3.put_object(Bucket=bucket, Key="model.tar.gz", Body=packed.getvalue())
    name = unique("endpoint")
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={
        "Image": "churn:3", "ModelDataUrl": f"s3://{bucket}/model.tar.gz"})
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[
        {"VariantName": "all", "ModelName": name, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    deadline = time.monotonic() + 90
    while (endpoint := sagemaker.describe_endpoint(EndpointName=name))["EndpointStatus"] == "Creating":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert endpoint["EndpointStatus"] == "InService", endpoint
    runtime = daemon.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(EndpointName=name, ContentType="text/plain", Body=b"hello")
    assert answer["Body"].read() == b"churn in /opt/program read w=2: hello"
    refused = daemon.cli("images", "remove", "churn:3", check=False)
    assert refused.returncode != 0 and "a job or an endpoint runs in" in refused.stderr
    sagemaker.delete_endpoint(EndpointName=name)


def test_images_are_listed_described_and_removed(daemon, tmp_path):
    archive = make_image(User="").docker_archive(tmp_path / "other.tar", "other:1")
    for name in ("other:1", "same"):
        daemon.cli("images", "add", name, "--docker-archive", str(archive))
    listed = {line.split()[0]: line for line in daemon.cli("images", "list").stdout.splitlines()}
    assert "Container" in listed["other:1"] and "/entry" in listed["same"]
    described = daemon.cli("images", "describe", "other:1").stdout
    for shown in ("docker-archive", "other:1", "/entry", "FROM_IMAGE=churn", "/opt/program", "root (0:0)", "sha256:"):
        assert shown in described, described
    unpacked = set((daemon.data_dir / "images").iterdir())
    daemon.cli("images", "remove", "other:1")
    assert set((daemon.data_dir / "images").iterdir()) == unpacked, "it has another name"
    daemon.cli("images", "remove", "same")
    assert len(unpacked - set((daemon.data_dir / "images").iterdir())) == 1
    assert "a registered image" in daemon.cli("images", "remove", "same", check=False).stderr


def test_what_an_image_says_does_not_reach_the_terminal_raw(daemon, tmp_path):
    evil = "\x1b[2J\x07\u009b31m\r\n"
    Image([base_layer()], Entrypoint=["/bin/sh" + evil], Cmd=[evil], Env=["EVIL=" + evil], WorkingDir="/w" + evil,
          Labels={"evil": evil}).oci_layout(tmp_path / "layout", evil)
    told = daemon.cli("images", "add", "evil", "--oci-layout", str(tmp_path / "layout")).stdout
    listed = daemon.cli("images", "list").stdout
    told += listed + daemon.cli("images", "describe", "evil").stdout
    assert not [c for c in told if c != "\n" and not c.isprintable()], ascii(told)
    assert "EVIL=\\x1b[2J\\x07" in told, told
    row, = [line for line in listed.splitlines() if line.startswith("evil ")]
    assert "/bin/sh\\x1b[2J" in row
    daemon.cli("images", "remove", "evil")


def test_an_image_that_a_job_runs_in_stays_until_it_has_ended(daemon, tmp_path, sagemaker, bucket):
    make_image(Env=["PATH=/bin", "HANG=yes"]).oci_layout(tmp_path / "layout", "1")
    daemon.cli("images", "add", "hang", "--oci-layout", str(tmp_path / "layout"))
    name = unique("job")
    sagemaker.create_training_job(**job_request(name, "hang", bucket))
    wait_for_status(sagemaker, name, "Training")
    refused = daemon.cli("images", "remove", "hang", check=False)
    assert refused.returncode != 0 and "a job or an endpoint runs in" in refused.stderr
    sagemaker.stop_training_job(TrainingJobName=name)
    assert wait_until_ended(sagemaker, name)["TrainingJobStatus"] == "Stopped"
    deadline = time.monotonic() + 10
    while daemon.cli("images", "remove", "hang", check=False).returncode != 0:
        assert time.monotonic() < deadline, "its supervisor is gone by now"
        time.sleep(0.1)


def test_a_directory_is_an_image_too(daemon, tmp_path, sagemaker, logs, bucket):
    root = tmp_path / "root"
    (root / "bin").mkdir(parents=True)
    shutil.copy(BUSYBOX, root / "bin" / "busybox")
    for applet in ("sh", "echo", "pwd", "id"):
        (root / "bin" / applet).symlink_to("busybox")
    daemon.cli("images", "add", "directory", "--rootfs", str(root), "--entrypoint", "/bin/sh", "--entrypoint", "-c",
               "--entrypoint", "echo $A in $(pwd) as $(id -u)", "--env", "A=variable", "--workdir", "/somewhere/else",
               "--user", "77")
    job, lines = trained(sagemaker, logs, bucket, "directory")
    assert job["TrainingJobStatus"] == "Completed", lines
    assert lines == "variable in /somewhere/else as 77"


def test_the_volume_limits_what_a_job_writes_to_its_root(image, sagemaker, logs, bucket):
    name = unique("job")
    request = job_request(name, "churn:3", bucket,
                          ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1})
    request["AlgorithmSpecification"]["ContainerEntrypoint"] = [
        "/bin/sh", "-c", "fallocate -l 1200M /home/ml/much; sleep 60"]
    sagemaker.create_training_job(**request)
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Failed"
    assert "more than the volume" in job["FailureReason"]


def test_checkpoints_may_lie_anywhere_but_behind_a_link_of_the_image(daemon, tmp_path, sagemaker, s3, logs, bucket):
    links = Layer().link("ckpt", "../../oldroot/tmp").data()
    Image([base_layer(), links], Env=["PATH=/bin"]).oci_layout(tmp_path / "layout", "1")
    daemon.cli("images", "add", "links", "--oci-layout", str(tmp_path / "layout"))

    def run(path):
        name = unique("job")
        request = job_request(name, "links", bucket,
                              CheckpointConfig={"S3Uri": f"s3://{bucket}/{name}", "LocalPath": path})
        request["AlgorithmSpecification"]["ContainerEntrypoint"] = ["/bin/sh", "-c", f"echo 1 > {path}/state"]
        sagemaker.create_training_job(**request)
        return name, wait_until_ended(sagemaker, name)
    name, job = run("/made/here")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert s3.get_object(Bucket=bucket, Key=f"{name}/state")["Body"].read() == b"1\n"
    _, job = run("/ckpt/x")
    assert job["TrainingJobStatus"] == "Failed"
    assert "a link or a file of the image" in job["FailureReason"]


def test_malicious_and_foreign_images_are_refused_and_leave_nothing(daemon, tmp_path):
    before = set((daemon.data_dir / "images").iterdir())

    def refusal(name, image):
        image.oci_layout(tmp_path / name, "1")
        done = daemon.cli("images", "add", name, "--oci-layout", str(tmp_path / name), check=False)
        assert done.returncode != 0, done.stdout
        return done.stderr
    evil = Layer().file("../../evil", "x").data()
    assert "layer 1 of 1" in (told := refusal("dots", Image([evil]))) and "'../../evil'" in told
    link = Layer().link("a", "../../../etc/passwd", tarfile.LNKTYPE).data()
    assert "a name inside the image" in refusal("hardlink", Image([link]))
    assert "linux/s390x" in refusal("foreign", Image([Layer().data()], architecture="s390x"))
    damaged = Image([base_layer()])
    damaged.layers = [Layer().file("other", "x").data()]
    assert "expected the digest sha256:" in refusal("damaged", damaged)
    assert set((daemon.data_dir / "images").iterdir()) == before
    assert not (daemon.data_dir / "evil").exists() and not (daemon.data_dir.parent / "evil").exists()


def test_a_record_of_another_version_keeps_no_daemon_from_starting(tmp_path):
    daemon = Daemon(tmp_path / "data")
    try:
        make_image().oci_layout(tmp_path / "layout", "1")
        for name in ("old", "newer"):
            daemon.cli("images", "add", name, "--oci-layout", str(tmp_path / "layout"))
        daemon.stop()
        with sqlite3.connect(daemon.data_dir / "records.db") as records:
            records.execute("UPDATE images SET container = '{\"id\": 7}' WHERE name = 'newer'")
        records.close()
        daemon.start()
        listed = [line.split()[0] for line in daemon.cli("images", "list").stdout.splitlines()]
        assert "old" in listed and "newer" not in listed
        assert "event=image-left-out image=newer" in (tmp_path / "serve.log").read_text()
        assert "add the image again" in daemon.cli("images", "describe", "newer", check=False).stderr
        daemon.cli("images", "remove", "old")
        assert any((daemon.data_dir / "images").glob("*/rootfs")), "they may be those of the name that cannot be read"
        daemon.cli("images", "remove", "newer")
        assert not any((daemon.data_dir / "images").glob("*/rootfs"))
    finally:
        daemon.stop()


def test_ctrl_c_while_adding_leaves_nothing(daemon, tmp_path):
    layer = Layer().file("large", os.urandom(1 << 20) * 300).data()
    archive = Image([layer]).docker_archive(tmp_path / "large.tar", "large:1")
    before = set((daemon.data_dir / "images").iterdir())
    adding = subprocess.Popen([MILLRACE, "images", "add", "large", "--docker-archive", str(archive),
                               "--data-dir", str(daemon.data_dir)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not any((daemon.data_dir / "images").glob("*.partial/rootfs/large")) and adding.poll() is None:
        time.sleep(0.005)
    adding.send_signal(signal.SIGINT)
    adding.communicate(timeout=30)
    assert adding.returncode == -signal.SIGINT
    assert set((daemon.data_dir / "images").iterdir()) == before


def test_ecr_shows_registered_images(image, daemon):
    ecr = daemon.client("ecr")
    repositories = ecr.describe_repositories(repositoryNames=["churn"])["repositories"]
    assert repositories[0]["repositoryUri"].endswith(".amazonaws.com/churn")
    assert "churn" in [one["repositoryName"] for page in ecr.get_paginator("describe_repositories").paginate(
        PaginationConfig={"PageSize": 1}) for one in page["repositories"]]
    details = ecr.describe_images(repositoryName="churn", imageIds=[{"imageTag": "3"}])["imageDetails"]
    assert [(one["imageDigest"], one["imageTags"]) for one in details] == [(image, ["3"])]
    assert details[0]["imageSizeInBytes"] > 100_000
    for one in ecr.batch_get_image(repositoryName="churn", imageIds=[{"imageTag": "3"}])["images"]:
        assert digest(one["imageManifest"].encode()) == image
    assert ecr.list_images(repositoryName="churn")["imageIds"] == [{"imageDigest": image, "imageTag": "3"}]
    got = ecr.batch_get_image(repositoryName="churn", imageIds=[{"imageDigest": image}, {"imageTag": "9"}])
    assert got["images"][0]["imageId"]["imageDigest"] == image
    assert '"layers"' in got["images"][0]["imageManifest"]
    assert got["failures"][0]["failureCode"] == "ImageNotFound"
    with pytest.raises(ecr.exceptions.RepositoryNotFoundException):
        ecr.describe_images(repositoryName="nowhere")
    with pytest.raises(ecr.exceptions.ImageNotFoundException):
        ecr.describe_images(repositoryName="churn", imageIds=[{"imageTag": "9"}])
    with pytest.raises(ClientError, match="no registry to log in to"):
        ecr.get_authorization_token()
