"""`millrace lst` as a data person uses it, held against plain Python readings of the same files."""

import base64
import collections
import html.parser
import io
import json
import os
import re
import stat
import subprocess

import numpy as np
import pytest
from PIL import Image

from daemon import MILLRACE


def run(*arguments, code=0, stdin=None, env=None):
    done = subprocess.run([MILLRACE, "lst", *map(str, arguments)], capture_output=True, text=True, input=stdin,
                          timeout=120, env={**os.environ, **(env or {})})
    assert done.returncode == code, done.stderr + done.stdout
    return done


def rows(path_or_text):
    text = path_or_text if isinstance(path_or_text, str) else path_or_text.read_text()
    split = [line.split("\t") for line in text.splitlines()]
    return [(int(index), tuple(map(float, labels)), path) for index, *labels, path in split]


def by_path(path):
    return {image: (index, labels) for index, labels, image in rows(path)}


@pytest.fixture
def photos(tmp_path):
    """Three classes of 20, 10 and 5 images, with what a folder of images has beside them."""
    root = tmp_path / "photos"
    numbers = np.random.default_rng(7)
    for folder, count in (("cats", 20), ("dogs", 10), ("owls", 5)):
        (root / folder / "deep").mkdir(parents=True)
        for i in range(count):
            where = root / folder / ("deep" if i % 3 == 0 else "")
            image = Image.fromarray(numbers.integers(0, 255, (40 + i, 60, 3), dtype=np.uint8))
            image.save(where / (f"{folder}_{i:02d}.png" if i % 2 else f"{folder}_{i:02d}.JPG"))
    (root / "cats/notes.txt").write_text("no image")
    (root / "cats/.hidden.jpg").write_bytes(b"")
    (root / "empty").mkdir()
    return root


@pytest.fixture
def pets(tmp_path, photos):
    path = tmp_path / "pets.lst"
    run("create", photos, path)
    return path


def test_create_numbers_class_folders_in_the_order_of_their_names(photos, pets):
    images = sorted(str(path.relative_to(photos)) for path in photos.rglob("*")
                    if path.suffix.lower() in (".jpg", ".png") and not path.name.startswith("."))
    classes = {"cats": 0.0, "dogs": 1.0, "owls": 2.0}
    assert rows(pets) == [(i, (classes[image.split("/")[0]],), image) for i, image in enumerate(images)]


def test_a_stratified_split_gives_each_class_its_share_and_no_row_twice(tmp_path, photos, pets):
    run("create", photos, tmp_path / "p.lst", "--split", "train=0.8,validation=0.2", "--stratify", "--seed", 7)
    train, validation = rows(tmp_path / "p_train.lst"), rows(tmp_path / "p_validation.lst")
    assert sorted(train + validation) == rows(pets)
    count = collections.Counter(labels[0] for _, labels, _ in validation)
    assert count == {0: 4, 1: 2, 2: 1}
    again = tmp_path / "again.lst"
    run("create", photos, again, "--split", "train=0.8,validation=0.2", "--stratify", "--seed", 7)
    assert rows(tmp_path / "again_train.lst") == train
    run("create", photos, again, "--split", "train=0.8,validation=0.2", "--stratify", "--seed", 8, "--force")
    assert rows(tmp_path / "again_train.lst") != train


def test_create_takes_subsets_by_class_count_and_query(tmp_path, photos):
    out = tmp_path / "out.lst"
    run("create", photos, out, "--only", "dogs,owls", "--per-class", 4)
    assert collections.Counter(labels[0] for _, labels, _ in rows(out)) == {0: 4, 1: 4}
    run("create", photos, out, "--force", "--where", "folder = cats/deep", "--count", 3)
    assert len(rows(out)) == 3 and all(path.startswith("cats/deep/") for _, _, path in rows(out))
    assert [index for index, _, _ in rows(out)] == [0, 1, 2]


