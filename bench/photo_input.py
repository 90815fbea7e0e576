#!/usr/bin/env python3
"""From the bytes of a photograph to the input of a network, us beside torchvision with Pillow, on one core.

    bench/photo_input.py --data DIR     # a folder with caltech101/ and camvid/

Photographs as JPEG of 500 x 375 at quality 90: decoded, shorter edge 256, a random crop of 224 x 224, mirrored half of
the time, mean taken off (torchvision: ToTensor and Normalize). Ours is PhotoInput of build/bench/bin/trainer_vision_bench.
Rounds of the two follow each other; CPU time of one thread, the least of all rounds counts.
"""

import argparse
import csv
import io
import os
import subprocess
import tempfile
import time
from pathlib import Path

import torch
from PIL import Image
from torchvision import transforms

from harness import ROOT, table
from photographs import photographs, save

BENCH = ROOT / "build/bench/bin/trainer_vision_bench"
WIDTH, HEIGHT = 500, 375


def ours(folder):
    """CPU milliseconds an image: all of it, and decoding alone."""
    output = subprocess.run([BENCH, "--benchmark_filter=Photo", "--benchmark_min_time=0.5", "--benchmark_format=csv"],
                            check=True, capture_output=True, text=True, env={**os.environ, "PHOTO_DIR": str(folder)}).stdout
    count = len(list(Path(folder).iterdir()))
    rows = {row[0]: float(row[3]) / count for row in csv.reader(output.splitlines()) if row and row[0].startswith("Photo")}
    return rows["PhotoInput"], rows["PhotoDecoded"]


def torchvisions(files):
    crop = transforms.Compose([transforms.Resize(256), transforms.RandomCrop(224), transforms.RandomHorizontalFlip(),
                               transforms.ToTensor(), transforms.Normalize((.485, .456, .406), (.229, .224, .225))])

    def milliseconds(step):
        begin = time.thread_time()
        for content in files:
            step(Image.open(io.BytesIO(content)).convert("RGB"))
        return (time.thread_time() - begin) / len(files) * 1e3
    return milliseconds(crop), milliseconds(lambda image: image)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--images", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        for number, photograph in enumerate(photographs(options.data)):
            if number == options.images:
                break
            save(photograph, WIDTH, HEIGHT, Path(folder) / f"{number}.jpg")
        files = [path.read_bytes() for path in sorted(Path(folder).iterdir())]
        rounds = [(ours(folder), torchvisions(files)) for _ in range(options.rounds)]
    rows = []
    for part, what in enumerate(("decode, resize, crop, mirror, mean", "decoding alone")):
        us, them = (min(one[side][part] for one in rounds) for side in (0, 1))
        rows.append([f"{WIDTH} x {HEIGHT}, {sum(map(len, files)) // len(files) // 1000} kB: {what}", f"{us:.3f} ms",
                     f"torchvision {them:.3f} ms", f"{them / us:.2f}", "at least 2.0" if part == 0 else "–"])
    table("Photographs as input, CPU time an image", rows)


if __name__ == "__main__":
    main()
