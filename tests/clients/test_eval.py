"""`millrace eval` and `millrace score` of images: the figures are scikit-learn's, whatever form the data comes in."""

import csv
import json
import os
import random
import re
import signal
import subprocess
import time
from html.parser import HTMLParser

import numpy
import pytest
from sklearn.metrics import accuracy_score, classification_report, confusion_matrix

from conftest import channel, job_request, unique, wait_until_ended
from daemon import MILLRACE
from test_image_classification import IMAGE, png, record

CLASSES = ["rows", "columns", "<b>fog & \"mist\"</b>"]
HYPERPARAMETERS = {"num_layers": "20", "image_shape": "3,28,28", "num_classes": "3", "num_training_samples": "96",
                   "mini_batch_size": "16", "epochs": "4", "learning_rate": "0.05", "resize": "28"}


def picture(label, noise, side=28):
    """Rows, columns, or fog, with noise."""
    def shade(x, y):
        return 100 if label == 2 else 200 if ((y if label == 0 else x) // 3) % 2 else 30
    return png([min(255, shade(x, y) + noise.randrange(50)) for y in range(side) for x in range(side)], side)


def pictures(count, seed, wrong=0):
    """(label, bytes) of images; every `wrong`-th has another's label."""
    noise = random.Random(seed)
    made = [(i % 3, picture(i % 3, noise)) for i in range(count)]
    return [((label + 1) % 3 if wrong and i % wrong == 0 else label, data) for i, (label, data) in enumerate(made)]


TEST = pictures(45, 3, wrong=5)


def records(images):
    return b"".join(record(label, data, number) for number, (label, data) in enumerate(images))


def write_listed(folder, images):
    lines = []
    for number, (label, data) in enumerate(images):
        path = folder / "images" / f"{number:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        lines.append(f"{number}\t{label}\t{path.name}\n")
    (folder / "all.lst").write_text("".join(lines))


@pytest.fixture(scope="module")
def job(sagemaker, s3):
    """A trained job whose channel `validation` is images with a list."""
    bucket, name = unique("eval"), unique("stripes")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="train/train.rec", Body=records(pictures(96, 1)))
    s3.put_object(Bucket=bucket, Key="test.rec", Body=records(TEST))
    lines = []
    for number, (label, data) in enumerate(TEST):
        s3.put_object(Bucket=bucket, Key=f"val/{number:03}.png", Body=data)
        lines.append(f"{number}\t{label}\t{number:03}.png\n")
    s3.put_object(Bucket=bucket, Key="lists/val.lst", Body="".join(lines).encode())
    s3.put_object(Bucket=bucket, Key="lists/notes.txt", Body=b"made by hand")
    sagemaker.create_training_job(**job_request(
        name, IMAGE, bucket, HyperParameters=HYPERPARAMETERS,
        InputDataConfig=[channel("train", f"s3://{bucket}/train/", ContentType="application/x-recordio"),
                         channel("validation", f"s3://{bucket}/val/", ContentType="application/x-image"),
                         channel("validation_lst", f"s3://{bucket}/lists/", ContentType="application/x-image")]))
    ended = wait_until_ended(sagemaker, name, 180)
    assert ended["TrainingJobStatus"] == "Completed", ended.get("FailureReason")
    return {"name": name, "bucket": bucket, "model": ended["ModelArtifacts"]["S3ModelArtifacts"]}