def test_a_class_file_keeps_the_labels_of_several_lists_alike(tmp_path, photos, pets):
    classes = tmp_path / "classes.txt"
    run("create", photos, tmp_path / "all.lst", "--classes-out", classes)
    assert classes.read_text() == "0\tcats\n1\tdogs\n2\towls\n"
    run("create", photos, tmp_path / "owls.lst", "--classes", classes, "--only", "owls", "--first-index", 100)
    assert {labels for _, labels, _ in rows(tmp_path / "owls.lst")} == {(2.0,)}
    assert min(index for index, _, _ in rows(tmp_path / "owls.lst")) == 100


def test_a_list_that_is_there_is_not_replaced_unasked(photos, pets):
    before = pets.read_bytes()
    assert "Give --force to replace it" in run("create", photos, pets, code=1).stderr
    assert pets.read_bytes() == before
    out = pets.with_name("out.lst")
    said = run("create", photos, out, "--classes-out", pets, code=1).stderr
    assert "Give --force to replace it" in said and pets.read_bytes() == before and not out.exists()


def test_one_label_for_all_images_passes_over_no_option_about_folders(tmp_path, photos):
    out = tmp_path / "out.lst"
    for options in (("--only", "cats"), ("--classes-out", tmp_path / "classes.txt")):
        assert "--label: got" in run("create", photos, out, "--label", 3, *options, code=1).stderr
    run("create", photos, out, "--label", 3, "--where", "folder = owls")
    assert {labels for _, labels, _ in rows(out)} == {(3.0,)} and not (tmp_path / "classes.txt").exists()


def test_create_lists_an_s3_prefix_as_it_lists_the_folder(daemon, s3, bucket, tmp_path, photos, pets):
    for path in photos.rglob("*"):
        if path.is_file():
            s3.upload_file(str(path), bucket, f"data/photos/{path.relative_to(photos)}")
    s3.put_object(Bucket=bucket, Key="data/photos2/cats/other.jpg", Body=b"x")
    out = tmp_path / "s3.lst"
    options = ("--data-dir", daemon.data_dir)
    run("create", f"s3://{bucket}/data/photos", out, *options)
    assert out.read_bytes() == pets.read_bytes()
    assert "all fine" in run("check", out, "--images", f"s3://{bucket}/data/photos/", *options).stdout
    s3.delete_object(Bucket=bucket, Key="data/photos/owls/owls_01.png")
    found = json.loads(run("check", out, "--images", f"s3://{bucket}/data/photos/", "--json", *options, code=1).stdout)
    assert found["found"]["dangling"]["first"][0]["given"] == "owls/owls_01.png"


def test_cat_prints_the_rows_that_a_query_means_as_they_stand(tmp_path, pets):
    lines = pets.read_text().splitlines(keepends=True)
    assert run("cat", pets).stdout == pets.read_text()
    assert run("cat", pets, "--where", 'label = 2 and path ~ "*.png"').stdout == "".join(
        line for line in lines if line.split("\t")[1] == "2" and line.endswith(".png\n"))
    assert run("cat", "-", "--head", 2, stdin=pets.read_text()).stdout == "".join(lines[:2])
    first = json.loads(run("cat", pets, "--json").stdout.splitlines()[0])
    assert first["index"] == 0 and first["labels"] == [0] and first["line"] == 1
    wrong = run("cat", pets, "--where", "label ~ 3", code=1).stderr
    assert '--where, character 7: got "~"' in wrong


def test_stat_counts_classes_and_boxes(tmp_path, pets):
    found = json.loads(run("stat", pets, "--json").stdout)
    assert found["rows"] == 35 and found["form"] == "one class a row"
    assert {entry["class"]: entry["rows"] for entry in found["classes"]} == {0: 20, 1: 10, 2: 5}
    boxes = tmp_path / "boxes.lst"
    boxes.write_text("0\t2\t5\t1\t0\t0\t1\t1\t1\t.1\t.1\t.2\t.2\ta.jpg\n1\t2\t5\t0\t0\t0\t1\t1\tb.jpg\n")
    assert "boxes" in run("stat", boxes).stdout
    assert json.loads(run("stat", boxes, "--json").stdout)["classes"] == [
        {"class": 0, "rows": 1, "boxes": 1}, {"class": 1, "rows": 1, "boxes": 2}]


