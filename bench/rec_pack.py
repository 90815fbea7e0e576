#!/usr/bin/env python3
"""`millrace rec pack` beside a plain Python im2rec with Pillow, and beside the disk where nothing is encoded.

    bench/rec_pack.py --data DIR        # a folder with caltech101/ and camvid/

10,000 photographs of 250 x 187 to 500 x 375 as JPEG of quality 90, with a list. Packed with shorter edge 256 at quality
95: us on all CPUs, Pillow in one process as im2rec with one thread is. Passed through: us, beside `cat` of the same files into
one, synced. Rounds of all follow each other; the median of each counts.
"""

import argparse
import io
import os
import random
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from harness import BIN, ROOT, median, table
from machine import timed
from photographs import photographs, save


def make_images(data, folder, count):
    """Each photograph several times, every time in another size."""
    choose = random.Random(5)
    sources = list(photographs(data))
    lines = []
    for number in range(count):
        name = f"{number:05}.jpg"
        width = choose.randint(250, 500)
        save(sources[number % len(sources)], width, width * 3 // 4, folder / name)
        lines.append(f"{number}\t{number % 10}\t{name}\n")
    choose.shuffle(lines)
    return "".join(lines)


def pack_with_pillow(list_path, root, target):
    """What im2rec does, in a few lines."""
    from PIL import Image
    magic = struct.pack("<I", 0xced7230a)
    with open(target, "wb") as records, open(target + ".idx", "w") as index:
        for line in open(list_path):
            key, label, name = line.rstrip("\n").split("\t")
            image = Image.open(os.path.join(root, name)).convert("RGB")
            width, height = image.size
            size = (256, 256 * height // width) if width < height else (256 * width // height, 256)
            out = io.BytesIO()
            image.resize(size, Image.BILINEAR).save(out, "JPEG", quality=95)
            payload = struct.pack("<IfQQ", 0, float(label), int(key), 0) + out.getvalue()
            assert magic not in payload  # such a record would have to be split
            index.write(f"{key}\t{records.tell()}\n")
            records.write(magic + struct.pack("<I", len(payload)) + payload + bytes(-len(payload) % 4))
        records.flush()
        os.fsync(records.fileno())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", help="where the photographs are")
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pillow", nargs=3, metavar=("LIST", "ROOT", "OUT"), help="pack with Pillow, once; for the rounds")
    options = parser.parse_args()
    if options.pillow:
        return pack_with_pillow(*options.pillow)
    # Beside the build, so that the figures are those of a disk and not of a memory file system.
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as base:
        base = Path(base)
        root, list_path, out = base / "in", base / "in.lst", base / "out.rec"
        root.mkdir()
        list_path.write_text(make_images(options.data, root, options.images))
        paths = base / "paths"
        paths.write_bytes(b"".join(str(path).encode() + b"\0" for path in sorted(root.iterdir())))
        commands = {
            "ours": [BIN / "millrace", "rec", "pack", "--resize", "256", "--quality", "95", list_path, root, out],
            "pillow": [sys.executable, __file__, "--pillow", list_path, root, base / "pillow.rec"],
            "passed": [BIN / "millrace", "rec", "pack", "--pass-through", list_path, root, base / "passed.rec"],
            "cat": ["sh", "-c", f"xargs -0 cat < {paths} > {base}/cat.bin && sync {base}/cat.bin"],
        }
        rounds = {name: [] for name in commands}
        for _ in range(options.rounds):
            for name, command in commands.items():
                rounds[name].append(timed(list(map(str, command)))[:2])
        wall, cpu = ({name: median([one[part] for one in rounds[name]]) for name in rounds} for part in (0, 1))
        megabytes = sum(path.stat().st_size for path in root.iterdir()) / 1e6
        subprocess.run([BIN / "millrace", "data", "verify", out], check=True, stdout=subprocess.DEVNULL)
    count = f"{options.images:,} JPEGs, {megabytes:.0f} MB"
    table("Packing images into RecordIO", [
        [f"{count}: --resize 256 --quality 95, {os.cpu_count()} CPUs", f"{wall['ours']:.2f} s", f"Pillow {wall['pillow']:.2f} s",
         f"{wall['pillow'] / wall['ours']:.2f}", "at least 5"],
        ["the same, CPU time", f"{cpu['ours']:.2f} s", f"Pillow {cpu['pillow']:.2f} s",
         f"{cpu['pillow'] / cpu['ours']:.2f}", "–"],
        [f"{count}: --pass-through", f"{wall['passed']:.2f} s", f"cat and sync {wall['cat']:.2f} s",
         f"{wall['cat'] / wall['passed']:.2f}", "the disk's speed"]])


if __name__ == "__main__":
    main()
