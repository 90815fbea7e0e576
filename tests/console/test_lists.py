"""Image lists in the web console: two people's browsers against the real daemon with a small set of pictures."""

import io
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "clients"))

from conftest import channel, daemon, job_request, s3, sagemaker, wait_until_ended  # noqa: E402, F401
from test_pages import CHROMIUM, CONSOLE, node  # noqa: E402

BUCKET = "pets"
CLASSES = {"cat": (230, 120, 60), "dog": (70, 120, 220), "fox": (90, 180, 90)}
MARKUP = "<img src=x onerror='window.hacked=1'>"
ROWS, MANY = 120, 200_000


def picture(colour, noise):
    image = Image.new("RGB", (64, 48), tuple(noise.randrange(60, 200) for _ in range(3)))
    ImageDraw.Draw(image).ellipse((16, 8, 48, 40), fill=colour)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return file.getvalue()


def lines(rows):
    return "".join(f"{index}\t{label}\t{path}\n" for index, label, path in rows).encode()


@pytest.fixture(scope="module")
def world(daemon, s3, sagemaker, tmp_path_factory):  # noqa: F811
    """Pictures of three kinds, lists of them in the store and on a file system, and two jobs that read one."""
    s3.create_bucket(Bucket=BUCKET)
    noise = random.Random(4)
    rows = []
    for index in range(ROWS):
        kind = list(CLASSES)[index % 3]
        name = MARKUP if index == 7 else f"{index:04}"
        path = f"{kind}/{name}.jpg"
        if index != 5:  # one that is listed and not there
            s3.put_object(Bucket=BUCKET, Key=path, Body=picture(CLASSES[kind], noise))
        rows.append((index, index % 3, path))
    rows.append((ROWS, 0, rows[0][2]))  # the same picture again
    s3.put_object(Bucket=BUCKET, Key="spare/added.jpg", Body=picture(CLASSES["fox"], noise))
    s3.put_object(Bucket=BUCKET, Key="train.lst", Body=lines(rows))
    s3.put_object(Bucket=BUCKET, Key="clean.lst", Body=lines(rows[:60]))
    s3.put_object(Bucket=BUCKET, Key="impact.lst", Body=lines(rows[10:70]))
    s3.put_object(Bucket=BUCKET, Key="many.lst",
                  Body=lines((index, index % 257, f"{index % 257:03}/{index}.jpg") for index in range(MANY)))

    folder = tmp_path_factory.mktemp("files")
    (folder / "pictures").mkdir()
    for number in range(4):
        (folder / f"pictures/{number}.jpg").write_bytes(picture(CLASSES["dog"], noise))
    (folder / "small.lst").write_bytes(lines((number, 1, f"pictures/{number}.jpg") for number in range(4)))
    daemon.cli("filesystems", "add", "fs-c0de3680", "--type", "EFS", "--path", str(folder))

    daemon.cli("images", "add", "measure", "--exec", str(HERE / "programs/measure.py"))
    browser = _browser(daemon)
    listed = browser.post("/mr/lists", {"Place": f"s3://{BUCKET}/impact.lst"}).json()["Id"]
    for name, recalls in (("before-change", {"cat": 0.7, "dog": 0.7, "fox": 0.7}), ("after-change", {"cat": 0.72, "dog": 0.76, "fox": 0.69})):
        if name == "after-change":
            draft = browser.post(f"/mr/lists/{listed}/drafts", {}).json()["Id"]
            browser.post(f"/mr/drafts/{draft}/edits", {"Edits": [{"Do": "relabel", "Paths": [rows[12][2], rows[15][2]], "Labels": [1]},
                                                                 {"Do": "remove", "Paths": [rows[20][2]]}]})
            assert browser.post(f"/mr/drafts/{draft}/save", {"Message": "cats that were dogs"}).status == 200
        sagemaker.create_training_job(**job_request(
            name, "measure", BUCKET,
            AlgorithmSpecification={"TrainingImage": "measure", "TrainingInputMode": "File",
                                    "MetricDefinitions": [{"Name": "validation:accuracy", "Regex": "accuracy=([0-9.]+)"}]},
            HyperParameters={"recalls": str(recalls).replace("'", '"'), "epochs": "3" if name == "before-change" else "5"},
            InputDataConfig=[channel("train_lst", f"s3://{BUCKET}/impact.lst")]))
        job = wait_until_ended(sagemaker, name, 120)
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    draft = browser.post(f"/mr/lists/{listed}/drafts", {}).json()["Id"]
    browser.post(f"/mr/drafts/{draft}/edits", {"Edits": [{"Do": "relabel", "Paths": [rows[11][2]], "Labels": [0]},
                                                         {"Do": "add", "Rows": [{"path": "spare/added.jpg", "labels": [2]}]}]})
    browser.post(f"/mr/drafts/{draft}/propose", {"Title": "a fox that was a cat", "Text": "and one more"})
    keys = {}
    for name in ("ana", "bo"):
        printed = daemon.cli("users", "add", name, "--bucket", BUCKET).stdout
        keys[name] = dict(re.findall(r"^export (\w+)=(\S+)$", printed, re.M))
    daemon.keys = keys
    return daemon


def _browser(daemon):  # noqa: F811
    from console import Browser
    browser = Browser(daemon.endpoint)
    assert browser.sign_in({"AccessKeyId": daemon.environment["AWS_ACCESS_KEY_ID"],
                            "SecretAccessKey": daemon.environment["AWS_SECRET_ACCESS_KEY"]}).status == 200
    return browser


pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists() or not (CONSOLE / "node_modules/playwright-core").exists(),
                                reason="needs Debian's chromium and console/node_modules (scripts/setup --tests)")


def run_node(world, file):  # noqa: F811
    people = {f"{name.upper()}_{part}": world.keys[name][f"AWS_{part}"]
              for name in ("ana", "bo") for part in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")}
    done = subprocess.run([node(), "--test", "--test-reporter=spec", str(HERE / file)],
                          env={**world.shell_environment(), **people, "MILLRACE_ENDPOINT": world.endpoint, "CHROMIUM": CHROMIUM},
                          text=True, capture_output=True, timeout=1100)
    print(done.stdout[-30000:], done.stderr[-2000:])
    assert done.returncode == 0
    assert "ℹ pass 0" not in done.stdout and "ℹ fail 0" in done.stdout


def text_of(s3, key):  # noqa: F811
    return s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()


def test_two_people_change_lists_in_their_browsers(world, s3):  # noqa: F811
    before = text_of(s3, "train.lst")
    run_node(world, "lists.test.mjs")

    # What was done on the pages is what stands in the files, and nothing else of them has changed.
    clean = {path: label for _, label, path in (line.split("\t") for line in text_of(s3, "clean.lst").splitlines())}
    assert clean["fox/0002.jpg"] == "1" and clean["cat/0003.jpg"] == "2", "what both browsers chose for the rows in conflict"
    after = text_of(s3, "train.lst").splitlines()
    changed = [(a, b) for a, b in zip(before.splitlines(), after) if a != b]
    assert changed == [("10\t1\tdog/0010.jpg", "10\t0\tdog/0010.jpg"), ("13\t1\tdog/0013.jpg", "13\t0\tdog/0013.jpg")]
    assert text_of(s3, "copy.lst").splitlines()[-1].endswith("\t2\tspare/added.jpg")


def test_every_state_in_both_themes_and_widths_is_accessible_and_fits(world):
    run_node(world, "list_pages.test.mjs")