def test_check_finds_every_kind_of_fault(tmp_path, photos, pets):
    train, validation = tmp_path / "train.lst", tmp_path / "validation.lst"
    lines = pets.read_text().splitlines(keepends=True)
    train.write_text(lines[0] + "stray line\n" + lines[0] + "90\t7.5\tcats/none.jpg\n" + "".join(lines[20:34]))
    validation.write_text(lines[20] + "91\t1\t../x.jpg\n")
    found = json.loads(run("check", train, validation, "--images", photos, "--json", code=1).stdout)["found"]
    assert {kind: fault["count"] for kind, fault in found.items()} == {
        "stray": 1, "index": 2, "path": 1, "leak": 1, "label": 1, "gap": 2, "outside": 1, "dangling": 1,
        "unlisted": 20}
    text = run("check", train, validation, "--images", photos, "--most", 2, code=1).stdout
    assert re.search(r'stray: .*train.lst, line 2: got "stray line"', text)
    assert "unlisted: ... and 18 more" in text
    kinds = "stray,index,path,leak,label,gap,outside,dangling,unlisted"
    assert "all fine" in run("check", "--images", photos, "--ignore", kinds, train, validation).stdout
    assert "standard input twice" in run("check", "-", "-", code=1).stderr
    assert "expected some of stray, index" in run("check", train, "--ignore", "gaps", code=1).stderr


def test_add_appends_rows_with_the_next_index_and_looks_for_their_images(tmp_path, photos, pets):
    before = pets.read_text()
    assert "cats/nope.jpg" in run("add", pets, "cats/nope.jpg", "--label", 0, "--images", photos, code=1).stderr
    assert "has no row of" in run("add", pets, rows(pets)[0][2], "--label", 0, code=1).stderr
    assert "would write" in run("add", pets, "new.jpg", "--label", 1, "--dry-run").stdout
    assert pets.read_text() == before
    run("add", pets, "new.jpg", "newer.jpg", "--label", 1)
    assert pets.read_text() == before + "35\t1\tnew.jpg\n36\t1\tnewer.jpg\n"
    assert "expected one label" in run("add", pets, "x.jpg", "--label", "0,1", code=1).stderr
    more = tmp_path / "more.lst"
    more.write_text("0\t2\tmore.jpg\n")
    run("add", pets, "--rows", more)
    assert rows(pets)[-1] == (37, (2.0,), "more.jpg")


def test_relabel_changes_the_rows_that_are_meant_and_no_other_byte(tmp_path):
    path = tmp_path / "odd.lst"
    path.write_bytes(b"7\t3.000\ta/x.jpg\r\n 8 \t3.0\tb/x.jpg\n9\t01\tc/x.jpg")
    run("relabel", path, "--where", "folder = b and label = 3", "--to", 4)
    assert path.read_bytes() == b"7\t3.000\ta/x.jpg\r\n 8 \t4\tb/x.jpg\n9\t01\tc/x.jpg\n"
    run("relabel", path, "c/x.jpg", "--to", 5)
    assert b"9\t5\tc/x.jpg" in path.read_bytes()
    assert "a path that" in run("relabel", path, "nope.jpg", "--to", 5, code=1).stderr
    assert "saying which rows" in run("relabel", path, "--to", 5, code=1).stderr
    corrected = tmp_path / "corrected.lst"
    corrected.write_text("0\t9\ta/x.jpg\n")
    run("relabel", path, "--like", corrected)
    assert by_path(path)["a/x.jpg"] == (7, (9.0,))
    assert run("relabel", "-", "a", "--to", 2, stdin="0\t1\ta\n").stdout == "0\t2\ta\n"


