"""Which channels a job may have: every mode and source is accepted, every broken rule refused in words."""

import json
import re

import pytest
from botocore.exceptions import ClientError

from conftest import channel, job_request, unique, wait_until_ended


@pytest.fixture(scope="module")
def image(daemon):
    return daemon.add_program("wait_for_stop.py")


@pytest.fixture(scope="module")
def data(s3):
    name = unique("data")
    s3.create_bucket(Bucket=name)
    manifest = [{"prefix": f"s3://{name}/train-1/"}, "a", "b"]
    for key, body in {"train-1/a": b"1", "train-1/b": b"2", "train-2/a": b"3", "one.csv": b"1,2\n",
                      "m.manifest": json.dumps(manifest).encode(), "bad.manifest": b"a,b\n",
                      "lines.manifest": f'{{"image-ref": "s3://{name}/train-1/a", "label": 1}}\n'.encode()}.items():
        s3.put_object(Bucket=name, Key=key, Body=body)
    return name


@pytest.fixture(scope="module")
def shared(daemon, tmp_path_factory):
    """An EFS and an FSx file system, each with a folder of pictures."""
    root = tmp_path_factory.mktemp("shared")
    (root / "efs/pictures").mkdir(parents=True)
    (root / "fsx/pictures").mkdir(parents=True)
    daemon.cli("filesystems", "add", "fs-0123456789abcdef0", "--type", "EFS", "--path", str(root / "efs"))
    daemon.cli("filesystems", "add", "fs-00000001", "--type", "FSxLustre", "--path", str(root / "fsx"),
               "--mount-name", "k4jhtbmv")
    return root


def file_system(name, file_system_id, kind, directory, **changes):
    return {"ChannelName": name, "DataSource": {"FileSystemDataSource": {
        "FileSystemId": file_system_id, "FileSystemType": kind, "DirectoryPath": directory,
        "FileSystemAccessMode": "ro"}}, **changes}


def s3_channel(name, uri, kind="S3Prefix", attributes=None, **changes):
    made = channel(name, uri, **changes)
    made["DataSource"]["S3DataSource"]["S3DataType"] = kind
    if attributes is not None:
        made["DataSource"]["S3DataSource"]["AttributeNames"] = attributes
    return made


@pytest.fixture
def create(sagemaker, image, data):
    """Creates jobs; stops what was accepted."""
    made = []

    def make(*channels, **changes):
        name = unique("channels")
        sagemaker.create_training_job(**job_request(name, image, data, InputDataConfig=list(channels), **changes))
        made.append(name)
        return sagemaker.describe_training_job(TrainingJobName=name)
    yield make
    for name in made:
        try:
            sagemaker.stop_training_job(TrainingJobName=name)
        except ClientError:
            pass  # it has ended by itself


@pytest.fixture
def told(create):
    def call(*channels, **changes):
        with pytest.raises(ClientError) as failure:
            create(*channels, **changes)
        error = failure.value.response["Error"]
        assert error["Code"] == "ValidationException"
        return error["Message"]
    return call


def test_twenty_channels_are_accepted_and_the_next_is_refused_by_number(create, told, data):
    channels = [s3_channel(f"c{number}", f"s3://{data}/train-1/") for number in range(21)]
    assert len(create(*channels[:20])["InputDataConfig"]) == 20
    message = told(*channels)
    assert message.startswith("1 validation error detected: Value '")
    assert message.endswith("' at 'inputDataConfig' failed to satisfy constraint: Member must have length less than or "
                            "equal to 20")


