#!/usr/bin/python3
"""Reads every file of the channel 'train' twice, in order, and prints how long each pass took."""

import os
import time

ROOT = "/opt/ml/input/data/train"


def read_all():
    block = bytearray(1 << 20)
    files = total = 0
    for directory, subdirectories, names in os.walk(ROOT):
        subdirectories.sort()
        for name in sorted(names):
            descriptor = os.open(os.path.join(directory, name), os.O_RDONLY)
            while got := os.readv(descriptor, [block]):
                total += got
            os.close(descriptor)
            files += 1
    return files, total


for number in (1, 2):
    started = time.monotonic()
    files, total = read_all()
    print(f"pass {number} files {files} bytes {total} seconds {time.monotonic() - started:.6f}", flush=True)