def test_lists_of_many_labels_and_of_boxes_pass_unharmed(tmp_path):
    tags, boxes = tmp_path / "tags.lst", tmp_path / "boxes.lst"
    tag_text = "0\t1\t0\t1.0\ta.jpg\n1\t0\t0\t1\tb.jpg\n"
    box_text = "0\t2\t5\t1.0\t0.1000\t0.2000\t0.5000\t0.6000\ta.jpg\n1\t2\t5\t3\t0\t0\t1\t1\tb.jpg\n"
    tags.write_text(tag_text)
    boxes.write_text(box_text)
    for path, text in ((tags, tag_text), (boxes, box_text)):
        assert run("cat", path).stdout == text
        assert run("sample", path, "--count", 2).stdout == text
        run("sort", path, "--by", "path")
        assert path.read_text() == text
        run("merge", path, path, path, "-o", path)
        assert path.read_text() == text
    run("relabel", tags, "--where", "label[1] = 0 and class = 0", "--set", "1=1")
    assert tags.read_text() == tag_text.replace("0\t1\t0\t1.0", "0\t1\t1\t1.0")
    refused = run("relabel", boxes, "a.jpg", "--to", 3, code=1).stderr
    assert f'{boxes}: got "boxes"' in refused and "millrace lst remap" in refused
    mapping = tmp_path / "map.txt"
    mapping.write_text("1 -> 0\n")
    run("remap", tags, "--map", mapping, "--close-gaps")
    assert tags.read_text() == "0\t1\t1\ta.jpg\n1\t0\t1\tb.jpg\n"
    run("remap", boxes, "--map", mapping)
    assert boxes.read_text() == box_text.replace("1.0\t0.1000", "0\t0.1000")


def test_replace_exchanges_images_and_keeps_index_and_labels(tmp_path, photos, pets):
    before = by_path(pets)
    run("replace", pets, "dogs/dogs_01.png", "dogs/other.png", "--dry-run")
    assert by_path(pets) == before
    assert "an image that is in" in run("replace", pets, "dogs/dogs_01.png", "x.png", "--images", photos,
                                        code=1).stderr
    run("replace", pets, "dogs/dogs_01.png", "dogs/other.png")
    assert by_path(pets)["dogs/other.png"] == before["dogs/dogs_01.png"]
    run("replace", pets, "--prefix", "owls/", "birds/")
    assert sum(path.startswith("birds/") for path in by_path(pets)) == 5


def test_remap_changes_all_lists_alike_or_none(tmp_path):
    train, validation = tmp_path / "train.lst", tmp_path / "validation.lst"
    train.write_text("0\t3\ta/1\n1\t4\ta/2\n2\t5\tb/3\n3\t5\tc/4\n4\t6\ta/5\n")
    validation.write_text("5\t4\ta/6\n6\t9\tb/7\n")
    mapping = tmp_path / "map.txt"
    mapping.write_text('3, 4 -> 3\n5 -> 7 where path ~ "b/*"\n6 -> drop\n')
    said = run("remap", train, validation, "--map", mapping, "--close-gaps", "--dry-run").stdout
    assert "5 -> 7: 1" in said and "6 -> drop: 1" in said and train.read_text().startswith("0\t3")
    (tmp_path / "into").mkdir()
    run("remap", train, validation, "--map", mapping, "--into", tmp_path / "into")
    assert [labels[0] for _, labels, _ in rows(tmp_path / "into/train.lst")] == [3, 3, 7, 5]
    run("remap", train, validation, "--map", mapping, "--close-gaps")
    assert [labels[0] for _, labels, _ in rows(train)] == [0, 0, 2, 1]
    assert [labels[0] for _, labels, _ in rows(validation)] == [0, 3]
    broken = tmp_path / "broken.lst"
    broken.write_text("0\t1.5\ta\n")
    before = train.read_text()
    mapping.write_text("0 -> 9\n")
    assert "broken.lst, line 1" in run("remap", train, broken, "--map", mapping, code=1).stderr
    assert train.read_text() == before


