"""Image classification by `millrace-trainer train` alone, on a hand-made /opt/ml: every form its images may come in."""

import json
import os
import random
import re
import signal
import struct
import subprocess
import threading
from pathlib import Path

import pytest

from daemon import MILLRACE
from test_image_classification import JPEG, MAGIC, dataset, png, record, stripes

TRAINER = os.environ.get("MILLRACE_TRAINER", str(Path(MILLRACE).parent / "millrace-trainer"))
HYPERPARAMETERS = {"num_layers": "20", "image_shape": "3,28,28", "num_classes": "2", "num_training_samples": "64",
                   "mini_batch_size": "16", "epochs": "6", "learning_rate": "0.05"}
RECORDIO, IMAGE = "application/x-recordio", "application/x-image"


class Job:
    """An /opt/ml of its own."""

    def __init__(self, base, channels, **hyperparameters):
        self.base = base
        (base / "input/config").mkdir(parents=True)
        self.write("input/config/hyperparameters.json", json.dumps({**HYPERPARAMETERS, **hyperparameters}).encode())
        self.write("input/config/inputdataconfig.json", json.dumps(
            {name: {"TrainingInputMode": mode, "ContentType": content, **more}
             for name, (mode, content, more) in channels.items()}).encode())

    def write(self, path, data):
        target = self.base / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def start(self):
        return subprocess.Popen([TRAINER, "train", "--base", str(self.base), "--algorithm", "image-classification"],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run(self):
        """Exit status and log."""
        process = self.start()
        log, _ = process.communicate(timeout=300)
        return process.returncode, log

    def failure(self):
        return (self.base / "output/failure").read_text()

    def models(self):
        return sorted(path.name for path in (self.base / "model").glob("*.params"))


class Pipe:
    """Serves a channel epoch by epoch as the platform does: the next FIFO exists before this one is closed."""

    def __init__(self, job, name, data):
        self.folder, self.name, self.data, self.served = job.base / "input/data", name, data, 0
        self.folder.mkdir(parents=True, exist_ok=True)
        os.mkfifo(self.fifo(0))
        threading.Thread(target=self.serve, daemon=True).start()

    def fifo(self, epoch):
        return self.folder / f"{self.name}_{epoch}"

    def serve(self):
        epoch = 0
        while True:
            try:
                with open(self.fifo(epoch), "wb") as out:  # waits for the reader
                    out.write(self.data)
                    out.flush()
                    os.mkfifo(self.fifo(epoch + 1))
            except BrokenPipeError:
                if not self.fifo(epoch + 1).exists():
                    os.mkfifo(self.fifo(epoch + 1))
            epoch += 1
            self.served = epoch


def accuracies(log, which="Validation"):
    return [float(value) for value in re.findall(rf"Epoch\[\d+\] {which}-accuracy=(\S+)", log)]


def pictures(count, seed):
    noise = random.Random(seed)
    return [(i % 2, stripes(i % 2, noise)) for i in range(count)]


def wrapped(payload):
    """One RecordIO record; split where the payload holds the magic, as the format asks."""
    magic, parts, begin = struct.pack("<I", MAGIC), [], 0
    for at in range(0, len(payload) // 4 * 4, 4):
        if payload[at:at + 4] == magic:
            parts.append(payload[begin:at])
            begin = at + 4
    parts.append(payload[begin:])
    flags = [0] if len(parts) == 1 else [1, *[2] * (len(parts) - 2), 3]
    return b"".join(magic + struct.pack("<I", flag << 29 | len(part)) + part + b"\0" * (-len(part) % 4)
                    for flag, part in zip(flags, parts))


def listed_job(base, train_list=None, list_names=("train.lst",), resize="28", content=IMAGE, mode="File", **more):
    channels = {name: (mode, content, {}) for name in ("train", "validation", "train_lst", "validation_lst")}
    job = Job(base, channels, **({"resize": resize} if resize else {}), **more)
    for channel, count, seed in (("train", 64, 1), ("validation", 32, 2)):
        lines = []
        for number, (label, picture) in enumerate(pictures(count, seed)):
            path = f"class {label}/{number}.png"
            job.write(f"input/data/{channel}/{path}", picture)
            lines.append(f"{number}\t{label}.000000\t{path}\n")
        for name in list_names if channel == "train" else ("validation.lst",):
            text = train_list if channel == "train" and train_list is not None else "".join(lines)
            job.write(f"input/data/{channel}_lst/{name}", text.encode())
    (base / "input/data/train_lst").mkdir(parents=True, exist_ok=True)
    return job


def test_streamed_records_train_as_well_as_files(tmp_path):
    logs = {}
    for mode in ("File", "Pipe"):
        job = Job(tmp_path / mode, {name: (mode, RECORDIO, {}) for name in ("train", "validation")})
        for name, data in (("train", dataset(64, 1)), ("validation", dataset(32, 2))):
            if mode == "Pipe":
                Pipe(job, name, data)
            else:
                job.write(f"input/data/{name}/a.rec", data)
        status, logs[mode] = job.run()
        assert status == 0, logs[mode]
        assert len(job.models()) == 1
    for log in logs.values():
        assert len(accuracies(log)) == 6 and max(accuracies(log)) >= 0.9, log


def test_a_list_trains_in_file_and_fastfile_mode_and_says_so(tmp_path):
    for mode in ("File", "FastFile"):
        job = listed_job(tmp_path / mode, mode=mode)
        status, log = job.run()
        assert status == 0, log
        assert max(accuracies(log)) >= 0.9, log
        for line in (f"Searching for .lst files in {job.base}/input/data/train_lst.",
                     "Creating record files for train.lst", "Done creating record files...",
                     "Creating record files for validation.lst", "image resize size: 28", "Found 64 images"):
            assert line in log, line


def test_jpeg_and_png_colour_and_grey_may_be_mixed(tmp_path):
    job = Job(tmp_path / "job", {"train": ("File", "image/jpeg", {}), "train_lst": ("File", IMAGE, {})},
              resize="30", epochs="1", num_training_samples="4", mini_batch_size="4")
    job.write("input/data/train/a.jpg", JPEG)
    job.write("input/data/train/b.png", png([9] * 900, 30))
    job.write("input/data/train_lst/t.lst", b"0\t0\ta.jpg\r\n1\t1\tb.png\r\n\r\n2\t0\ta.jpg\r\n3\t1\tb.png")
    status, log = job.run()
    assert status == 0, log


GOOD = "0\t0\tclass 0/0.png\n"
BAD_LISTS = {
    "a missing picture": (dict(train_list=GOOD + "1\t1\tclass 1/99.png\n2\t1\tno.png\n"),
                          ["channel 'train_lst', train.lst, line 2, column 3", "class 1/99.png", "2 of the 3 listed",
                           "Upload it"]),
    "a path that climbs out": (dict(train_list=GOOD + "1\t1\t../validation/class 1/1.png\n"),
                               ["train.lst, line 2, column 3", "'..'"]),
    "an absolute path": (dict(train_list="1\t1\t/etc/passwd\n"), ["train.lst, line 1, column 3", "/etc/passwd"]),
    "spaces for tabs": (dict(train_list=GOOD + "1 1 class 1/1.png\n"), ["train.lst, line 2", "tab"]),
    "two columns": (dict(train_list="1\tclass 1/1.png\n"), ["train.lst, line 1", "index, label and path"]),
    "two labels": (dict(train_list="0\t0\t1\tclass 0/0.png\n"), ["train.lst, line 1", "2 labels", "one label"]),
    "an index twice": (dict(train_list=GOOD + "0\t1\tclass 1/1.png\n"), ["train.lst, line 2, column 1", "line 1 has"]),
    "a label outside num_classes": (dict(train_list=GOOD + "1\t2\tclass 1/1.png\n"),
                                    ["class 1/1.png (train.lst, line 2)", "label 2", "num_classes"]),
    "no list": (dict(list_names=()), ["channel 'train_lst'"]),
    "two lists": (dict(list_names=("a.lst", "b.lst")), ["channel 'train_lst'", "a.lst, b.lst", "one .lst file"]),
    "no resize": (dict(resize=None), ["hyperparameter 'resize'", "channel 'train'"]),
    "lists of records": (dict(content=RECORDIO), ["channel 'train_lst'", RECORDIO]),
}


@pytest.mark.parametrize("what", BAD_LISTS)
def test_an_unusable_list_fails_before_the_first_epoch_with_file_line_and_remedy(tmp_path, what):
    changes, words = BAD_LISTS[what]
    job = listed_job(tmp_path / "job", **changes)
    status, log = job.run()
    assert status == 1 and "Epoch[0]" not in log and "Setting number of threads" not in log, log
    assert job.failure().startswith("ClientError: ")
    for word in words:
        assert word in job.failure(), job.failure()


def manifest_job(base, records):
    job = Job(base, {"train": ("Pipe", RECORDIO, {"RecordWrapperType": "RecordIO"})})
    Pipe(job, "train", b"".join(wrapped(one) for one in records))
    return job


def test_an_augmented_manifest_trains_from_pairs_of_image_and_label(tmp_path):
    pairs = [part for label, picture in pictures(64, 1) for part in (picture, b'"%d"' % label if label else b"0")]
    job = manifest_job(tmp_path / "job", pairs)
    status, log = job.run()
    assert status == 0, log
    assert accuracies(log, "Train")[-1] >= 0.9 and job.models() == ["image-classification-0006.params"]


PICTURE = stripes(0, random.Random(3))
BAD_STREAMS = {
    "several labels": ([PICTURE, b"[0, 1]"], ["record 1, byte", "[0, 1]", "multi-label"]),
    "label before image": ([b"0", PICTURE], ["record 0, byte 0", "AttributeNames"]),
    "an image without label": ([PICTURE, b"0", PICTURE], ["record 2, byte", "AttributeNames"]),
    "a label outside num_classes": ([PICTURE, b"0", PICTURE, b"5"], ["record 3, byte", "label 5", "num_classes"]),
    "records inside of records": ([record(0, PICTURE)], ["record 0, byte 0", "RecordWrapperType"]),
    "fewer images than a batch": ([PICTURE, b"0"], ["mini_batch_size", "1 images of channel train"]),
}


@pytest.mark.parametrize("what", BAD_STREAMS)
def test_an_unusable_stream_fails_naming_record_byte_and_remedy(tmp_path, what):
    records, words = BAD_STREAMS[what]
    job = manifest_job(tmp_path / "job", records)
    status, log = job.run()
    assert status == 1, log
    assert job.failure().startswith("ClientError: ")
    for word in words:
        assert word in job.failure(), job.failure()


def test_a_broken_record_in_a_stream_is_named_with_its_byte(tmp_path):
    job = Job(tmp_path / "job", {"train": ("Pipe", RECORDIO, {})})
    Pipe(job, "train", dataset(64, 1)[:-30])
    status, log = job.run()
    assert status == 1 and "channel 'train', epoch 0, record 63, byte " in job.failure(), log


def wait_for_line(process, text):
    for line in process.stdout:
        if text in line:
            return
    raise AssertionError(f"the trainer ended without '{text}'")


BROKEN = {3: lambda picture: picture[:len(picture) // 2], 9: lambda picture: b"", 40: lambda picture: b"GIF89a" * 9}


def with_broken(count, seed):
    return [(label, BROKEN.get(number, bytes)(picture)) for number, (label, picture) in enumerate(pictures(count, seed))]


def broken_job(base, mode, **more):
    """64 images to train on and as many to validate with, three of each broken, as records or as listed files."""
    listed = mode == "list"
    names = ("train", "validation", "train_lst", "validation_lst") if listed else ("train", "validation")
    job = Job(base, {name: ("File" if listed else mode, IMAGE if listed else RECORDIO, {}) for name in names},
              resize="28", **{"epochs": "2", **more})
    for name, seed in (("train", 1), ("validation", 2)):
        images = with_broken(64, seed)
        if listed:
            for number, (_, picture) in enumerate(images):
                job.write(f"input/data/{name}/{number}.png", picture)
            job.write(f"input/data/{name}_lst/{name}.lst", "".join(
                f"{number}\t{label}\t{number}.png\n" for number, (label, _) in enumerate(images)).encode())
        elif mode == "Pipe":
            Pipe(job, name, b"".join(record(label, picture) for label, picture in images))
        else:
            job.write(f"input/data/{name}/a.rec", b"".join(record(label, picture) for label, picture in images))
    return job


@pytest.mark.parametrize("mode", ["File", "Pipe", "list"])
def test_broken_images_are_named_counted_and_left_out(tmp_path, mode):
    models = []
    for attempt in ("first", "second"):
        job = broken_job(tmp_path / attempt, mode, max_broken_images="0.05")
        status, log = job.run()
        assert status == 0, log
        for name in ("train", "validation"):
            places = ({"File": "a.rec, record {}:", "Pipe": "epoch 0, record {}, byte ", "list": "{}.png ("}[mode])
            for number in BROKEN:
                assert f"WARNING" in log and f"Left out channel '{name}', {places.format(number)}" in log, log
            assert log.count(f"Left out 3 of 64 images of channel '{name}': they are broken") == 1, log
        # 61 images are three whole batches of 16: accuracies are shares of 48.
        for which in ("Train", "Validation"):
            assert all(abs(value * 48 - round(value * 48)) < 1e-3 for value in accuracies(log, which)), log
        assert len(accuracies(log)) == 2
        models.append((job.base / "model" / job.models()[-1]).read_bytes())
    assert models[0] == models[1], "what is left out is the same in every run"


@pytest.mark.parametrize("mode", ["File", "Pipe", "list"])
def test_more_broken_images_than_the_share_fail_the_job_with_count_names_and_remedy(tmp_path, mode):
    job = broken_job(tmp_path / "job", mode)
    status, log = job.run()
    assert status == 1, log
    for words in ("ClientError: channel 'train': 3 of 64 images are broken", "'max_broken_images'",
                  "allows a share of 0.01", "The first: ", "expected a", "Or raise hyperparameter 'max_broken_images'"):
        assert words in job.failure(), job.failure()
    assert log.count("Left out channel 'train'") == 3, log


def test_too_few_whole_images_for_a_batch_are_refused_with_their_number(tmp_path):
    job = broken_job(tmp_path / "job", "File", max_broken_images="0.1", mini_batch_size="62")
    status, log = job.run()
    assert status == 1 and "at most the 61 images of channel train" in job.failure(), log


def test_a_manifest_may_have_broken_images(tmp_path):
    pairs = [part for label, picture in with_broken(64, 1) for part in (picture, b"%d" % label)]
    job = Job(tmp_path / "job", {"train": ("Pipe", RECORDIO, {"RecordWrapperType": "RecordIO"})}, epochs="1",
              max_broken_images="0.05")
    Pipe(job, "train", b"".join(wrapped(one) for one in pairs))
    status, log = job.run()
    assert status == 0 and "Left out 3 of 64 images of channel 'train'" in log, log


def test_a_stop_leaves_a_model_while_the_stream_stands_still(tmp_path):
    job = Job(tmp_path / "job", {"train": ("Pipe", RECORDIO, {})})
    folder = job.base / "input/data"
    folder.mkdir()
    os.mkfifo(folder / "train_0")
    process = job.start()
    writer = open(folder / "train_0", "wb")  # waits for the trainer to open it
    writer.write(dataset(20, 1)[:-500])      # ends in the middle of a record, and nothing follows
    writer.flush()
    wait_for_line(process, "Setting number of threads")
    process.send_signal(signal.SIGTERM)
    log, _ = process.communicate(timeout=60)
    writer.close()
    assert process.returncode == 0, log
    assert job.models(), log


def test_early_stopping_closes_the_stream_early_and_completes(tmp_path):
    job = Job(tmp_path / "job", {name: ("Pipe", RECORDIO, {}) for name in ("train", "validation")}, epochs="50",
              early_stopping="True", early_stopping_min_epochs="1", early_stopping_patience="1",
              early_stopping_tolerance="1")
    streams = [Pipe(job, "train", dataset(64, 1)), Pipe(job, "validation", dataset(32, 2))]
    status, log = job.run()
    assert status == 0 and "Early stopping" in log, log
    assert all(stream.served < 50 for stream in streams)


def test_settings_that_the_optimiser_does_not_read_are_named(tmp_path):
    job = Job(tmp_path / "job", {"train": ("File", RECORDIO, {})}, optimizer="adam", momentum="0.5", gamma="0.5",
              beta_1="0.8", epochs="1", learning_rate="0.001")
    job.write("input/data/train/a.rec", dataset(64, 1))
    status, log = job.run()
    assert status == 0, log
    for name in ("momentum", "gamma"):
        assert f"hyperparameter '{name}' has no effect: optimizer adam reads beta_1, beta_2, eps" in log
    assert "'beta_1' has no effect" not in log and "'weight_decay' has no effect" not in log


def test_what_the_description_declares_is_what_it_takes():
    described = json.loads(subprocess.run([TRAINER, "describe"], check=True, capture_output=True, text=True).stdout)
    channels = {c["name"]: c for c in described["algorithms"][0]["channels"]}
    assert list(channels) == ["train", "validation", "train_lst", "validation_lst", "model"]
    assert channels["train"]["input_modes"] == ["File", "FastFile", "Pipe"]
    assert channels["train"]["content_types"] == [RECORDIO, IMAGE, "image/jpeg", "image/png"]
    assert channels["train_lst"]["input_modes"] == ["File", "FastFile"]
    assert not channels["train_lst"]["required"]