@pytest.fixture(scope="module")
def model(job, s3, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.tar.gz"
    s3.download_file(job["bucket"], job["model"].split("/", 3)[3], str(path))
    return path


def millrace(*arguments, **options):
    return subprocess.run([MILLRACE, *map(str, arguments)], capture_output=True, text=True, timeout=120, **options)


def evaluated(tmp_path, *arguments, **options):
    """evaluation.json and the rows of predictions.csv."""
    done = millrace("eval", *arguments, "--output", tmp_path / "out", **options)
    assert done.returncode == 0, done.stderr
    return read(tmp_path / "out") + (done.stdout,)


def read(out):
    with open(out / "predictions.csv", newline="") as file:
        return json.loads((out / "evaluation.json").read_text()), list(csv.DictReader(file))


def labels_of(rows):
    return [int(row["label"]) for row in rows], [int(row["predicted"]) for row in rows]


def test_figures_are_those_of_scikit_learn(model, tmp_path):
    (tmp_path / "test.rec").write_bytes(records(TEST))
    (tmp_path / "classes.txt").write_text("\n".join(CLASSES) + "\n")
    figures, rows, printed = evaluated(tmp_path, "--model", model, "--data", tmp_path / "test.rec", "--classes",
                                       tmp_path / "classes.txt", "--top-k", "2")
    label, predicted = labels_of(rows)
    assert label == [each for each, _ in TEST]
    assert 0.6 < accuracy_score(label, predicted) < 1  # it learnt, and the wrong labels are mistakes
    expected = classification_report(label, predicted, target_names=CLASSES, output_dict=True, zero_division=0)
    assert figures["accuracy"] == pytest.approx(expected["accuracy"])
    for mine, theirs in (("macro_average", "macro avg"), ("weighted_average", "weighted avg")):
        for key, name in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
            assert figures[mine][key] == pytest.approx(expected[theirs][name]), (mine, key)
    for row in figures["classes"]:
        want = expected[row["name"]]
        assert [row["precision"], row["recall"], row["f1"], row["images"]] == pytest.approx(
            [want["precision"], want["recall"], want["f1-score"], want["support"]])
    assert figures["confusion"] == confusion_matrix(label, predicted).tolist()
    with open(tmp_path / "out/confusion.csv", newline="") as file:
        table = list(csv.reader(file))
    assert table[0] == ["label", *CLASSES] and [row[0] for row in table[1:]] == CLASSES
    assert [[int(n) for n in row[1:]] for row in table[1:]] == figures["confusion"]
    own = numpy.array([float(row["label_probability"]) for row in rows])
    assert figures["loss"] == pytest.approx(-numpy.log(own).mean())
    for text in (f"accuracy        {expected['accuracy']:.4f} on 45 images", "top-2 accuracy", "macro average"):
        assert text in printed, printed


def test_every_form_of_data_gives_the_same_answers(model, job, daemon, s3, tmp_path):
    (tmp_path / "records").mkdir()
    (tmp_path / "records/a.rec").write_bytes(records(TEST))
    (tmp_path / "records/a.idx").write_text("0\t0\n")
    write_listed(tmp_path / "listed", TEST)
    bucket = job["bucket"]
    lines = "".join(json.dumps({"source-ref": f"s3://{bucket}/val/{number:03}.png", "class": str(label)}) + "\n"
                    for number, (label, _) in enumerate(TEST))
    (tmp_path / "here.manifest").write_text(lines)
    s3.put_object(Bucket=bucket, Key="there.manifest", Body=lines.encode())
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    environment = {**os.environ, "TMPDIR": str(scratch)}
    there = ["--data-dir", daemon.data_dir]
    forms = {
        "a file": ["--model", model, "--data", tmp_path / "records/a.rec"],
        "a folder of records": ["--model", model, "--data", f"{tmp_path}/records/"],
        "a list": ["--model", model, "--data", tmp_path / "listed/images", "--list", tmp_path / "listed/all.lst"],
        "records in S3": ["--model", job["model"], "--data", f"s3://{bucket}/test.rec", *there],
        "a list in S3": ["--model", model, "--data", f"s3://{bucket}/val/", "--list", f"s3://{bucket}/lists/val.lst",
                         *there],
        "a manifest here": ["--model", model, "--data", tmp_path / "here.manifest", *there],
        "a manifest in S3": ["--model", job["name"], "--data", f"s3://{bucket}/there.manifest", *there],
        "a job's channel": ["--model", job["name"], "--channel", "validation", *there],
    }
    answers = {}
    for name, arguments in forms.items():
        figures, rows, _ = evaluated(tmp_path, *arguments, env=environment)
        answers[name] = labels_of(rows), figures["loss"]
        assert list(scratch.iterdir()) == [], name
    for name, answer in answers.items():
        assert answer[0] == answers["a file"][0], name
        assert answer[1] == pytest.approx(answers["a file"][1]), name
    assert rows[7]["image"] == "007.png"


def test_folders_are_classes(model, tmp_path):
    for number, (label, data) in enumerate(TEST):
        path = tmp_path / "data" / "abc"[label] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    figures, rows, _ = evaluated(tmp_path, "--model", model, "--data", tmp_path / "data")
    assert [row["name"] for row in figures["classes"]] == ["a", "b", "c"]
    assert {row["image"]: row["label"] for row in rows} == {
        f"{'abc'[label]}/{number}.png": str(label) for number, (label, _) in enumerate(TEST)}


class Page(HTMLParser):
    """Tags, text and what a page would ask for."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.addresses, self.content = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.addresses += [value for name, value in attributes if name in ("src", "href", "srcset", "action")]

    def handle_data(self, data):
        self.content.append(data)


def test_the_page_is_whole_by_itself_and_names_stay_text(model, tmp_path):
    (tmp_path / "test.rec").write_bytes(records(TEST))
    (tmp_path / "classes.txt").write_text("\n".join(CLASSES))
    figures, _, _ = evaluated(tmp_path, "--model", model, "--data", tmp_path / "test.rec", "--classes",
                              tmp_path / "classes.txt", "--mistakes", "4")
    text = (tmp_path / "out/report.html").read_text()
    page = Page(text)
    assert page.tags.count("img") == 4 == len(figures["mistakes"])
    assert all(address.startswith("data:image/png;base64,") for address in page.addresses)
    assert "b" not in page.tags and CLASSES[2] in page.content
    assert not re.search(r"url\(|@import|https?:", text)
    losses = [mistake["loss"] for mistake in figures["mistakes"]]
    assert losses == sorted(losses, reverse=True)
    assert (tmp_path / "out/mistakes.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_an_earlier_evaluation_is_replaced_and_another_folder_is_not(model, tmp_path):
    (tmp_path / "test.rec").write_bytes(records(TEST))
    arguments = ("--model", model, "--data", tmp_path / "test.rec")
    evaluated(tmp_path, *arguments)
    (tmp_path / "out/old").write_text("")
    evaluated(tmp_path, *arguments)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "confusion.csv", "evaluation.json", "mistakes.png", "predictions.csv", "report.html"]
    assert not (tmp_path / "out.partial").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("")
    refused = millrace("eval", *arguments, "--output", tmp_path / "mine")
    assert refused.returncode == 1 and "holds an evaluation" in refused.stderr
    assert (tmp_path / "mine/thesis.txt").exists()


CUT = {4: lambda data: data[:-30], 11: lambda data: b"", 30: lambda data: b"GIF89a" * 9}


def test_broken_images_are_left_out_named_and_counted(model, tmp_path):
    images = [(label, CUT.get(number, bytes)(data)) for number, (label, data) in enumerate(TEST)]
    whole = [image for number, image in enumerate(TEST) if number not in CUT]
    (tmp_path / "whole.rec").write_bytes(records(whole))
    expected, expected_rows, _ = evaluated(tmp_path, "--model", model, "--data", tmp_path / "whole.rec")
    assert expected["broken"] == 0 and expected["broken_images"] == []
    assert "Broken images" not in (tmp_path / "out/report.html").read_text()

    (tmp_path / "test.rec").write_bytes(records(images))
    write_listed(tmp_path / "listed", images)
    places = {"test.rec": "test.rec, record {}", "images": "folder 'images', {:03}.png (all.lst, line {})"}
    for data in (["--data", tmp_path / "test.rec"],
                 ["--data", tmp_path / "listed/images", "--list", tmp_path / "listed/all.lst"]):
        done = millrace("eval", "--model", model, *data, "--max-broken-images", "0.07", "--output", tmp_path / "out")
        assert done.returncode == 0, done.stderr
        figures, rows = read(tmp_path / "out")
        for key in ("accuracy", "loss", "images", "confusion", "classes"):
            assert figures[key] == expected[key], key
        assert [row["label"] for row in rows] == [row["label"] for row in expected_rows]
        assert figures["broken"] == 3 and "left out        3 broken images" in done.stdout
        page = Page((tmp_path / "out/report.html").read_text())
        for number, broken in zip(CUT, figures["broken_images"]):
            place = places[data[1].name].format(number, number + 1)
            assert broken["place"] == place and broken["reason"].startswith(("got ", "expected ")), broken
            assert broken["image"] not in [row["image"] for row in rows]
            assert f"Left out {place}: {broken['reason']}" in done.stderr, done.stderr
            assert place in page.content and broken["reason"] in page.content
        assert "Left out 3 of 45 images of " in done.stderr
        assert "Broken images" in page.content
        # Pictures of mistakes are those of their rows, however many broken ones came before.
        assert {m["image"] for m in figures["mistakes"]} == {row["image"] for row in rows if row["label"] != row["predicted"]}

        refused = millrace("eval", "--model", model, *data, "--output", tmp_path / "none")
        assert refused.returncode == 1 and not (tmp_path / "none").exists()
        for word in ("3 of 45 images are broken", "--max-broken-images allows a share of 0.01", "Or raise --max-broken"):
            assert word in refused.stderr, refused.stderr


@pytest.mark.parametrize("option, value", [("--max-broken-images", "1.5"), ("--mistakes", "1001")])
def test_a_number_out_of_range_is_refused_by_its_option(model, option, value):
    refused = millrace("eval", "--model", model, "--data", "x.rec", option, value)
    assert refused.returncode != 0 and option in refused.stderr and value in refused.stderr


def test_ctrl_c_leaves_nothing_behind(job, daemon, s3, tmp_path):
    s3.put_object(Bucket=job["bucket"], Key="long/long.rec", Body=records(TEST) * 2000)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    process = subprocess.Popen(
        [MILLRACE, "eval", "--model", job["name"], "--data", f"s3://{job['bucket']}/long/", "--output",
         str(tmp_path / "out"), "--data-dir", str(daemon.data_dir)],
        env={**os.environ, "TMPDIR": str(scratch)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True)
    deadline = time.monotonic() + 60
    while not (tmp_path / "out.partial").exists():
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()
        time.sleep(0.01)
    assert list(scratch.iterdir())
    process.send_signal(signal.SIGINT)  # to the command alone: what it started must end with it
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT
    while True:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            break
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scratch"] and not list(scratch.iterdir())


def test_what_cannot_be_measured_is_refused_with_the_remedy(model, job, daemon, tmp_path):
    (tmp_path / "test.rec").write_bytes(records(TEST))
    (tmp_path / "two.txt").write_text("a\nb\n")
    (tmp_path / "wrong.rec").write_bytes(records([(7, TEST[0][1])]))
    (tmp_path / "cats").mkdir()
    (tmp_path / "cats/cat.png").write_bytes(TEST[0][1])
    data, there = ("--model", model, "--data"), ("--data-dir", daemon.data_dir)
    for arguments, words in (
            ([*data, tmp_path / "none.rec"], ["none.rec", "a file or folder that is there"]),
            ([*data, tmp_path / "test.rec", "--classes", tmp_path / "two.txt"], ["2 names", "model's 3 classes"]),
            ([*data, tmp_path / "wrong.rec"], ["wrong.rec, record 0", "label 7"]),
            ([*data, tmp_path / "cats"], ["no folder with images"]),
            ([*data, tmp_path / "test.rec", "--list", tmp_path / "two.txt"], ["--list", "--data is a file"]),
            (["--model", model, "--channel", "validation"], ["--channel", "name of a job"]),
            (["--model", tmp_path / "gone.tar.gz", "--data", "x"], ["--model", "gone.tar.gz"]),
            (["--model", "no-such-job", "--data", "x", *there], ["no-such-job"]),
            (["--model", job["name"], "--channel", "test", *there], ["--channel", "a channel of job"]),
            ([*data, f"s3://{job['bucket']}/nothing/", *there], ["No S3 objects found", "nothing/"]),
            ([*data, f"s3://{job['bucket']}/test.rec", "--list", f"s3://{job['bucket']}/lists/v", *there],
             ["lists/v", "an object that is there"])):
        refused = millrace("eval", *arguments)
        assert refused.returncode == 1, arguments
        for word in words:
            assert word in refused.stderr, refused.stderr


def test_an_endpoint_would_answer_an_image_with_class_probabilities(model, tmp_path):
    (tmp_path / "test.rec").write_bytes(records(TEST[:2]))
    _, rows, _ = evaluated(tmp_path, "--model", model, "--data", tmp_path / "test.rec")
    (tmp_path / "one.png").write_bytes(TEST[1][1])
    score = ("score", "--model", model, "--input", tmp_path / "one.png")
    answer = json.loads(millrace(*score).stdout)
    assert isinstance(answer, list) and len(answer) == 3
    assert sum(answer) == pytest.approx(1) and max(answer) == pytest.approx(float(rows[1]["probability"]), rel=1e-4)
    assert answer.index(max(answer)) == int(rows[1]["predicted"])
    line = millrace(*score, "--accept", "application/jsonlines", "--content-type", "application/x-image").stdout
    assert json.loads(line) == {"prediction": answer} and line.endswith("}\n")
    (tmp_path / "answer.json").write_text("an earlier one")
    (tmp_path / "cut.png").write_bytes(TEST[1][1][:-30])
    assert millrace("score", "--model", model, "--input", tmp_path / "cut.png", "--output",
                    tmp_path / "answer.json").returncode == 1
    assert (tmp_path / "answer.json").read_text() == "an earlier one"
    assert millrace(*score, "--output", tmp_path / "answer.json").returncode == 0
    assert json.loads((tmp_path / "answer.json").read_text()) == answer
    assert not list(tmp_path.glob("*.partial"))
    # Another size is resized to the network's.
    (tmp_path / "large.png").write_bytes(picture(1, random.Random(5), side=84))
    assert len(json.loads(millrace("score", "--model", model, "--input", tmp_path / "large.png").stdout)) == 3
    (tmp_path / "bad.png").write_bytes(TEST[0][1][:-30])
    for arguments, word in (((*score, "--content-type", "text/csv"), "application/x-image, image/jpeg, image/png"),
                            ((*score, "--accept", "text/csv"), "application/json"),
                            (("score", "--model", model, "--input", tmp_path / "bad.png"), "bad.png")):
        refused = millrace(*arguments)
        assert refused.returncode == 1 and word in refused.stderr, refused.stderr