def test_remap_into_a_folder_writes_no_list_over_another(tmp_path):
    for name in ("a", "b", "into"):
        (tmp_path / name).mkdir()
    for name in ("a", "b"):
        (tmp_path / name / "train.lst").write_text(f"0\t3\t{name}.jpg\n")
    said = run("remap", tmp_path / "a/train.lst", tmp_path / "b/train.lst", "--close-gaps", "--into",
               tmp_path / "into", code=1).stderr
    assert "a file that no other list is written to" in said and os.listdir(tmp_path / "into") == []


def test_standard_input_is_read_once(tmp_path, pets):
    for command in (("relabel", "-", "--like", "-"), ("add", "-", "--rows", "-"), ("remap", "-", "--map", "-")):
        assert "standard input twice" in run(*command, stdin="0\t1\ta\n", code=1).stderr


def test_sort_orders_and_numbers_anew(pets):
    run("sort", pets, "--by", "random", "--seed", 3)
    shuffled = [index for index, _, _ in rows(pets)]
    assert sorted(shuffled) == list(range(35)) and shuffled != sorted(shuffled)
    run("sort", pets, "--by", "label", "--descending")
    assert [labels[0] for _, labels, _ in rows(pets)] == [2.0] * 5 + [1.0] * 10 + [0.0] * 20
    assert "--renumber" in run("sort", pets, "--first-index", 100, code=2).stderr
    run("sort", pets, "--by", "path", "--renumber", "--first-index", 100)
    assert [index for index, _, _ in rows(pets)] == list(range(100, 135))
    assert [path for _, _, path in rows(pets)] == sorted(path for _, _, path in rows(pets))


def test_sample_draws_rows_in_their_order(pets):
    drawn = rows(run("sample", pets, "--fraction", 0.4, "--stratify", "--seed", 1).stdout)
    assert collections.Counter(labels[0] for _, labels, _ in drawn) == {0: 8, 1: 4, 2: 2}
    assert drawn == sorted(drawn) and set(drawn) <= set(rows(pets))
    per_class = rows(run("sample", pets, "--per-class", 6, "--where", "not class = 1").stdout)
    assert collections.Counter(labels[0] for _, labels, _ in per_class) == {0: 6, 2: 5}
    assert "expected one of" in run("sample", pets, code=1).stderr


@pytest.fixture
def versions(tmp_path, pets):
    """pets.lst and a copy of it: one row added, two removed, three relabelled, one moved to another folder."""
    old = rows(pets)
    new = [row for row in old if row[0] not in (4, 5)]
    for at in (0, 1, 2):
        new[at] = (new[at][0], (1.0,), new[at][2])
    index, labels, path = new[-1]
    new[-1] = (index, labels, "birds/" + path.split("/")[-1])
    new.append((99, (1.0,), "dogs/<b>new</b>.jpg"))
    copy = tmp_path / "new.lst"
    copy.write_text("".join(f"{index}\t{labels[0]:g}\t{path}\n" for index, labels, path in new))
    return pets, copy


def test_diff_names_rows_and_ends_as_diff_does(tmp_path, versions):
    old, new = versions
    assert run("diff", old, old).stdout == ""
    text = run("diff", old, new, code=1).stdout
    signs = collections.Counter(line[0] for line in text.splitlines()[2:] if line[1:2] == " ")
    assert {sign: signs[sign] for sign in "+-~>"} == {"+": 1, "-": 2, "~": 3, ">": 1}
    assert "1 added, 2 removed, 3 relabelled, 1 moved; 29 unchanged" in text
    assert "label 0 -> 1: 3 rows" in text
    assert "\x1b[" not in text and "\x1b[" in run("diff", old, new, "--color", "always", code=1).stdout
    assert "no such file" in run("diff", old, tmp_path / "none.lst", code=2).stderr
    assert "1 added" in run("diff", "-", new, stdin=old.read_text(), code=1).stdout


