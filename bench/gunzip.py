#!/usr/bin/env python3
"""Unpacking gzip in memory, ours (codec/gzip.h) beside zlib, of public tables as they come and of random digits.

    bench/gunzip.py DIR        # a folder with tabular/*.gz, bow/*.gz and mnist/*.gz

Both are runs of build/bench/bin/codec_bench, interleaved at random; the least of eight repetitions counts.
"""

import csv
import gzip
import lzma
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from harness import ROOT, table

BENCH = ROOT / "build/bench/bin/codec_bench"


def milliseconds(path):
    """Of GzipSource and of zlib; without a path of the built-in random digits."""
    environment = {**os.environ, "GZIP_FILE": str(path)} if path else os.environ
    output = subprocess.run([BENCH, "--benchmark_filter=Unpack", "--benchmark_repetitions=8", "--benchmark_min_time=0.1",
                             "--benchmark_enable_random_interleaving=true", "--benchmark_format=csv"],
                            check=True, capture_output=True, text=True, env=environment).stdout
    best = {}
    for row in csv.reader(output.splitlines()):
        if len(row) > 3 and row[0] in ("UnpackGzipSource", "UnpackZlib"):
            best[row[0]] = min(best.get(row[0], float("inf")), float(row[3]))
    return best["UnpackGzipSource"], best["UnpackZlib"]


def main():
    data = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        kdd = Path(folder) / "kddcup99-10percent.csv.gz"
        kdd.write_bytes(gzip.compress(lzma.open(data / "tabular/kddcup99-10percent.csv.xz").read(), 6))
        inputs = [kdd, *sorted((data / "tabular").glob("*.gz")), *sorted((data / "bow").glob("docword*.gz")),
                  data / "mnist/train-images-idx3-ubyte.gz", None]
        rows = []
        for path in inputs:
            ours, zlib = milliseconds(path)
            rows.append([path.name if path else "random digits, 100 columns", f"{ours:.2f} ms", f"zlib {zlib:.2f} ms",
                         f"{zlib / ours:.2f}", "at least 2.5"])
    table("Unpacking gzip", rows)


if __name__ == "__main__":
    main()