def test_every_channel_has_its_own_source_mode_and_options_and_describe_echoes_them(create, data, shared):
    channels = [
        s3_channel("a", f"s3://{data}/train-1/", InputMode="File", ContentType="text/csv"),
        s3_channel("b", f"s3://{data}/train-", InputMode="Pipe", CompressionType="Gzip", RecordWrapperType="RecordIO",
                   ShuffleConfig={"Seed": 7}),
        s3_channel("c", f"s3://{data}/train-1", InputMode="FastFile"),
        s3_channel("d", f"s3://{data}/m.manifest", "ManifestFile"),
        s3_channel("e", f"s3://{data}/lines.manifest", "AugmentedManifestFile", ["image-ref", "label"],
                   InputMode="Pipe", RecordWrapperType="RecordIO"),
        file_system("f", "fs-0123456789abcdef0", "EFS", "/pictures"),
        file_system("g", "fs-00000001", "FSxLustre", "/k4jhtbmv/pictures", InputMode="File")]
    job = create(*channels, CheckpointConfig={"S3Uri": f"s3://{data}/checkpoints"})
    assert job["CheckpointConfig"] == {"S3Uri": f"s3://{data}/checkpoints", "LocalPath": "/opt/ml/checkpoints/"}
    for sent, seen in zip(channels, job["InputDataConfig"]):
        assert {"CompressionType", "RecordWrapperType"} <= set(seen)
        expected = {"CompressionType": "None", "RecordWrapperType": "None", **sent}
        source = expected["DataSource"].get("S3DataSource")
        if source:
            source["S3DataDistributionType"] = "FullyReplicated"
        assert seen == expected