def test_diff_as_json_agrees_with_a_dict_of_paths(versions):
    old, new = versions
    found = json.loads(run("diff", old, new, "--json", code=1).stdout)["comparisons"][0]
    before, after = by_path(old), by_path(new)
    moved = {row["after"]["path"] for row in found["moved"]}
    assert {row["path"] for row in found["added"]} | moved == set(after) - set(before)
    assert {row["path"] for row in found["removed"]} == set(before) - set(after) - {
        row["before"]["path"] for row in found["moved"]}
    assert {row["after"]["path"] for row in found["relabelled"]} == {
        path for path in set(before) & set(after) if before[path][1] != after[path][1]}
    assert found["relabelled_classes"] == [{"from": 0, "to": 1, "rows": 3}]
    three = json.loads(run("diff", old, new, old, "--json", code=1).stdout)["comparisons"]
    assert [each["counts"]["added"] for each in three] == [1, 2]
    assert run("diff", old, new, old, "--first", "--summary", code=1).stdout.endswith("the same\n")


def test_a_label_is_shown_with_the_digits_it_has_in_the_list(tmp_path):
    old, new = tmp_path / "old.lst", tmp_path / "new.lst"
    old.write_text("0\t0.1\ta.jpg\n")
    new.write_text("0\t0.7\ta.jpg\n")
    assert "0.1 -> 0.7" in run("diff", old, new, code=1).stdout
    assert "label 0.1 -> 0.7: 1 row" in run("diff", old, new, "--summary", code=1).stdout
    found = json.loads(run("diff", old, new, "--json", code=1).stdout)["comparisons"][0]
    assert found["relabelled_classes"] == [{"from": 0.1, "to": 0.7, "rows": 1}]
    assert found["relabelled"][0]["after"]["labels"] == [0.7]


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.images, self.tags, self.text = [], set(), ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        for name, value in attributes:
            assert name not in ("href", "onclick", "onerror"), (tag, name)
            if name == "src":
                self.images.append(value)

    def handle_data(self, data):
        self.text += data


def test_diff_as_a_page_holds_its_pictures_and_asks_for_nothing(tmp_path, photos, versions):
    old, new = versions
    page_file = tmp_path / "page.html"
    (photos / "dogs/<b>new<").mkdir()
    Image.new("RGB", (300, 150), (200, 10, 10)).save(photos / "dogs/<b>new<" / "b>.jpg")
    run("diff", old, new, "--html", page_file, "--images", photos, code=1)
    text = page_file.read_text()
    page = Page(text)
    assert "b" not in page.tags and "script" not in page.tags  # paths are text, whatever they hold
    assert "dogs/<b>new</b>.jpg" in page.text
    assert "http" not in text.replace("http-equiv", "")
    assert len(page.images) == 6  # the moved one is not at its new place
    assert page.text.count("no such image") == 1
    sizes = []
    for source in page.images:
        assert source.startswith("data:image/jpeg;base64,")
        sizes.append(Image.open(io.BytesIO(base64.b64decode(source.split(",")[1]))).size)
    assert (96, 48) in sizes and max(map(max, sizes)) <= 96
    run("diff", old, new, "--html", page_file, "--images", photos, "--thumbnails", 2, code=1)
    assert len(Page(page_file.read_text()).images) == 2 and "left out" in page_file.read_text()


def test_a_name_can_neither_become_markup_nor_hide_in_a_page(tmp_path):
    old, new, page_file = (tmp_path / name for name in ("old.lst", "new.lst", "page.html"))
    old.write_bytes(b"0\t1\ta.jpg\n")
    new.write_bytes(b"0\t2\ta.jpg\n1\t1\t\" onerror=\"alert(1)\" <img src=x>.jpg\n2\t1\tb\x01\xff.jpg\n")
    run("diff", old, new, "--html", page_file, code=1)
    page = Page(page_file.read_text())
    assert page.images == [] and '" onerror="alert(1)" <img src=x>.jpg' in page.text
    assert r"b\x01\xff.jpg" in page.text and "1 \u2192 2" in page.text


