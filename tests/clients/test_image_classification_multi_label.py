"""Several labels per image through boto3: every form they come in is learnt, and what cannot be used is named."""

import io
import json
import random
import struct
import subprocess
import tarfile

import pytest

from conftest import channel, job_request, log_lines, unique, wait_until_ended
from daemon import MILLRACE
from test_image_classification import HYPERPARAMETERS, IMAGE, MAGIC, png

RECORDIO, PICTURE = "application/x-recordio", "application/x-image"


def picture(classes, noise, side=28):
    """Class 0 is a bright upper half, class 1 a bright left half; a picture has either, both or none."""
    return png([20 + (90 if 0 in classes and y < side // 2 else 0) + (90 if 1 in classes and x < side // 2 else 0) +
                noise.randrange(40) for y in range(side) for x in range(side)], side)


def pictures(count, seed):
    noise = random.Random(seed)
    return [(classes, picture(classes, noise)) for classes in ([[], [0], [1], [0, 1]][i % 4] for i in range(count))]


def multi_hot(classes, count=2):
    return [int(c in classes) for c in range(count)]


def record(labels, image, number=0):
    payload = struct.pack("<IfQQ", len(labels), 0, number, 0) + struct.pack(f"<{len(labels)}f", *labels) + image
    assert struct.pack("<I", MAGIC) not in payload
    return struct.pack("<II", MAGIC, len(payload)) + payload + b"\0" * (-len(payload) % 4)


def records(count, seed):
    return b"".join(record(multi_hot(classes), image, i) for i, (classes, image) in enumerate(pictures(count, seed)))


def put_records(s3, store, prefix):
    s3.put_object(Bucket=store, Key=f"{prefix}/train/a.rec", Body=records(64, 1))
    s3.put_object(Bucket=store, Key=f"{prefix}/validation/a.rec", Body=records(32, 2))


def put_list(s3, store, prefix, name, count, seed):
    lines = []
    for number, (classes, image) in enumerate(pictures(count, seed)):
        s3.put_object(Bucket=store, Key=f"{prefix}/{name}/{number}.png", Body=image)
        lines.append("\t".join([str(number), *map(str, multi_hot(classes)), f"{number}.png"]) + "\n")
    s3.put_object(Bucket=store, Key=f"{prefix}/{name}_lst/{name}.lst", Body="".join(lines).encode())


def put_manifest(s3, store, prefix, name, count, seed, label):
    lines = []
    for number, (classes, image) in enumerate(pictures(count, seed)):
        s3.put_object(Bucket=store, Key=f"{prefix}/{name}-images/{number}.png", Body=image)
        lines.append(json.dumps({"source-ref": f"s3://{store}/{prefix}/{name}-images/{number}.png",
                                 "class": label(classes)}) + "\n")
    s3.put_object(Bucket=store, Key=f"{prefix}/{name}.manifest", Body="".join(lines).encode())


def manifest_channel(store, prefix, name, content):
    return {"ChannelName": name, "InputMode": "Pipe", "RecordWrapperType": "RecordIO", "ContentType": content,
            "DataSource": {"S3DataSource": {"S3DataType": "AugmentedManifestFile",
                                            "S3Uri": f"s3://{store}/{prefix}/{name}.manifest",
                                            "AttributeNames": ["source-ref", "class"]}}}


@pytest.fixture(scope="module")
def store(s3):
    name = unique("several")
    s3.create_bucket(Bucket=name)
    put_records(s3, name, "records")
    return name


def run(sagemaker, store, channels, **changes):
    name = unique("several")
    sagemaker.create_training_job(**job_request(
        name, IMAGE, store, InputDataConfig=channels,
        HyperParameters={**HYPERPARAMETERS, "multi_label": "1", "epochs": "6", **changes}))
    return name


def record_channels(store, mode="File", prefix="records"):
    return [channel(name, f"s3://{store}/{prefix}/{name}/", ContentType=RECORDIO, InputMode=mode)
            for name in ("train", "validation")]


def learnt(sagemaker, name):
    """The validation accuracy of a job that must complete: above 0.75 only if both attributes were learnt."""
    job = wait_until_ended(sagemaker, name, 120)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    return metrics["validation:accuracy"]


@pytest.mark.parametrize("mode", ["File", "FastFile", "Pipe"])
def test_records_with_a_label_for_each_class_are_learnt_in_every_mode(sagemaker, logs, s3, store, mode):
    name = run(sagemaker, store, record_channels(store, mode))
    assert learnt(sagemaker, name) >= 0.9
    lines = log_lines(logs, name)
    assert any("multi_label: 1" in line for line in lines)
    assert any("Epoch[5] Validation-accuracy=" in line for line in lines)
    archive = s3.get_object(Bucket=store, Key=f"out/{name}/output/model.tar.gz")["Body"].read()
    symbol = tarfile.open(fileobj=io.BytesIO(archive)).extractfile("image-classification-symbol.json").read()
    assert json.loads(symbol)["nodes"][-1]["op"] == "LogisticRegressionOutput"


def test_lists_with_a_column_for_each_class_are_learnt(sagemaker, s3, store):
    put_list(s3, store, "lists", "train", 64, 1)
    put_list(s3, store, "lists", "validation", 32, 2)
    channels = [channel(name, f"s3://{store}/lists/{name}/", ContentType=PICTURE)
                for name in ("train", "validation", "train_lst", "validation_lst")]
    assert learnt(sagemaker, run(sagemaker, store, channels, resize="28", use_weighted_loss="1")) >= 0.9


FORMS = {
    "multi-hot": (RECORDIO, multi_hot),
    "class ids": (RECORDIO + "; label-format=class-id", lambda classes: json.dumps(classes)),
}


@pytest.mark.parametrize("form", FORMS)
def test_an_augmented_manifest_is_learnt_in_each_form_of_its_labels(sagemaker, logs, s3, store, form):
    content, label = FORMS[form]
    prefix = unique("manifest")
    put_manifest(s3, store, prefix, "train", 64, 1, label)
    put_manifest(s3, store, prefix, "validation", 32, 2, label)
    name = run(sagemaker, store, [manifest_channel(store, prefix, which, content)
                                  for which in ("train", "validation")], use_weighted_loss="1")
    assert learnt(sagemaker, name) >= 0.9
    assert any("channel train is read once before the first epoch" in line for line in log_lines(logs, name))


def evaluated(out, *arguments):
    done = subprocess.run([MILLRACE, "eval", *map(str, arguments), "--output", out], capture_output=True, text=True,
                          timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads((out / "evaluation.json").read_text())


def test_an_evaluation_reads_every_form_of_several_labels(daemon, sagemaker, s3, store, tmp_path):
    content, label = FORMS["class ids"]
    put_manifest(s3, store, "eval", "train", 64, 1, label)
    put_manifest(s3, store, "eval", "validation", 32, 2, label)
    put_manifest(s3, store, "eval", "hot", 32, 2, multi_hot)
    name = run(sagemaker, store, [manifest_channel(store, "eval", which, content) for which in ("train", "validation")])
    assert learnt(sagemaker, name) >= 0.9
    (tmp_path / "a.rec").write_bytes(records(32, 2))
    forms = {
        "records": ["--data", tmp_path / "a.rec"],
        "the job's own channel": ["--channel", "validation"],
        "class ids": ["--data", f"s3://{store}/eval/validation.manifest", "--label-format", "class-id"],
        "multi-hot": ["--data", f"s3://{store}/eval/hot.manifest"],
    }
    figures = {form: evaluated(tmp_path / "out", "--model", name, *data, "--data-dir", daemon.data_dir)
               for form, data in forms.items()}
    for form, each in figures.items():
        for key in ("accuracy", "images", "classes"):
            assert each[key] == figures["records"][key], form
    assert figures["records"]["images"] == 32 and figures["records"]["accuracy"] >= 0.9


def test_a_label_that_an_evaluation_cannot_read_is_named_with_its_line(daemon, sagemaker, s3, store):
    name = run(sagemaker, store, record_channels(store), epochs="1")
    learnt(sagemaker, name)
    there = ("--data-dir", str(daemon.data_dir))
    put_manifest(s3, store, "eval", "ids", 8, 2, json.dumps)
    put_manifest(s3, store, "eval", "far", 8, 2, lambda classes: [7])
    cut = [record(multi_hot(classes), image[:-30]) for classes, image in pictures(2, 3)]
    s3.put_object(Bucket=store, Key="eval/cut.rec", Body=records(32, 2) + cut[0] + cut[1])
    for arguments, words in (
            (["ids.manifest"], ["ids.manifest, line 1, attribute 'class'", "a list of 2 zeros and ones"]),
            (["far.manifest", "--label-format", "class-id"], ["far.manifest, line 1,", "class ids from 0 to 1"]),
            (["ids.manifest", "--attributes", "class,source-ref"], ["--attributes", "such as source-ref,class"]),
            (["ids.manifest", "--list", "x.lst"], ["--list", "the manifest has the labels"]),
            (["cut.rec"], ["cut.rec: 2 of 34 images are broken", "record 32", "--max-broken-images"])):
        refused = subprocess.run([MILLRACE, "eval", "--model", name, "--data", f"s3://{store}/eval/{arguments[0]}",
                                  *arguments[1:], *there], capture_output=True, text=True, timeout=120)
        assert refused.returncode == 1, arguments
        for word in words:
            assert word in refused.stderr, refused.stderr


def failure(sagemaker, name):
    job = wait_until_ended(sagemaker, name, 60)
    assert job["TrainingJobStatus"] == "Failed", job["TrainingJobStatus"]
    assert job["FailureReason"].startswith("ClientError: "), job["FailureReason"]
    return job["FailureReason"]


SOME = picture([0], random.Random(3))
BAD_RECORDS = {
    "one label alone": (record([1], SOME), ["given.rec, record 64", "1 label", "num_classes is 2", "--pack-label"]),
    "a label too many": (record([1, 0, 1], SOME), ["given.rec, record 64", "3 labels", "num_classes is 2"]),
    "a label that is neither 0 nor 1": (record([1, 2], SOME), ["given.rec, record 64", "label 2 for class 1"]),
}


@pytest.mark.parametrize("what", BAD_RECORDS)
def test_an_unusable_label_fails_the_job_before_its_first_epoch(sagemaker, logs, s3, store, what):
    bad, words = BAD_RECORDS[what]
    prefix = unique("bad")
    s3.put_object(Bucket=store, Key=f"{prefix}/given.rec", Body=records(64, 1) + bad)
    name = run(sagemaker, store, [channel("train", f"s3://{store}/{prefix}/", ContentType=RECORDIO)])
    reason = failure(sagemaker, name)
    for word in ["channel 'train'", *words]:
        assert word in reason, reason
    assert not any("Epoch[0]" in line for line in log_lines(logs, name))


def test_a_line_of_a_list_is_named_with_what_it_should_hold(sagemaker, s3, store):
    s3.put_object(Bucket=store, Key="short/train/0.png", Body=SOME)
    s3.put_object(Bucket=store, Key="short/train_lst/train.lst", Body=b"0\t1\t0\t0.png\n1\t1\t0.png\n")
    channels = [channel(name, f"s3://{store}/short/{name}/", ContentType=PICTURE) for name in ("train", "train_lst")]
    reason = failure(sagemaker, run(sagemaker, store, channels, resize="28"))
    assert "train.lst, line 2" in reason and "1 label" in reason and "expected 2" in reason, reason


def test_a_class_id_out_of_range_is_named_with_its_record(sagemaker, s3, store):
    put_manifest(s3, store, "far", "train", 16, 1, lambda classes: classes or [2])
    name = run(sagemaker, store, [manifest_channel(store, "far", "train", RECORDIO + "; label-format=class-id")])
    reason = failure(sagemaker, name)
    assert "record 1, byte" in reason and "[2]" in reason and "class ids from 0 to 1" in reason, reason


SETTINGS = {
    "top_k": ({"top_k": "2"}, ["hyperparameter 'top_k'", "multi_label is 1"]),
    "weights of one label": ({"multi_label": "0", "use_weighted_loss": "1"},
                             ["hyperparameter 'use_weighted_loss'", "multi_label is 0"]),
    "one label expected": ({"multi_label": "0"}, ["a.rec, record 0", "2 labels", "multi_label"]),
}


@pytest.mark.parametrize("what", SETTINGS)
def test_settings_that_do_not_go_together_are_refused_by_name(sagemaker, store, what):
    changes, words = SETTINGS[what]
    reason = failure(sagemaker, run(sagemaker, store, record_channels(store), **changes))
    for word in words:
        assert word in reason, reason


def test_training_goes_on_from_a_multi_label_model_but_not_with_one_label(sagemaker, logs, store):
    first = run(sagemaker, store, record_channels(store))
    assert learnt(sagemaker, first) >= 0.9
    model = channel("model", f"s3://{store}/out/{first}/output/model.tar.gz", ContentType="application/x-sagemaker-model")
    second = run(sagemaker, store, [*record_channels(store), model], epochs="1", learning_rate="0.001")
    assert learnt(sagemaker, second) >= 0.9, "one small epoch, on what the first job had learned"
    reason = failure(sagemaker, run(sagemaker, store, [*record_channels(store), model], multi_label="0"))
    assert "hyperparameter 'multi_label'" in reason and '"0"' in reason and "expected 1" in reason, reason
