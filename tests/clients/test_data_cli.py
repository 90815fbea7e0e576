"""`millrace data`, held against readers and writers that nobody here wrote: libprotobuf, scikit-learn, gzip, json."""

import gzip
import json
import os
import signal
import struct
import subprocess
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import dump_svmlight_file, load_svmlight_file

from daemon import MILLRACE
from record_schema import MAGIC, Record, frame, unframe

FOREIGN = Path(__file__).resolve().parents[3] / "shared/data/recordio"


def run(*arguments, code=0):
    done = subprocess.run([MILLRACE, "data", *map(str, arguments)], capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stderr + done.stdout
    return done


def convert(*arguments):
    return run("convert", *arguments).stderr


def records_of(path):
    records = []
    for payload in unframe(path.read_bytes()):
        record = Record()
        record.ParseFromString(payload)
        records.append(record)
    return records


def read_csv(path):
    return np.loadtxt(path, delimiter=",", dtype=np.float32, ndmin=2)


@pytest.fixture
def table():
    """Labels and features of every size, with zeros and numbers that need all nine digits."""
    numbers = np.random.default_rng(7)
    features = (numbers.standard_normal((200, 17)) * 10.0 ** numbers.integers(-20, 20, (200, 17))).astype(np.float32)
    features[numbers.random((200, 17)) < 0.4] = 0
    features[3] = 0
    features[0, 16] = 1  # the last column shows in every format
    return numbers.integers(0, 4, 200).astype(np.float32), features


@pytest.fixture
def csv(tmp_path, table):
    labels, features = table
    path = tmp_path / "table.csv"
    path.write_text("".join(",".join(repr(float(v)) for v in (label, *row)) + "\n"
                            for label, row in zip(labels, features)))
    return path


def test_libprotobuf_reads_what_convert_writes(tmp_path, csv, table):
    labels, features = table
    assert convert(csv, tmp_path / "t.pbr") == ""
    records = records_of(tmp_path / "t.pbr")
    assert len(records) == len(labels)
    for record, label, row in zip(records, labels, features):
        assert np.array_equal(np.float32(record.features["values"].float32_tensor.values), row)
        assert not record.features["values"].float32_tensor.keys
        assert list(record.label["values"].float32_tensor.values) == [label]


@pytest.mark.parametrize("kind", ["float32_tensor", "float64_tensor", "int32_tensor"])
def test_convert_reads_what_libprotobuf_writes(tmp_path, kind):
    numbers = np.random.default_rng(3)
    rows = numbers.integers(-1000, 1000, (50, 9)) * (1 if kind == "int32_tensor" else 0.37)
    with open(tmp_path / "in.pbr", "wb") as file:
        for number, row in enumerate(rows):
            record = Record(uid="u%d" % number)
            getattr(record.label["values"], kind).values.append(number % 3)
            getattr(record.features["values"], kind).values.extend(row.tolist())
            file.write(frame(record.SerializeToString()))
    said = convert(tmp_path / "in.pbr", tmp_path / "out.csv")
    back = read_csv(tmp_path / "out.csv")
    assert np.array_equal(back[:, 0], np.arange(50) % 3)
    assert np.array_equal(back[:, 1:], rows.astype(np.float32))
    assert ("values were rounded to float32" in said) == (kind == "float64_tensor")
    assert "50 records held more than features and label" in said


def test_sparse_records_of_libprotobuf_become_what_they_mean(tmp_path):
    numbers = np.random.default_rng(5)
    dense = np.zeros((40, 12), np.float32)
    with open(tmp_path / "in.pbr", "wb") as file:
        for row in dense:
            keys = numbers.permutation(12)[:numbers.integers(0, 6)]
            row[keys] = numbers.standard_normal(len(keys))
            record = Record()
            tensor = record.features["values"].float32_tensor
            tensor.keys.extend(keys.tolist())
            tensor.values.extend(row[keys].tolist())
            tensor.shape.extend([3, 4])
            record.label["values"].float32_tensor.values.append(1)
            file.write(frame(record.SerializeToString()))
    said = convert(tmp_path / "in.pbr", tmp_path / "out.csv")
    assert np.array_equal(read_csv(tmp_path / "out.csv")[:, 1:], dense)
    assert "zeros are written out up to the known width, 12 columns" in said


def test_unpacked_elements_and_unknown_fields_read_as_libprotobuf_reads_them(tmp_path):
    unpacked = b"".join(b"\x0d" + struct.pack("<f", v) for v in (1.5, -2, 3))
    value = b"\x12" + bytes([len(unpacked)]) + unpacked
    entry = b"\x12" + bytes([len(value)]) + value + b"\x0a\x06values"  # the value before the name
    payload = b"\x78\x05" + b"\x0a" + bytes([len(entry)]) + entry + b"\xa2\x06\x03abc"
    oracle = Record()
    oracle.ParseFromString(payload)
    (tmp_path / "in.pbr").write_bytes(frame(payload))
    convert("--label-size", 0, tmp_path / "in.pbr", tmp_path / "out.csv")
    assert read_csv(tmp_path / "out.csv")[0].tolist() == list(oracle.features["values"].float32_tensor.values)


def test_a_record_that_holds_the_magic_reads_split_and_unsplit(tmp_path):
    magic_as_float = struct.unpack("<f", MAGIC)[0]
    record = Record()
    record.features["values"].float32_tensor.values.extend([1, magic_as_float, 2])
    payload = record.SerializeToString()
    assert payload.find(MAGIC) % 4 == 0  # else no writer would split there
    (tmp_path / "unsplit.pbr").write_bytes(frame(payload))
    convert("--label-size", 0, tmp_path / "unsplit.pbr", tmp_path / "split.pbr")
    assert (tmp_path / "split.pbr").read_bytes().count(MAGIC) == 2, "two chunks, and no magic in them"
    assert [r.SerializeToString() for r in records_of(tmp_path / "split.pbr")] == [payload]
    convert("--label-size", 0, tmp_path / "split.pbr", tmp_path / "out.csv")
    assert read_csv(tmp_path / "out.csv")[0].tolist() == [1, np.float32(magic_as_float), 2]


def test_scikit_learn_reads_the_libsvm_that_convert_writes(tmp_path, csv, table):
    labels, features = table
    for base in (0, 1):
        convert("--index-base", base, csv, tmp_path / "t.libsvm")
        data, target = load_svmlight_file(str(tmp_path / "t.libsvm"), zero_based=base == 0, n_features=17,
                                          dtype=np.float32)
        assert np.array_equal(data.toarray(), features) and np.array_equal(target, labels)


def test_convert_reads_the_libsvm_that_scikit_learn_writes(tmp_path, table):
    labels, features = table
    for base in (0, 1):
        dump_svmlight_file(features, labels, str(tmp_path / "t.svmlight"), zero_based=base == 0, comment="made here")
        convert("--index-base", base, tmp_path / "t.svmlight", tmp_path / "t.csv")
        back = read_csv(tmp_path / "t.csv")
        assert np.array_equal(back[:, 0], labels) and np.array_equal(back[:, 1:], features)


def test_json_lines_hold_the_features_and_convert_says_that_labels_are_left_out(tmp_path, csv, table):
    said = convert(csv, tmp_path / "t.jsonl")
    assert "labels are left out" in said
    lines = [json.loads(line) for line in (tmp_path / "t.jsonl").read_text().splitlines()]
    assert np.array_equal(np.float32([line["features"] for line in lines]), table[1])
    convert("--label-size", 0, tmp_path / "t.jsonl", tmp_path / "back.csv")
    assert np.array_equal(read_csv(tmp_path / "back.csv"), table[1])


def test_every_form_of_an_instance_reads(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"instances": [
        {"features": [1.5, 16, 0]},
        {"data": {"features": {"values": [1.5, 16, 0]}}, "configuration": {}},
        {"data": {"features": {"keys": [1, 0], "shape": [3], "values": [16, 1.5]}}}]}))
    convert(tmp_path / "a.json", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "1.5,16,0\n" * 3


def test_a_table_survives_a_walk_through_all_formats(tmp_path, csv):
    steps = [csv] + [tmp_path / name for name in ("a.pbr", "b.libsvm", "c.pbr.gz", "d.libsvm.gz", "e.csv.gz", "f.csv")]
    for source, target in zip(steps, steps[1:]):
        convert(source, target)
    assert np.array_equal(read_csv(steps[-1]), read_csv(csv))
    with gzip.open(tmp_path / "e.csv.gz", "rb") as packed:
        assert packed.read() == (tmp_path / "f.csv").read_bytes()


def png(width, height, grey):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    rows = b"".join(b"\0" + bytes([grey]) * width for _ in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def test_a_folder_of_images_becomes_recordio_and_comes_back_with_its_bytes(tmp_path):
    for label in (2, 10, 34):
        (tmp_path / "in" / str(label)).mkdir(parents=True)
        for number in range(3):
            (tmp_path / "in" / str(label) / f"{number}.png").write_bytes(png(5, 4, label + number))
    convert(tmp_path / "in", tmp_path / "t.rec")
    file = (tmp_path / "t.rec").read_bytes()
    found = []
    for number, payload in enumerate(unframe(file)):
        flag, label, key, second = struct.unpack_from("<IfQQ", payload)
        assert (flag, key, second) == (0, number, 0)
        found.append((int(label), payload[24:]))
    assert sorted(found) == sorted((label, png(5, 4, label + n)) for label in (2, 10, 34) for n in range(3))
    for line in (tmp_path / "t.idx").read_text().splitlines():
        key, offset = map(int, line.split("\t"))
        assert file[offset:offset + 4] == MAGIC and struct.unpack_from("<IfQQ", file, offset + 8)[2] == key
    run("verify", tmp_path / "t.rec")
    convert(tmp_path / "t.rec", tmp_path / "out")
    came_back = sorted((int(path.parent.name), path.read_bytes()) for path in (tmp_path / "out").glob("*/*.png"))
    assert came_back == sorted(found)


@pytest.fixture
def listed(tmp_path):
    """A folder of images and an im2rec list of them: one label, many, and a detection header, ids in no order."""
    lines = [(7, [3], "b/one.png"), (2, [0.5, -1, 1e-30], "a.png"),
             (4294967297, [4, 5, 640, 480, 1, 0.1, 0.2, 0.3, 0.4, 2, 0.125, 0.25, 0.5, 1], "b/two.png")]
    (tmp_path / "in" / "b").mkdir(parents=True)
    for number, (_, _, name) in enumerate(lines):
        (tmp_path / "in" / name).write_bytes(png(5, 4, number))
    (tmp_path / "in" / "unlisted.png").write_bytes(png(5, 4, 99))
    (tmp_path / "in.lst").write_text("".join("\t".join(map(str, (key, *labels, name))) + "\n"
                                             for key, labels, name in lines))
    return lines


def image_records(path):
    """Id, labels as float32 and image of each record, taken apart as MXNet's recordio.unpack does."""
    records = []
    for payload in unframe(path.read_bytes()):
        flag, label, key, second = struct.unpack_from("<IfQQ", payload)
        labels = np.frombuffer(payload, "<f4", flag, 24) if flag else np.float32([label])
        assert second == 0
        records.append((key, labels.tolist(), payload[24 + 4 * flag:]))
    return records


def test_a_list_names_the_images_to_pack_with_their_ids_and_labels(tmp_path, listed):
    convert("--list", tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec")
    assert image_records(tmp_path / "t.rec") == [
        (key, np.float32(labels).tolist(), (tmp_path / "in" / name).read_bytes()) for key, labels, name in listed]
    file = (tmp_path / "t.rec").read_bytes()
    for line, (key, _, _) in zip((tmp_path / "t.idx").read_text().splitlines(), listed):
        assert int(line.split("\t")[0]) == key and file[int(line.split("\t")[1]):].startswith(MAGIC)
    run("verify", tmp_path / "t.rec")


def test_listed_images_come_back_with_a_list_that_packs_into_the_same_bytes(tmp_path, listed):
    convert("--list", tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec")
    convert("--list", tmp_path / "out.lst", tmp_path / "t.rec", tmp_path / "out")
    for line, (key, labels, name) in zip((tmp_path / "out.lst").read_text().splitlines(), listed):
        columns = line.split("\t")
        assert int(columns[0]) == key and np.float32(columns[1:-1]).tolist() == np.float32(labels).tolist()
        assert (tmp_path / "out" / columns[-1]).read_bytes() == (tmp_path / "in" / name).read_bytes()
    assert len(os.listdir(tmp_path / "out")) == len(listed)
    convert("--list", tmp_path / "out.lst", tmp_path / "out", tmp_path / "back.rec")
    assert (tmp_path / "back.rec").read_bytes() == (tmp_path / "t.rec").read_bytes()
    assert (tmp_path / "back.idx").read_bytes() == (tmp_path / "t.idx").read_bytes()


@pytest.mark.parametrize("lines, words", [
    ("1\t0\ta.png\n2\t0\tgone.png\n", "in.lst, line 2, column 3: got \"gone.png\", expected a file in "),
    ("1\t0\t../in/a.png\n", "in.lst, line 1, column 3: got \"../in/a.png\", expected a path below "),
    ("1\t0\ta.png\n\n1\t0\tb/one.png\n", "in.lst, line 3, column 1: got \"1\", expected an index of its own"),
    ("1\tcat\ta.png\n", "in.lst, line 1, column 2: got \"cat\", expected a label"),
    ("1\t0\tnot.png\n", "in.lst, line 1, "),
    ("\n", "in.lst: got \"no lines\""),
])
def test_a_list_that_cannot_be_packed_is_told_by_line_and_image_and_leaves_nothing(tmp_path, listed, lines, words):
    (tmp_path / "in" / "not.png").write_bytes(b"text")
    (tmp_path / "in.lst").write_text(lines)
    said = run("convert", "--list", tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec", code=1).stderr
    assert words in said
    if "not.png" in lines:
        assert f"{tmp_path}/in/not.png: " in said
    assert sorted(os.listdir(tmp_path)) == ["in", "in.lst"]


def test_what_a_list_cannot_hold_is_said(tmp_path):
    payload = struct.pack("<IfQQ", 0, 1, 5, 6) + png(5, 4, 1)
    (tmp_path / "t.rec").write_bytes(frame(payload) * 2)
    said = convert("--list", tmp_path / "t.lst", tmp_path / "t.rec", tmp_path / "out")
    assert "ids that repeat" in said and "second ids" in said
    assert (tmp_path / "t.lst").read_text() == "5\t1\t00000000.png\n5\t1\t00000001.png\n"
    (tmp_path / "nan.rec").write_bytes(frame(struct.pack("<IfQQ", 0, float("nan"), 5, 0) + png(5, 4, 1)))
    said = run("convert", "--list", tmp_path / "n.lst", tmp_path / "nan.rec", tmp_path / "n", code=1).stderr
    assert "nan.rec, record 0" in said and "finite labels" in said
    assert not (tmp_path / "n").exists() and not (tmp_path / "n.lst").exists()


@pytest.mark.skipif(not FOREIGN.is_dir(), reason=f"{FOREIGN} is absent: MXNet's own packing is not compared")
@pytest.mark.parametrize("name", ["glyphs-train.rec", "glyphs-val.rec"])
def test_what_mxnet_packed_is_packed_again_into_the_same_bytes(tmp_path, name):
    convert("--list", tmp_path / "t.lst", FOREIGN / name, tmp_path / "out")
    convert("--list", tmp_path / "t.lst", tmp_path / "out", tmp_path / "t.rec")
    assert (tmp_path / "t.rec").read_bytes() == (FOREIGN / name).read_bytes()


def test_an_index_of_another_file_is_refused(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(png(5, 4, 1))
    convert(tmp_path / "in", tmp_path / "t.rec")
    (tmp_path / "t.idx").write_text("0\t0\n1\t8\n")
    said = run("verify", tmp_path / "t.rec", code=1).stderr
    assert "t.idx, entry 2: got \"offset 8\", expected the beginning of a record" in said


@pytest.mark.parametrize("name, content, words", [
    ("a.csv", "1,2\n1,x\n", "a.csv, line 2, column 2: got \"x\""),
    ("a.libsvm", "1 3:1 2:1\n", "a.libsvm, line 1, byte 6: got \"2\", expected an index above 3"),
    ("a.libsvm", "1 qid:4 2:1\n", "no 'qid': ranking is not supported"),
    ("a.jsonl", '{"features":[1]}\n{"feature":[1]}\n', "a.jsonl, line 2: member 'feature'"),
    ("a.manifest", '{"source-ref":"s3://b/k"}\n{"source-ref":7}\n', "a.manifest, line 2, byte 0: got \"source-ref: 7\""),
])
def test_damage_is_told_with_file_and_place_and_ends_with_code_1(tmp_path, name, content, words):
    (tmp_path / name).write_text(content)
    assert words in run("verify", tmp_path / name, code=1).stderr


def test_a_damaged_protobuf_record_is_told_with_record_and_byte(tmp_path):
    record = Record()
    record.features["values"].float32_tensor.values.extend([1, 2])
    good = frame(record.SerializeToString())
    (tmp_path / "a.pbr").write_bytes(good + frame(record.SerializeToString()[:-3]))
    said = run("verify", tmp_path / "a.pbr", code=1).stderr
    assert f"a.pbr, record 1, byte {len(good) + 10}" in said and "a field that runs past the end" in said


def test_a_failed_conversion_leaves_nothing_and_keeps_what_was_there(tmp_path):
    (tmp_path / "a.csv").write_text("1,2\n1,x\n")
    (tmp_path / "a.pbr").write_bytes(b"before")
    run("convert", tmp_path / "a.csv", tmp_path / "a.pbr", code=1)
    assert sorted(os.listdir(tmp_path)) == ["a.csv", "a.pbr"] and (tmp_path / "a.pbr").read_bytes() == b"before"


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_conversion_leaves_nothing(tmp_path, stop):
    os.mkfifo(tmp_path / "in.csv")
    child = subprocess.Popen([MILLRACE, "data", "convert", tmp_path / "in.csv", tmp_path / "out.pbr"])
    with open(tmp_path / "in.csv", "wb", buffering=0) as feed:
        feed.write(b"1,2\n" * 1000)
        deadline = time.monotonic() + 60
        while not (tmp_path / "out.pbr.partial").exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        child.send_signal(stop)
        assert child.wait(60) == -stop
    assert os.listdir(tmp_path) == ["in.csv"]


@pytest.mark.parametrize("arguments, words", [
    (("head", "a.unknown"), "expected a known format"),
    (("convert", "a.csv", "a.rec"), "a table into a table"),
    (("convert", "--list", "a.lst", "a.csv", "a.pbr"), "a folder of images to pack, or RecordIO to unpack"),
    (("verify", "--from", "text/csv; header=1", "a.csv"), "parameter header"),
    (("verify", "--from", "text/cvs", "a.csv"), "Did you mean 'text/csv'?"),
    (("convert", "--label-size", "2", "a.csv", "a.libsvm"), "at most one, as text/libsvm holds"),
])
def test_what_cannot_be_done_is_refused_with_a_way_out(tmp_path, arguments, words):
    for name in ("a.csv", "a.unknown"):
        (tmp_path / name).write_text("1,2,3\n")
    paths = [tmp_path / a if a.startswith("a.") else a for a in arguments]
    assert words in run(*paths, code=1).stderr


def test_head_shows_records_and_stat_counts_labels(tmp_path, csv, table):
    assert run("head", "-n", 2, csv).stdout.count("17 features:") == 2
    said = run("stat", csv).stdout
    assert "records         200" in said and "columns         17 features, 1 label" in said
    for label in range(4):
        assert f"\n{label}      {int((table[0] == label).sum())} " in said


@pytest.mark.parametrize("verb", ["", "head", "stat", "verify", "convert", "pack-idx"])
def test_every_help_teaches_by_example(verb):
    assert "Examples:\n  millrace data" in run(*([verb] if verb else []), "--help").stdout


@pytest.mark.skipif(not FOREIGN.is_dir(), reason=f"{FOREIGN} is absent: files of other tools are not checked")
def test_files_of_other_tools_read_or_are_refused_where_they_are_corrupt():
    for path in sorted(FOREIGN.iterdir()):
        form = "recordio" if path.suffix == ".rec" else "recordio-protobuf"
        done = run("verify", "--from", form, path, code=1 if "corrupted" in path.name else 0)
        if "corrupted" in path.name:
            assert "record 3, byte 264: got \"chunk flag 3\"" in done.stderr


@pytest.mark.skipif(not FOREIGN.is_dir(), reason=f"{FOREIGN} is absent: split records of ML-IO are not checked")
def test_ml_ios_split_records_hold_the_same_as_its_whole_ones(tmp_path):
    tables = []
    for name in ("mlio-complete_records.pr", "mlio-split_records.pr"):
        convert(FOREIGN / name, tmp_path / f"{name}.csv")
        tables.append((tmp_path / f"{name}.csv").read_text())
    assert tables[0] == tables[1]
    whole = [Record.FromString(payload) for payload in unframe((FOREIGN / "mlio-complete_records.pr").read_bytes())]
    first = np.float32(tables[0].splitlines()[0].split(","))
    assert list(whole[0].features["values"].float32_tensor.values) == first[1:].tolist()