def test_merge_takes_both_sides_changes_and_names_conflicts(tmp_path):
    base, ours, theirs, out = (tmp_path / f"{name}.lst" for name in ("base", "ours", "theirs", "out"))
    base.write_text("0\t1\ta\n1\t1\tb\n2\t1\tc\n")
    ours.write_text("0\t2\ta\n1\t1\tb\n2\t1\tc\n3\t5\tnew\n")
    theirs.write_text("0\t1\ta\n1\t3\tb\n3\t5\tnewer\n")
    run("merge", base, ours, theirs, "-o", out, "--dry-run")
    assert not out.exists()
    run("merge", base, ours, theirs, "-o", out)
    assert rows(out) == [(0, (2.0,), "a"), (1, (3.0,), "b"), (3, (5.0,), "new"), (4, (5.0,), "newer")]
    out.unlink()
    theirs.write_text("0\t7\ta\n1\t1\tb\n2\t1\tc\n")
    done = run("merge", base, ours, theirs, "-o", out, code=1)
    assert "labels: a\n" in done.stderr and "ours.lst, line 1: 2  a" in done.stderr and not out.exists()
    assert "1 conflict; nothing is written" in done.stderr
    run("merge", base, ours, theirs, "-o", out, "--prefer", "theirs")
    assert rows(out)[0] == (0, (7.0,), "a")


def test_a_replaced_list_keeps_its_mode_and_its_link(tmp_path, pets):
    pets.chmod(0o640)
    link = tmp_path / "link.lst"
    link.symlink_to(pets)
    run("sort", link, "--by", "path", "--descending")
    assert link.is_symlink() and stat.S_IMODE(pets.stat().st_mode) == 0o640
    assert rows(pets)[0][2].startswith("owls/")
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_names_do_not_steer_the_terminal(tmp_path):
    folder = tmp_path / "photos" / "c\x1b[2Jats"
    folder.mkdir(parents=True)
    Image.new("RGB", (4, 4)).save(folder / "\u009b31m.png")
    listed = tmp_path / "out.lst"
    created = run("create", tmp_path / "photos", listed).stdout
    listed.write_text("")
    checked = run("check", listed, "--images", tmp_path / "photos", code=1).stdout
    assert "c\\x1b[2Jats  1" in created and "c\\x1b[2Jats/\\xc2\\x9b31m.png: got \"no row\"" in checked
    for said in (created, checked):
        assert "\x1b" not in said and "\u009b" not in said


def test_a_stray_line_ends_what_would_write(tmp_path):
    path = tmp_path / "bad.lst"
    path.write_text("0\t1\ta\nhello\n")
    assert f'{path}, line 2: got "hello", expected index, label and path' in run("sort", path, code=1).stderr
    assert path.read_text() == "0\t1\ta\nhello\n"


def test_every_verb_teaches_by_example():
    verbs = re.findall(r"^  (\w+) {2,}", run("--help").stdout.split("Subcommands:")[1].split("\n\n")[0], re.MULTILINE)
    assert set(verbs) == {"create", "cat", "stat", "check", "add", "relabel", "replace", "remap", "sort", "sample",
                          "diff", "merge"}
    for verb in verbs:
        assert f"millrace lst {verb}" in run(verb, "--help").stdout


def test_a_reader_that_has_enough_ends_cat_quietly(tmp_path):
    path = tmp_path / "long.lst"
    path.write_text("".join(f"{i}\t1\tfolder/image_{i}.jpg\n" for i in range(50000)))
    done = subprocess.run(f'"{MILLRACE}" lst cat "{path}" | head -1', shell=True, capture_output=True, text=True,
                          timeout=60)
    assert done.stdout == "0\t1\tfolder/image_0.jpg\n" and done.stderr == ""