NO_DATA = "No S3 objects found under S3 URL"
RULES = {
    "names are unique": (
        lambda d: [s3_channel("a", f"s3://{d}/train-1/"), s3_channel("a", f"s3://{d}/train-2/")],
        "InputDataConfig: the channel name 'a' is used twice."),
    "one source": (
        lambda d: [{"ChannelName": "a", "DataSource": {}}],
        "channel 'a': DataSource must hold exactly one of S3DataSource, FileSystemDataSource and DatasetSource."),
    "two sources": (
        lambda d: [{"ChannelName": "a", "DataSource": {
            **s3_channel("a", f"s3://{d}/train-1/")["DataSource"],
            **file_system("a", "fs-0123456789abcdef0", "EFS", "/")["DataSource"]}}],
        "channel 'a': DataSource must hold exactly one of S3DataSource, FileSystemDataSource and DatasetSource."),
    "augmented manifests are streamed": (
        lambda d: [s3_channel("a", f"s3://{d}/lines.manifest", "AugmentedManifestFile", ["label"])],
        "channel 'a': S3DataType AugmentedManifestFile goes with input mode Pipe only, not with File."),
    "augmented manifests name attributes": (
        lambda d: [s3_channel("a", f"s3://{d}/lines.manifest", "AugmentedManifestFile", InputMode="Pipe")],
        "channel 'a': S3DataType AugmentedManifestFile needs AttributeNames."),
    "at most sixteen attributes": (
        lambda d: [s3_channel("a", f"s3://{d}/lines.manifest", "AugmentedManifestFile",
                              [f"n{n}" for n in range(17)], InputMode="Pipe")],
        "failed to satisfy constraint: Member must have length less than or equal to 16"),
    "attributes go with augmented manifests": (
        lambda d: [s3_channel("a", f"s3://{d}/train-1/", attributes=["x"])],
        "channel 'a': AttributeNames goes with S3DataType AugmentedManifestFile only. Leave it out."),
    "FastFile of prefixes": (
        lambda d: [s3_channel("a", f"s3://{d}/m.manifest", "ManifestFile", InputMode="FastFile")],
        "channel 'a': input mode FastFile goes with S3DataType S3Prefix only."),
    "FastFile of whole folders": (
        lambda d: [s3_channel("a", f"s3://{d}/train", InputMode="FastFile")],
        "expected a whole folder or object, as input mode FastFile needs."),
    "compression is streamed": (
        lambda d: [s3_channel("a", f"s3://{d}/train-1/", CompressionType="Gzip", InputMode="FastFile")],
        "channel 'a': CompressionType Gzip goes with input mode Pipe only, not with FastFile."),
    "wrapping is streamed": (
        lambda d: [s3_channel("a", f"s3://{d}/train-1/", RecordWrapperType="RecordIO")],
        "channel 'a': RecordWrapperType RecordIO goes with input mode Pipe only, not with File."),
    "file systems are mounted": (
        lambda d: [file_system("a", "fs-0123456789abcdef0", "EFS", "/pictures", InputMode="Pipe")],
        "channel 'a': FileSystemDataSource goes with input mode File only, not with Pipe."),
    "file systems are registered": (
        lambda d: [file_system("a", "fs-99999999", "EFS", "/pictures")],
        "channel 'a': FileSystemId: got \"fs-99999999\", expected a registered file system. There are: fs-00000001 "
        "(FSxLustre), fs-0123456789abcdef0 (EFS)."),
    "file systems have a type": (
        lambda d: [file_system("a", "fs-00000001", "EFS", "/k4jhtbmv/pictures")],
        "channel 'a': FileSystemType: got \"EFS\", expected FSxLustre, which fs-00000001 is."),
    "directories are absolute": (
        lambda d: [file_system("a", "fs-0123456789abcdef0", "EFS", "pictures")],
        "channel 'a': DirectoryPath: got \"pictures\", expected an absolute path."),
    "directories stay inside": (
        lambda d: [file_system("a", "fs-0123456789abcdef0", "EFS", "/pictures/../..")],
        "channel 'a': DirectoryPath: got \"/pictures/../..\", expected a path without '..'."),
    "FSx directories begin with the mount name": (
        lambda d: [file_system("a", "fs-00000001", "FSxLustre", "/pictures")],
        "expected a path that begins with '/k4jhtbmv', the mount name of fs-00000001."),
    "directories exist": (
        lambda d: [file_system("a", "fs-0123456789abcdef0", "EFS", "/films")],
        "channel 'a': DirectoryPath: got \"/films\", expected an existing directory inside fs-0123456789abcdef0"),
    "groups exist": (
        lambda d: [{"ChannelName": "a", "DataSource": {"S3DataSource": {
            "S3DataType": "S3Prefix", "S3Uri": f"s3://{d}/train-1/", "InstanceGroupNames": ["g"]}}}],
        "channel 'a': InstanceGroupNames names 'g', which is no group of ResourceConfig.InstanceGroups."),
    "no data below a prefix": (lambda d: [s3_channel("a", f"s3://{d}/none/")], NO_DATA),
    "no manifest": (lambda d: [s3_channel("a", f"s3://{d}/none.manifest", "ManifestFile")], NO_DATA),
    "a manifest is an object": (lambda d: [s3_channel("a", f"s3://{d}/m.mani", "ManifestFile")], NO_DATA),
    "no augmented manifest": (
        lambda d: [s3_channel("a", f"s3://{d}/none", "AugmentedManifestFile", ["label"], InputMode="Pipe")], NO_DATA),
    "a manifest is JSON": (
        lambda d: [s3_channel("a", f"s3://{d}/bad.manifest", "ManifestFile")],
        "expected a manifest: a JSON list of"),
    "an augmented manifest is JSON lines": (
        lambda d: [s3_channel("a", f"s3://{d}/m.manifest", "AugmentedManifestFile", ["label"], InputMode="Pipe")],
        "expected an augmented manifest: one JSON object on every line."),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_broken_rule_is_refused_in_words(told, data, shared, rule):
    channels, words = RULES[rule]
    assert words in told(*channels(data))


@pytest.mark.parametrize("path", ["/opt/ml/model", "/opt/ml/input/data", "/opt/ml/output/data/x", "/opt/ml", "checkpoints"])
def test_checkpoints_lie_outside_of_what_the_job_owns(told, data, path):
    message = told(s3_channel("a", f"s3://{data}/train-1/"),
                   CheckpointConfig={"S3Uri": f"s3://{data}/checkpoints", "LocalPath": path})
    assert message.startswith(f'CheckpointConfig.LocalPath: got "{path}", expected ')


def test_the_bucket_of_checkpoints_must_exist(told, data):
    assert told(s3_channel("a", f"s3://{data}/train-1/"), CheckpointConfig={"S3Uri": "s3://no-such-bucket-here/c"}) == (
        'CheckpointConfig.S3Uri: got "s3://no-such-bucket-here/c", expected a bucket that exists. Create the bucket '
        "'no-such-bucket-here' or name another one.")


# The command line.

def refused(daemon, *arguments):
    result = daemon.cli("filesystems", *arguments, check=False)
    assert result.returncode != 0
    return result.stderr


def test_file_systems_are_added_listed_described_and_removed(daemon, tmp_path):
    added = daemon.cli("filesystems", "add", "--type", "FSxLustre", "--path", str(tmp_path), "--link",
                       "s3://some-bucket/prefix").stdout
    made = re.match(r"(fs-[0-9a-f]{17}) is (.*), linked to s3://some-bucket/prefix; a DirectoryPath in it begins with /fsx",
                    added)
    assert made and made.group(2) == str(tmp_path)
    listed = daemon.cli("filesystems", "list").stdout
    assert re.search(rf"^{made.group(1)} +FSxLustre +{tmp_path} +s3://some-bucket/prefix +0$", listed, re.MULTILINE)
    described = dict(re.findall(r"^(\w[\w ]*?)  +(.*)$", daemon.cli("filesystems", "describe", made.group(1)).stdout,
                                re.MULTILINE))
    assert described["path"] == str(tmp_path) and described["linked to"] == "s3://some-bucket/prefix"
    assert (described["jobs using it"], described["fetches"], described["bytes"]) == ("0", "0", "0")
    assert "is removed; its files stay where they are" in daemon.cli("filesystems", "remove", made.group(1)).stdout
    assert "expected a registered file system" in refused(daemon, "describe", made.group(1))


def test_what_cannot_be_a_file_system_is_refused_in_words(daemon, tmp_path):
    def add(*arguments):
        return refused(daemon, "add", *arguments)
    for name in ("fs-1234567", "fs-0123456789abcdef012", "fs-XYZ0000000", "efs-01234567"):
        assert "failed to satisfy constraint" in add(name, "--type", "EFS", "--path", str(tmp_path))
    assert "only FSxLustre file systems are linked" in add("--type", "EFS", "--path", str(tmp_path), "--link", "s3://b/p")
    assert "only FSxLustre file systems have one" in add("--type", "EFS", "--path", str(tmp_path), "--mount-name", "m")
    assert "expected an existing directory" in add("--type", "EFS", "--path", str(tmp_path / "none"))
    for path in ("/", str(daemon.data_dir), str(daemon.data_dir / "objects"), str(daemon.data_dir.parent)):
        assert "the daemon's data directory" in add("--type", "EFS", "--path", path)
    assert "EFS" in add("--type", "NFS", "--path", str(tmp_path))


def test_a_file_system_in_use_stays(daemon, sagemaker, image, data, tmp_path):
    daemon.cli("filesystems", "add", "fs-0000beef", "--type", "EFS", "--path", str(tmp_path))
    # The job waits for room behind one that takes the machine, so that nothing depends on what it does.
    first, second = unique("first"), unique("second")
    sagemaker.create_training_job(**job_request(first, image, data, ResourceConfig={
        "InstanceType": "ml.m5.24xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5}))
    sagemaker.create_training_job(**job_request(
        second, image, data, InputDataConfig=[file_system("a", "fs-0000beef", "EFS", "/")], ResourceConfig={
            "InstanceType": "ml.m5.24xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5}))
    assert "is used by 1 job that has not ended" in refused(daemon, "remove", "fs-0000beef")
    sagemaker.stop_training_job(TrainingJobName=second)
    wait_until_ended(sagemaker, second)
    sagemaker.stop_training_job(TrainingJobName=first)
    daemon.cli("filesystems", "remove", "fs-0000beef")


def test_every_verb_teaches_by_example(daemon):
    import subprocess
    from daemon import MILLRACE
    for verb in ([], ["add"], ["list"], ["describe"], ["remove"]):
        text = subprocess.run([MILLRACE, "filesystems", *verb, "--help"], capture_output=True, text=True, check=True).stdout
        assert "millrace filesystems " + (verb[0] if verb else "add") in text and "Example" in text
