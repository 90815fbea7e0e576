"""The built-in image classification through boto3: it learns, and says what is wrong with data that it cannot use."""

import base64
import io
import json
import random
import struct
import tarfile
import zlib

import pytest

from conftest import channel, job_request, log_lines, unique, wait_for_status, wait_until_ended
from ndarray_list import read_arrays

IMAGE = "433757028032.dkr.ecr.us-west-2.amazonaws.com/image-classification:1"
MAGIC = 0xCED7230A
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8"
    "ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAAR"
    "CAAgACADASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAAAwQF/8QAFhAAAwAAAAAAAAAAAAAAAAAAAAID/8QAGAEAAwEBAAAAAAAAAAAA"
    "AAAAAAIFAwb/xAAWEQADAAAAAAAAAAAAAAAAAAAAAQP/2gAMAwEAAhEDEQA/AMFJDpIZJDJIEwnQJJDpIVJDpIdMozoTpIdJCpIdJGKZzs6A"
    "pIdJDJIZJDplGdD/2Q==")


def png(pixels, side):
    """A grey picture of side x side bytes."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes(pixels[y * side:(y + 1) * side]) for y in range(side))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def record(label, picture, number=0):
    payload = struct.pack("<IfQQ", 0, label, number, 0) + picture
    assert struct.pack("<I", MAGIC) not in payload
    return struct.pack("<II", MAGIC, len(payload)) + payload + b"\0" * (-len(payload) % 4)


def stripes(label, noise, side=28):
    """Class 0 has horizontal stripes, class 1 vertical ones."""
    return png([min(255, (200 if ((y if label == 0 else x) // 3) % 2 else 30) + noise.randrange(40))
                for y in range(side) for x in range(side)], side)


def dataset(count, seed):
    noise = random.Random(seed)
    return b"".join(record(i % 2, stripes(i % 2, noise), i) for i in range(count))


HYPERPARAMETERS = {"num_layers": "20", "image_shape": "3,28,28", "num_classes": "2", "num_training_samples": "64",
                   "mini_batch_size": "16", "epochs": "2", "learning_rate": "0.05"}


@pytest.fixture(scope="module")
def store(s3):
    name = unique("pictures")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="train/train.rec", Body=dataset(64, 1))
    s3.put_object(Bucket=name, Key="validation/validation.rec", Body=dataset(32, 2))
    return name


def run(sagemaker, s3, store, train=None, name=None, more=(), request=None, validate=True, **changes):
    name = name or unique("images")
    uri = f"s3://{store}/train/"
    if train is not None:
        uri = f"s3://{store}/{name}/"
        s3.put_object(Bucket=store, Key=f"{name}/given.rec", Body=train)
    sagemaker.create_training_job(**job_request(
        name, IMAGE, store, HyperParameters={**HYPERPARAMETERS, **changes},
        InputDataConfig=[channel("train", uri, ContentType="application/x-recordio"),
                         *[channel("validation", f"s3://{store}/validation/", ContentType="application/x-recordio")
                           for _ in range(validate)], *more],
        **(request or {})))
    return name


def test_it_learns_two_kinds_of_stripes_and_reports_as_published(sagemaker, logs, s3, store):
    name = run(sagemaker, s3, store, epochs="6")
    job = wait_until_ended(sagemaker, name, 120)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert metrics["validation:accuracy"] >= 0.9
    assert {d["Name"] for d in job["AlgorithmSpecification"]["MetricDefinitions"]} >= {
        "train:accuracy", "validation:accuracy"}
    lines = log_lines(logs, name)
    for part in ("num_layers: 20", "Epoch[0] Train-accuracy=", "Epoch[0] Time cost=", "Epoch[5] Validation-accuracy="):
        assert any(part in line for line in lines), part
    archive = s3.get_object(Bucket=store, Key=f"out/{name}/output/model.tar.gz")["Body"].read()
    names = tarfile.open(fileobj=io.BytesIO(archive)).getnames()
    assert "image-classification-symbol.json" in names and "model-shapes.json" in names
    assert any(n.startswith("image-classification-") and n.endswith(".params") for n in names)


def test_a_stopped_training_leaves_a_model(sagemaker, s3, store):
    name = run(sagemaker, s3, store, epochs="10000")
    wait_for_status(sagemaker, name, "Training")
    import time
    time.sleep(4)
    sagemaker.stop_training_job(TrainingJobName=name)
    job = wait_until_ended(sagemaker, name)
    assert job["SecondaryStatus"] == "Stopped", job
    archive = s3.get_object(Bucket=store, Key=f"out/{name}/output/model.tar.gz")["Body"].read()
    assert any(n.endswith(".params") for n in tarfile.open(fileobj=io.BytesIO(archive)).getnames())


def test_training_goes_on_from_an_earlier_model(sagemaker, logs, s3, store):
    first = run(sagemaker, s3, store, epochs="3")
    assert wait_until_ended(sagemaker, first, 120)["TrainingJobStatus"] == "Completed"
    model = channel("model", f"s3://{store}/out/{first}/output/model.tar.gz", ContentType="application/x-sagemaker-model")
    second = run(sagemaker, s3, store, more=[model], epochs="1", learning_rate="0.001", augmentation_type="crop_color")
    job = wait_until_ended(sagemaker, second, 120)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert any("Using the model in channel 'model'" in line for line in log_lines(logs, second))
    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert metrics["validation:accuracy"] >= 0.9, "one small epoch, on what the first job had learned"
    other = wait_until_ended(sagemaker, run(sagemaker, s3, store, more=[model], num_layers="32"), 60)
    assert "num_layers" in other["FailureReason"] and '"32"' in other["FailureReason"], other["FailureReason"]
    assert "expected 20" in other["FailureReason"]


def test_an_interrupted_job_goes_on_from_its_checkpoints(sagemaker, logs, s3, store):
    checkpoints = {"CheckpointConfig": {"S3Uri": f"s3://{store}/{unique('checkpoints')}/"}}
    first = run(sagemaker, s3, store, request=checkpoints, epochs="2")
    assert wait_until_ended(sagemaker, first, 120)["TrainingJobStatus"] == "Completed"
    second = run(sagemaker, s3, store, request=checkpoints, epochs="3")
    assert wait_until_ended(sagemaker, second, 120)["TrainingJobStatus"] == "Completed"
    lines = log_lines(logs, second)
    assert any("Resuming from a checkpoint after epoch 1" in line for line in lines)
    assert any("Epoch[2] Train-accuracy" in line for line in lines)
    assert not any("Epoch[1] Train-accuracy" in line for line in lines)


def shades(count, classes, side=32):
    """Pictures in a shade of grey of their class each."""
    noise = random.Random(count)
    return b"".join(record(i % classes, png([(i % classes * 20 + noise.randrange(20)) % 256
                                                for _ in range(side * side)], side), i) for i in range(count))


def test_the_job_of_the_original_documents_runs_as_written(sagemaker, logs, s3, store):
    # A small data set in the place of CIFAR-10, and so a small batch.
    name = run(sagemaker, s3, store, train=shades(16, 10), num_layers="18", resize="32", num_training_samples="50000",
               num_classes="10", image_shape="3,28,28", mini_batch_size="8", epochs="3", learning_rate="0.1",
               lr_scheduler_step="2,3", lr_scheduler_factor="0.1", optimizer="sgd", momentum="0.9", weight_decay="0.0001",
               augmentation_type="crop", top_k="5", checkpoint_frequency="1", use_pretrained_model="0", model_prefix="")
    job = wait_until_ended(sagemaker, name, 240)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    lines = log_lines(logs, name)
    for part in ("num_layers: 18", "image resize size: 32", "top_k: 5", "Epoch[2] Train-top_k_accuracy_5="):
        assert any(part in line for line in lines), part
    archive = s3.get_object(Bucket=store, Key=f"out/{name}/output/model.tar.gz")["Body"].read()
    assert [n for n in sorted(tarfile.open(fileobj=io.BytesIO(archive)).getnames()) if n.endswith(".params")] == [
        f"image-classification-000{epoch}.params" for epoch in (1, 2, 3)]
    more = wait_until_ended(sagemaker, run(sagemaker, s3, store, train=shades(257, 257), num_classes="10"), 120)
    for words in ("labels 0..256 found", "num_classes is 10", "Set num_classes to 257"):
        assert words in more["FailureReason"], more["FailureReason"]


def weights(s3, store, job):
    archive = s3.get_object(Bucket=store, Key=f"out/{job}/output/model.tar.gz")["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        [name] = [n for n in members.getnames() if n.endswith(".params")]
        return members.extractfile(name).read()


def test_a_job_starts_from_the_weights_the_operator_supplies(daemon, sagemaker, logs, s3, store):
    changes = {"num_layers": "18", "image_shape": "3,224,224", "resize": "224", "num_training_samples": "4",
               "mini_batch_size": "4", "epochs": "1", "learning_rate": "0.01", "use_pretrained_model": "1"}
    train = shades(4, 2)
    missing = wait_until_ended(sagemaker, run(sagemaker, s3, store, train=train, validate=False, **changes), 120)
    for words in ("ClientError: hyperparameter 'use_pretrained_model'", "NDArray list", "--data-dir",
                  "pretrained/image-classification/resnet-18.params"):
        assert words in missing["FailureReason"], missing["FailureReason"]

    first = run(sagemaker, s3, store, train=train, validate=False, **{**changes, "use_pretrained_model": "0"})
    assert wait_until_ended(sagemaker, first, 240)["TrainingJobStatus"] == "Completed"
    place = daemon.data_dir / "pretrained/image-classification"
    place.mkdir(parents=True)
    supplied = weights(s3, store, first)
    (place / "resnet-18.params").write_bytes(supplied)

    # A learning rate of 0 changes no weight: what comes out is what went in.
    second = run(sagemaker, s3, store, train=shades(4, 3), validate=False, **{**changes, "num_classes": "3", "learning_rate": "0"})
    job = wait_until_ended(sagemaker, second, 240)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert any("Using pretrained model for initializing weights and transfer learning." in line
               for line in log_lines(logs, second))
    before, after = read_arrays(supplied), read_arrays(weights(s3, store, second))
    assert after["arg:fc1_weight"].shape == (3, 512) and before["arg:fc1_weight"].shape == (2, 512)
    for array, values in before.items():
        if array.startswith("arg:") and not array.startswith("arg:fc1_"):
            assert (values == after[array]).all(), array


def test_half_precision_is_refused_by_name(sagemaker, s3, store):
    for value in ("float16", "bfloat16"):
        job = wait_until_ended(sagemaker, run(sagemaker, s3, store, precision_dtype=value), 60)
        for words in ("hyperparameter 'precision_dtype'", value, "expected float32", "CPU"):
            assert words in job["FailureReason"], job["FailureReason"]


GOOD = dataset(32, 3)
BAD_DATA = {
    "a truncated file": (GOOD[:-30], {}, ["channel 'train'", "given.rec", "record 31", "cut off"]),
    "a wrong magic": (GOOD + b"\1\2\3\4" * 8, {}, ["channel 'train'", "given.rec", "magic"]),
    "a JPEG cut in half": (GOOD + record(0, JPEG[:200]), {"image_shape": "3,28,28"},
                           ["channel 'train'", "given.rec", "record 32", "JPEG"]),
    "a label outside num_classes": (GOOD + record(7, stripes(0, random.Random(1))), {},
                                    ["channel 'train'", "given.rec", "record 32", "num_classes"]),
    "a picture smaller than image_shape": (GOOD + record(1, png([0] * 400, 20)), {},
                                           ["channel 'train'", "given.rec", "record 32", "20", "image_shape"]),
}


@pytest.mark.parametrize("what", BAD_DATA)
def test_unusable_data_fails_the_job_naming_channel_file_and_record(sagemaker, logs, s3, store, what):
    data, changes, words = BAD_DATA[what]
    name = run(sagemaker, s3, store, train=data, **changes)
    job = wait_until_ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: "), job["FailureReason"]
    for word in words:
        assert word in job["FailureReason"], job["FailureReason"]
    if "label" in what or "magic" in what or "truncated" in what:
        assert not any("Epoch[0]" in line for line in log_lines(logs, name))


def test_every_wrong_hyperparameter_is_reported_at_once(sagemaker, s3, store):
    with pytest.raises(sagemaker.exceptions.ClientError) as failure:
        run(sagemaker, s3, store, epochs="ten", learning_rat="0.1", momentum="7")
    message = failure.value.response["Error"]["Message"]
    assert json.dumps("ten") in message and "learning_rate" in message and "'momentum'" in message
