"""`millrace rec`: im2rec and back, held against Pillow, NumPy and records taken apart by hand."""

import io
import json
import os
import signal
import struct
import subprocess
import time

import numpy as np
import pytest
from PIL import Image, ImageOps

from daemon import MILLRACE
from record_schema import MAGIC, unframe


def rec(*arguments, code=0):
    done = subprocess.run([MILLRACE, "rec", *map(str, arguments)], capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stderr + done.stdout
    return done


def photo(width, height, seed=0):
    """Smooth colours, as a photograph's are."""
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    return np.stack([127 + 120 * np.sin(6 * x + seed), 127 + 120 * np.cos(5 * y + 2 * x), 255 * x * y + 0 * y],
                    axis=2).astype(np.uint8)


def jpeg(pixels, **options):
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", **{"quality": 95, **options})
    return out.getvalue()


def pixels_of(image):
    return np.asarray(Image.open(io.BytesIO(image)))


def records_of(path):
    """Id, labels and image of each record, taken apart as MXNet's recordio.unpack does."""
    found = []
    for payload in unframe(path.read_bytes()):
        flag, label, key, second = struct.unpack_from("<IfQQ", payload)
        assert second == 0
        labels = np.frombuffer(payload, "<f4", flag, 24) if flag else np.float32([label])
        found.append((key, labels.tolist(), payload[24 + 4 * flag:]))
    return found


def write_list(path, lines):
    path.write_text("".join("\t".join(map(str, (key, *labels, name))) + "\n" for key, labels, name in lines))


@pytest.fixture
def photos(tmp_path):
    """Photographs of several shapes and forms, and a list of them in another order than that of their names."""
    root = tmp_path / "in"
    (root / "b").mkdir(parents=True)
    files = {"a.jpg": jpeg(photo(90, 60)), "b/tall.jpg": jpeg(photo(40, 70, 1)), "b/square.jpg": jpeg(photo(50, 50, 2)),
             "grey.jpg": jpeg(photo(70, 50)[:, :, 0]), "progressive.jpg": jpeg(photo(64, 48, 3), progressive=True),
             "quartered.jpg": jpeg(photo(81, 61, 4), subsampling=2), "whole.jpg": jpeg(photo(81, 61, 5), subsampling=0)}
    png = io.BytesIO()
    Image.fromarray(photo(66, 44, 6)).save(png, "PNG")
    files["c.png"] = png.getvalue()
    for name, content in files.items():
        (root / name).write_bytes(content)
    lines = [(100 - number, [number % 3], name) for number, name in enumerate(sorted(files, reverse=True))]
    write_list(tmp_path / "in.lst", lines)
    return lines


def bilinear(pixels, width, height):
    """The definition: centres of pixels at half positions, edges repeated, nothing smoothed before."""
    pixels = pixels.astype(float) if pixels.ndim == 3 else pixels[:, :, None].astype(float)

    def taps(before, after):
        place = np.clip((np.arange(after) + 0.5) * before / after - 0.5, 0, before - 1)
        first = place.astype(int)
        return first, np.minimum(first + 1, before - 1), place - first
    top, bottom, v = taps(pixels.shape[0], height)
    left, right, u = taps(pixels.shape[1], width)
    rows = pixels[top] * (1 - v)[:, None, None] + pixels[bottom] * v[:, None, None]
    return rows[:, left] * (1 - u)[None, :, None] + rows[:, right] * u[None, :, None]


def rgb(image):
    return np.asarray(Image.open(io.BytesIO(image)).convert("RGB"))


def test_images_are_resized_by_their_shorter_edge_into_the_lists_order(tmp_path, photos):
    rec("pack", "--resize", 32, "--encoding", ".png", tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec")
    packed = records_of(tmp_path / "t.rec")
    assert [(key, labels) for key, labels, _ in packed] == [(key, [float(v) for v in labels]) for key, labels, _ in photos]
    for (_, _, image), (_, _, name) in zip(packed, photos):
        source = rgb((tmp_path / "in" / name).read_bytes())
        height, width = source.shape[:2]
        size = (32, 32 * height // width) if width < height else (32 * width // height, 32)
        made = pixels_of(image)
        assert made.shape == (size[1], size[0], 3), name
        # PNG keeps every bit: what is left is OpenCV's rounding, which resizing has bit by bit.
        assert np.abs(made - bilinear(source, *size)).max() <= 1.2, name


def test_a_jpeg_has_the_quality_and_the_colour_samples_that_pillow_writes(tmp_path, photos):
    rec("pack", "--quality", 87, tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec")
    for (_, _, image), (_, _, name) in zip(records_of(tmp_path / "t.rec"), photos):
        expected = jpeg(rgb((tmp_path / "in" / name).read_bytes()), quality=87)
        assert Image.open(io.BytesIO(image)).quantization == Image.open(io.BytesIO(expected)).quantization
        assert np.array_equal(pixels_of(image), pixels_of(expected)), name


def test_the_square_is_cut_before_resizing_and_colours_may_be_left_or_taken(tmp_path, photos):
    common = ("--encoding", ".png", tmp_path / "in.lst", tmp_path / "in")
    rec("pack", "--center-crop", "--resize", 20, *common, tmp_path / "square.rec")
    rec("pack", "--color", 0, *common, tmp_path / "grey.rec")
    rec("pack", "--color", -1, *common, tmp_path / "kept.rec")
    for number, (_, _, name) in enumerate(photos):
        source = rgb((tmp_path / "in" / name).read_bytes())
        edge = min(source.shape[:2])
        top, left = (source.shape[0] - edge) // 2, (source.shape[1] - edge) // 2
        square = pixels_of(records_of(tmp_path / "square.rec")[number][2])
        expected = bilinear(source[top:top + edge, left:left + edge], 20, 20)
        assert square.shape == (20, 20, 3) and np.abs(square - expected).max() <= 1.2, name
        grey = pixels_of(records_of(tmp_path / "grey.rec")[number][2])
        assert np.abs(grey - source @ [0.299, 0.587, 0.114]).max() <= 0.51, name
        kept = pixels_of(records_of(tmp_path / "kept.rec")[number][2])
        assert kept.ndim == (2 if name == "grey.jpg" else 3), name


def test_images_are_turned_as_their_exif_data_says_and_inks_become_colours(tmp_path):
    (tmp_path / "in").mkdir()
    for turn in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = turn
        (tmp_path / "in" / f"{turn}.jpg").write_bytes(jpeg(photo(60, 40, turn), exif=exif))
    inks = io.BytesIO()
    Image.fromarray(photo(60, 40, 9)).convert("CMYK").save(inks, "JPEG", quality=95)
    (tmp_path / "in" / "9.jpg").write_bytes(inks.getvalue())
    write_list(tmp_path / "in.lst", [(number, [0], f"{number}.jpg") for number in range(1, 10)])
    rec("pack", "--encoding", ".png", tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec")
    for number, _, image in records_of(tmp_path / "t.rec"):
        upright = ImageOps.exif_transpose(Image.open(tmp_path / "in" / f"{number}.jpg")).convert("RGB")
        made = pixels_of(image)
        assert made.shape == ((60, 40, 3) if 5 <= number <= 8 else (40, 60, 3))
        # Pillow rounds inks otherwise.
        assert np.abs(made.astype(int) - np.asarray(upright)).max() <= (1 if number == 9 else 0), number


def test_the_bytes_do_not_depend_on_the_threads(tmp_path, photos):
    for threads in (1, 2, 7):
        rec("pack", "--resize", 40, "--num-thread", threads, tmp_path / "in.lst", tmp_path / "in", tmp_path / f"{threads}.rec")
    for kind in ("rec", "idx"):
        assert len({(tmp_path / f"{threads}.{kind}").read_bytes() for threads in (1, 2, 7)}) == 1


def test_the_index_points_at_each_record(tmp_path, photos):
    rec("pack", tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec")
    file = (tmp_path / "t.rec").read_bytes()
    entries = [tuple(map(int, line.split("\t"))) for line in (tmp_path / "t.idx").read_text().splitlines()]
    assert [key for key, _ in entries] == [key for key, _, _ in photos]
    for key, offset in entries:
        assert file[offset:offset + 4] == MAGIC and struct.unpack_from("<IfQQ", file, offset + 8)[2] == key


BOXES = [2, 5, 1, 0.1, 0.2, 0.30000001192092896, 0.4, 3, 0.5, 0.5, 1, 1]


def test_boxes_and_several_labels_come_through_unharmed(tmp_path, photos):
    lines = [(7, BOXES, "a.jpg"), (3, [0, 1, 1, 0], "c.png"), (2**40, [1e-30], "b/tall.jpg")]
    write_list(tmp_path / "in.lst", lines)
    said = rec("pack", "--pack-label", "--resize", 32, tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec").stderr
    assert said == ""
    expected = [(key, np.float32(labels).tolist()) for key, labels, _ in lines]
    assert [(key, labels) for key, labels, _ in records_of(tmp_path / "t.rec")] == expected
    said = rec("pack", "--resize", 32, tmp_path / "in.lst", tmp_path / "in", tmp_path / "first.rec").stderr
    assert "up to 12 labels, of which the first is packed; --pack-label packs all" in said
    assert [labels for _, labels, _ in records_of(tmp_path / "first.rec")] == [labels[:1] for _, labels in expected]


def test_passed_through_images_keep_their_bytes_and_come_back_with_their_list(tmp_path, photos):
    rec("pack", "--pass-through", "--pack-label", tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec")
    assert [image for _, _, image in records_of(tmp_path / "t.rec")] == [
        (tmp_path / "in" / name).read_bytes() for _, _, name in photos]
    rec("unpack", tmp_path / "t.rec", tmp_path / "out")
    for line, (key, labels, name) in zip((tmp_path / "out.lst").read_text().splitlines(), photos):
        ending = ".png" if name.endswith(".png") else ".jpg"
        assert line == f"{key}\t{labels[0]}\t{key:08}{ending}"
        assert (tmp_path / "out" / f"{key:08}{ending}").read_bytes() == (tmp_path / "in" / name).read_bytes()
    rec("pack", "--pass-through", "--pack-label", tmp_path / "out.lst", tmp_path / "out", tmp_path / "again.rec")
    assert (tmp_path / "again.rec").read_bytes() == (tmp_path / "t.rec").read_bytes()
    assert (tmp_path / "again.idx").read_bytes() == (tmp_path / "t.idx").read_bytes()


def test_unpacking_may_make_a_folder_for_each_class_or_name_files_by_record(tmp_path, photos):
    rec("pack", "--pass-through", tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec")
    rec("unpack", "--by-class", "--names", "record", "--list", tmp_path / "l.lst", tmp_path / "t.rec", tmp_path / "out")
    for number, (_, labels, name) in enumerate(photos):
        path = tmp_path / "out" / str(labels[0]) / f"{number:08}{name[-4:]}"
        assert path.read_bytes() == (tmp_path / "in" / name).read_bytes()
    assert rec("unpack", tmp_path / "t.rec", tmp_path / "out", code=1).stderr.startswith(
        f'millrace: {tmp_path / "out"}: got "a name that is taken"')


def test_an_id_that_repeats_names_no_two_files(tmp_path, photos):
    rec("pack", "--pass-through", tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec")
    (tmp_path / "twice.rec").write_bytes((tmp_path / "t.rec").read_bytes() * 2)
    said = rec("unpack", tmp_path / "twice.rec", tmp_path / "out", code=1).stderr
    assert f'twice.rec, record {len(photos)}: got "id 100"' in said and "--names record" in said
    assert not any(name.startswith("out") for name in os.listdir(tmp_path))
    assert "number its lines" in rec("unpack", "--names", "record", tmp_path / "twice.rec", tmp_path / "out").stderr
    assert len(os.listdir(tmp_path / "out")) == 2 * len(photos)


def test_list_tells_of_each_record(tmp_path, photos):
    write_list(tmp_path / "in.lst", [(7, BOXES, "a.jpg"), (3, [0.1], "c.png"), (5, [2], "grey.jpg")])
    rec("pack", "--pass-through", "--pack-label", tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec")
    offsets = [int(line.split("\t")[1]) for line in (tmp_path / "t.idx").read_text().splitlines()]
    listed = [json.loads(line) for line in rec("list", "--format", "jsonl", tmp_path / "t.rec").stdout.splitlines()]
    assert [(r["record"], r["id"], r["offset"]) for r in listed] == list(zip(range(3), (7, 3, 5), offsets))
    assert [(r["format"], r["width"], r["height"], r["channels"]) for r in listed] == [
        ("jpeg", 90, 60, 3), ("png", 66, 44, 3), ("jpeg", 70, 50, 1)]
    assert np.float32(listed[0]["labels"]).tolist() == np.float32(BOXES).tolist() and listed[1]["labels"] == [0.1]
    assert [r["bytes"] for r in listed] == [(tmp_path / "in" / n).stat().st_size for n in ("a.jpg", "c.png", "grey.jpg")]
    head, *rows = [line.split("\t") for line in rec("list", "--format", "tsv", tmp_path / "t.rec").stdout.splitlines()]
    assert dict(zip(head, rows[1])) == {"record": "1", "offset": str(offsets[1]), "id": "3", "id2": "0", "format": "png",
                                        "width": "66", "height": "44", "bytes": str(listed[1]["bytes"]), "labels": "0.1"}
    text = rec("list", "--first", 1, "--count", 1, tmp_path / "t.rec").stdout.splitlines()
    assert len(text) == 2 and text[1].split() == ["1", str(offsets[1]), "3", "png", "66x44", str(listed[1]["bytes"]), "0.1"]


@pytest.fixture
def damaged(tmp_path, photos):
    """The list again, with a file that is cut off on line 3, one that is none on line 5 and one that is gone on line 6."""
    (tmp_path / "in" / "cut.jpg").write_bytes(jpeg(photo(90, 60))[:900])
    (tmp_path / "in" / "none.jpg").write_bytes(b"<html>not found</html>")
    lines = [*photos[:2], (201, [0], "cut.jpg"), photos[2], (202, [0], "none.jpg"), (203, [0], "gone.jpg"), *photos[3:]]
    write_list(tmp_path / "in.lst", lines)
    return lines


@pytest.mark.parametrize("form", [("--resize", 32), ("--pass-through",), ("--pass-through", "--verify")])
def test_broken_images_are_named_by_line_and_left_out_as_far_as_allowed(tmp_path, photos, damaged, form):
    common = (*form, tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec")
    said = rec("pack", *common, code=1).stderr
    for line, name in ((3, "cut.jpg"), (5, "none.jpg"), (6, "gone.jpg")):
        assert any(f"in.lst, line {line}, " in text and name in text for text in said.splitlines()), said
    assert f"3 of {len(damaged)} images broken or missing" in said
    assert not (tmp_path / "t.rec").exists() and not (tmp_path / "t.idx").exists()
    done = rec("pack", "--max-broken", 0.5, *common)
    assert f"goes on with {tmp_path}/t.rec.partial: {len(damaged)} of {len(damaged)} lines are done" in done.stderr
    assert "3 images left out" in done.stdout
    assert [key for key, _, _ in records_of(tmp_path / "t.rec")] == [key for key, _, _ in photos]
    rec("pack", "--max-broken", 0.3, *common)
    assert sorted(os.listdir(tmp_path)) == ["in", "in.lst", "t.idx", "t.rec"]


def test_after_a_broken_image_is_mended_the_same_command_packs_from_there_on(tmp_path, photos, damaged):
    common = ("--resize", 32, tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec")
    rec("pack", *common, code=1)
    for name in ("cut.jpg", "none.jpg", "gone.jpg"):
        (tmp_path / "in" / name).write_bytes(jpeg(photo(50, 40)))
    said = rec("pack", *common).stderr
    assert f"goes on with {tmp_path}/t.rec.partial: 2 of {len(damaged)} lines are done" in said
    assert [key for key, _, _ in records_of(tmp_path / "t.rec")] == [key for key, _, _ in damaged]
    rec("pack", *common[:-1], tmp_path / "anew.rec")
    assert (tmp_path / "t.rec").read_bytes() == (tmp_path / "anew.rec").read_bytes()
    assert (tmp_path / "t.idx").read_bytes() == (tmp_path / "anew.idx").read_bytes()


@pytest.mark.parametrize("lines, words", [
    ("1\t0\t../in/a.jpg\n", 'in.lst, line 1, column 3: got "../in/a.jpg", expected a path below '),
    ("1\t0\t/etc/passwd\n", 'in.lst, line 1, column 3: got "/etc/passwd", expected a path below '),
    ("1\t0\ta.jpg\n1\t0\tc.png\n", 'in.lst, line 2, column 1: got "1", expected an index of its own'),
    ("1\ta.jpg\n", "in.lst, line 1: "),
    ("\n", 'in.lst: got "no lines"'),
    ("1\t0\tgone.jpg\n2\t0\tgone-too.jpg\n", "2 of 2 images broken or missing"),
])
def test_a_list_that_cannot_be_packed_leaves_nothing(tmp_path, photos, lines, words):
    (tmp_path / "in.lst").write_text(lines)
    assert words in rec("pack", "--max-broken", 1, tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec", code=1).stderr
    assert sorted(os.listdir(tmp_path)) == ["in", "in.lst"]


@pytest.mark.parametrize("target, words", [("in", 'in: got "a folder", expected the name of a file'),
                                           ("in.lst", 'in.lst: got "the list itself"'),
                                           ("in.rec", 'in.idx: got "the list itself"')])
def test_what_is_packed_replaces_neither_a_folder_nor_the_list(tmp_path, photos, target, words):
    list_file = tmp_path / ("in.idx" if target == "in.rec" else "in.lst")
    (tmp_path / "in.lst").rename(list_file)
    lines = list_file.read_text()
    for options in ((), ("--dry-run",)):
        assert words in rec("pack", *options, list_file, tmp_path / "in", tmp_path / target, code=1).stderr
    assert list_file.read_text() == lines and sorted(os.listdir(tmp_path)) == ["in", list_file.name]


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(tmp_path, photos, damaged):
    said = rec("pack", "--dry-run", "--resize", 32, tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec").stdout
    assert f"would pack {len(damaged) - 1} images" in said and "line 6, gone.jpg" in said
    assert "shorter edge 32 pixels, in colour, JPEG of quality 95" in said
    assert sorted(os.listdir(tmp_path)) == ["in", "in.lst"]
    rec("pack", "--max-broken", 1, tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec")
    assert f"would unpack {len(photos)} records" in rec("unpack", "--dry-run", tmp_path / "t.rec", tmp_path / "out").stdout
    assert not (tmp_path / "out").exists()


def test_names_in_a_list_do_not_steer_the_terminal(tmp_path, photos):
    (tmp_path / "in.lst").write_text("1\t0\ta\x1b[2J.jpg\n2\t0\tb\u009b31m.jpg\n")
    dry = rec("pack", "--dry-run", tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec").stdout
    packed = rec("pack", tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec", code=1).stderr
    for said in (dry, packed):
        assert "a\\x1b[2J.jpg" in said and "b\\xc2\\x9b31m.jpg" in said
        assert "\x1b" not in said and "\u009b" not in said


@pytest.fixture
def long_list(tmp_path):
    """Enough work for a run to be caught in."""
    (tmp_path / "in").mkdir()
    for number in range(2):
        (tmp_path / "in" / f"{number}.jpg").write_bytes(jpeg(photo(1600, 1200, number)))
    write_list(tmp_path / "in.lst", [(number, [number % 5], f"{number % 2}.jpg") for number in range(100)])


def pack_until(tmp_path, signal_number, *options):
    """Starts packing, ends it by the signal when something is saved, and returns the command's words."""
    command = [MILLRACE, "rec", "pack", "--resize", "900", *options, tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec"]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    partial, sidecar = tmp_path / "t.rec.partial", tmp_path / "t.rec.partial.json"
    while running.poll() is None and not (partial.exists() and partial.stat().st_size > 0):
        time.sleep(0.01)
    if signal_number == signal.SIGKILL:
        # A signal that can be heard saves what there is; a kill leaves what was saved before, which is done every few seconds:
        # they pass while the run stands still, so that there is work left however fast the machine is.
        running.send_signal(signal.SIGSTOP)
        time.sleep(3.5)
        running.send_signal(signal.SIGCONT)
        while running.poll() is None and not sidecar.exists():
            time.sleep(0.001)
    running.send_signal(signal_number)
    _, said = running.communicate(timeout=60)
    assert running.returncode == -signal_number, said
    assert not (tmp_path / "t.rec").exists() and sidecar.exists()
    return command, said


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_ended_is_gone_on_with_by_the_same_command(tmp_path, long_list, signal_number):
    command, said = pack_until(tmp_path, signal_number)
    if signal_number != signal.SIGKILL:
        assert "the same command goes on from there" in said
    again = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert again.returncode == 0, again.stderr
    done = int(again.stderr.split("partial: ")[1].split(" of 100 lines are done")[0])
    assert 0 < done < 100
    rec("pack", *command[3:-1], tmp_path / "whole.rec")
    assert (tmp_path / "t.rec").read_bytes() == (tmp_path / "whole.rec").read_bytes()
    assert (tmp_path / "t.idx").read_bytes() == (tmp_path / "whole.idx").read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["in", "in.lst", "t.idx", "t.rec", "whole.idx", "whole.rec"]


def test_a_run_that_cannot_save_is_ended_by_the_signal_all_the_same(tmp_path, long_list):
    command = [MILLRACE, "rec", "pack", "--resize", "900", tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec"]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    partial, sidecar = tmp_path / "t.rec.partial", tmp_path / "t.rec.partial.json"
    while running.poll() is None and not (partial.exists() and partial.stat().st_size > 0):
        time.sleep(0.01)
    running.send_signal(signal.SIGSTOP)
    sidecar.unlink(missing_ok=True)
    sidecar.mkdir()  # no file can take its name
    running.send_signal(signal.SIGINT)
    running.send_signal(signal.SIGCONT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == -signal.SIGINT, said
    assert "what was done since the last save is lost" in said and "t.rec.partial.json" in said


def test_what_another_command_began_or_someone_changed_is_begun_anew(tmp_path, long_list):
    command, _ = pack_until(tmp_path, signal.SIGINT)
    partial = (tmp_path / "t.rec.partial").read_bytes()
    sidecar = (tmp_path / "t.rec.partial.json").read_text()
    small = ["32" if word == "900" else word for word in command]
    said = subprocess.run(small, capture_output=True, text=True, timeout=120, check=True).stderr
    assert "t.rec.partial was begun otherwise (resize): begins anew" in said
    expected = (tmp_path / "t.rec").read_bytes()
    # Now one of the right options whose bytes are not those that were written.
    for changed in (partial[:len(partial) // 2], b"x" + partial[1:], b""):
        (tmp_path / "t.rec.partial").write_bytes(changed)
        (tmp_path / "t.rec.partial.json").write_text(sidecar.replace('"resize":900', '"resize":32'))
        said = subprocess.run(small, capture_output=True, text=True, timeout=120, check=True).stderr
        assert "lines are done" not in said
        assert (tmp_path / "t.rec").read_bytes() == expected


def test_two_runs_do_not_write_one_file(tmp_path, long_list):
    command = [MILLRACE, "rec", "pack", "--resize", "900", tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec"]
    first = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while first.poll() is None and not (tmp_path / "t.rec.partial").exists():
        time.sleep(0.005)
    time.sleep(0.1)
    second = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert second.returncode == 1 and "another process is writing" in second.stderr
    first.send_signal(signal.SIGKILL)
    first.wait()


def test_unpacking_that_was_killed_goes_on(tmp_path, photos):
    write_list(tmp_path / "in.lst", [(n, [0], photos[n % len(photos)][2]) for n in range(6000)])
    rec("pack", "--pass-through", tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec")
    running = subprocess.Popen([MILLRACE, "rec", "unpack", tmp_path / "t.rec", tmp_path / "out"], stderr=subprocess.PIPE)
    partial = tmp_path / "out.partial"
    while running.poll() is None and not (partial.exists() and len(os.listdir(partial)) > 20):
        time.sleep(0.001)
    running.kill()
    said = running.communicate()[1]
    assert running.returncode == -signal.SIGKILL and not (tmp_path / "out").exists(), said
    cut = sorted(partial.iterdir())[3]
    whole = cut.stat().st_size
    os.truncate(cut, 50)
    assert "goes on with" in rec("unpack", tmp_path / "t.rec", tmp_path / "out").stderr
    assert (tmp_path / "out" / cut.name).stat().st_size == whole and len(os.listdir(tmp_path / "out")) == 6000
    for n in range(0, 6000, 997):
        name = photos[n % len(photos)][2]
        assert (tmp_path / "out" / f"{n:08}{name[-4:]}").read_bytes() == (tmp_path / "in" / name).read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["in", "in.lst", "out", "out.lst", "t.idx", "t.rec"]


@pytest.mark.parametrize("name, words", [("t.rec", "the records themselves"), ("in", "a folder"),
                                         ("out/list.lst", "a name in a folder that is not there")])
def test_a_list_that_cannot_be_written_is_refused_before_the_images_are(tmp_path, photos, name, words):
    rec("pack", "--pass-through", tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec")
    records = (tmp_path / "t.rec").read_bytes()
    assert words in rec("unpack", "--list", tmp_path / name, tmp_path / "t.rec", tmp_path / "out", code=1).stderr
    assert (tmp_path / "t.rec").read_bytes() == records
    assert sorted(os.listdir(tmp_path)) == ["in", "in.lst", "t.idx", "t.rec"]


def test_a_folder_that_no_unpacking_left_is_not_removed(tmp_path, photos):
    rec("pack", "--pass-through", tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec")
    (tmp_path / "out.partial").mkdir()
    (tmp_path / "out.partial" / "diary.txt").write_text("mine")
    assert "Move it away" in rec("unpack", tmp_path / "t.rec", tmp_path / "out", code=1).stderr
    assert (tmp_path / "out.partial" / "diary.txt").read_text() == "mine" and not (tmp_path / "out").exists()


@pytest.mark.parametrize("options, words", [
    (("--quality", 101), "expected 1 to 100 for JPEG"),
    (("--encoding", ".png", "--quality", 95), "expected 0 to 9, zlib's level, for PNG"),
])
def test_a_quality_belongs_to_its_encoding(tmp_path, photos, options, words):
    said = rec("pack", *options, tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec", code=1).stderr
    assert words in said
    rec("pack", "--pass-through", "--resize", 32, tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec", code=2)
    rec("pack", "--color", 2, tmp_path / "in.lst", tmp_path / "in", tmp_path / "t.rec", code=2)
