#!/usr/bin/env python3
"""k-means: speed and quality beside scikit-learn.

    bench/kmeans.py --data shared/data                 # speed on 500,000 x 100 (k = 100) and MNIST (k = 10), and quality
    bench/kmeans.py --data shared/data --only quality

Speed: from a CSV file on disk to a saved model, against pandas.read_csv and MiniBatchKMeans or one run of KMeans(elkan), each
a process of its own, in interleaved rounds; CPU seconds are given too, which other work disturbs least. Settings are such
that our mean squared distance (MSD), over all rows, is no worse than the peer's. Beside it the limit: the seconds that reading
the file at memory speed and the distances at the rate of a bare sgemm would take.

Quality: MSD over all rows beside KMeans(n_init=10), on MNIST and on covtype (20,000 rows, raw and standardised).
"""

import argparse
import gzip
import os
import struct
import sys
import tempfile
import time
from pathlib import Path

# Debian's OpenBLAS knows no newer CPUs and falls back to SSE3 on them: the peer is not to be measured by that. Read when numpy
# is loaded, here for the limit and in the peer's process.
os.environ.setdefault("OPENBLAS_CORETYPE", "SKYLAKEX" if "avx512f" in Path("/proc/cpuinfo").read_text() else "HASWELL")

import numpy as np
import pandas

from machine import load, timed
from trainer_job import write_job

ROOT = Path(__file__).resolve().parents[1]
BLOCK_ROWS, BLOCKS, FEATURES, GROUPS = 50_000, 10, 100, 100
SKLEARN_SIDE = r"""
import sys
import numpy as np
import pandas
from sklearn.cluster import KMeans, MiniBatchKMeans
path, kind, k, out = sys.argv[1:]
table = pandas.read_csv(path, header=None).to_numpy(dtype="float32")
if kind == "MiniBatchKMeans":
    model = MiniBatchKMeans(int(k), n_init=3, random_state=0)
else:
    model = KMeans(int(k), algorithm="elkan", n_init=1, random_state=0)
np.save(out, model.fit(table).cluster_centers_)
"""


def write_groups(path):
    """Gaussian groups that overlap: centres and rows around them both of standard deviation 1."""
    random = np.random.default_rng(0)
    centres = random.normal(size=(GROUPS, FEATURES))
    rows = centres[random.integers(GROUPS, size=BLOCK_ROWS)] + random.normal(size=(BLOCK_ROWS, FEATURES))
    text = pandas.DataFrame(rows).to_csv(header=False, index=False, float_format="%.6g").encode()
    with open(path, "wb") as file:
        for _ in range(BLOCKS):
            file.write(text)


def write_mnist(path, data):
    pixels = np.frombuffer(gzip.open(data / "mnist/train-images-idx3-ubyte.gz").read(), np.uint8, offset=16)
    pandas.DataFrame(pixels.reshape(-1, 784)).to_csv(path, header=False, index=False)


def write_covtype(path, data, standardised):
    table = pandas.read_csv(data / "tabular/covtype-20k.csv.gz", header=None).iloc[:, :54].astype(float)
    table = table.iloc[np.random.default_rng(0).permutation(len(table))]
    if standardised:
        table = (table - table.mean()) / table.std(ddof=0).replace(0, 1)
    table.to_csv(path, header=False, index=False, float_format="%.7g")


def read_centres(model):
    """The array of an NDArray list: header, one array of version 2, no names."""
    bytes_ = model.read_bytes()
    rows, columns = struct.unpack_from("<qq", bytes_, 24 + 4 + 4 + 4)
    return np.frombuffer(bytes_, "<f4", rows * columns, 24 + 4 + 4 + 4 + 16 + 4 + 4 + 4).reshape(rows, columns)


def msd(rows, centres):
    """In double, around the mean, a block at a time."""
    middle = rows.mean(axis=0, dtype="float64")
    centres = centres.astype("float64") - middle
    norms = (centres ** 2).sum(axis=1)
    total = 0.0
    for begin in range(0, len(rows), 20_000):
        block = rows[begin:begin + 20_000] - middle
        total += ((block ** 2).sum(axis=1) + (norms - 2 * block @ centres.T).min(axis=1)).sum()
    return total / len(rows)


def train(trainer, path, folder, settings):
    """Wall and CPU seconds, and the centres."""
    with tempfile.TemporaryDirectory(dir=folder) as base:
        write_job(Path(base), settings, {"train": path})
        wall, cpu, _ = timed([str(trainer), "train", "--base", base, "--algorithm", "kmeans"])
        return wall, cpu, read_centres(Path(base) / "model/model_algo-1")


def limit_seconds(path, rows, features, centres, epochs):
    """Reading the file from the page cache and multiplying rows and centres, both with numpy on all threads."""
    begin = time.perf_counter()
    with open(path, "rb", buffering=0) as file:
        buffer = bytearray(1 << 20)
        while file.readinto(buffer):
            pass
    reading = time.perf_counter() - begin
    a, b = np.ones((5000, features), "float32"), np.ones((features, centres), "float32")
    best = float("inf")
    for _ in range(10):
        begin = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - begin)
    return epochs * reading, epochs * best * rows / len(a)


# Our settings: the cheapest found whose MSD is no worse than the peer's.
SPEED = {
    "500,000 x 100": {"k": 100, "feature_dim": FEATURES,
                      "MiniBatchKMeans": {"extra_center_factor": 2}, "KMeans(elkan)": {"extra_center_factor": 2}},
    "MNIST": {"k": 10, "feature_dim": 784,
              "MiniBatchKMeans": {"extra_center_factor": 4, "local_lloyd_num_trials": 1, "local_lloyd_tol": 0.01},
              "KMeans(elkan)": {"extra_center_factor": 50, "local_lloyd_tol": 1e-5}},
}


def measure_speed(trainer, data, rounds, peers, folder):
    print("## k-means: from CSV on disk to a saved model, 2 threads\n")
    print("| data, peer | our settings | us | peer | ratio | by CPU time | our MSD | peer's MSD | demanded | limit: read + multiply |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, case in SPEED.items():
        path = folder / "rows.csv"
        path.unlink(missing_ok=True)
        write_mnist(path, data) if name == "MNIST" else write_groups(path)
        rows = pandas.read_csv(path, header=None, dtype="float32").to_numpy()
        for peer in peers:
            settings = {"k": case["k"], "feature_dim": case["feature_dim"], **case[peer]}
            best = {side: [float("inf"), float("inf")] for side in ("us", "peer")}
            for _ in range(rounds):
                wall, cpu, ours = train(trainer, path, folder, settings)
                best["us"] = [min(best["us"][0], wall), min(best["us"][1], cpu)]
                out = folder / "centres.npy"
                wall, cpu, _ = timed([sys.executable, "-W", "ignore", "-c", SKLEARN_SIDE, str(path), peer, str(case["k"]), str(out)])
                best["peer"] = [min(best["peer"][0], wall), min(best["peer"][1], cpu)]
            theirs = np.load(out)
            reading, multiplying = limit_seconds(path, len(rows), rows.shape[1], case["k"] * settings["extra_center_factor"],
                                                 settings.get("epochs", 1))
            (wall, cpu), (their_wall, their_cpu) = best["us"], best["peer"]
            shown = ", ".join(f"{key} {value}" for key, value in case[peer].items())
            print(f"| {name}, k={case['k']}, {peer} | {shown} | {wall:.2f} s | {their_wall:.2f} s | {their_wall / wall:.1f} | "
                  f"{their_cpu / cpu:.1f} | {msd(rows, ours):.6g} | {msd(rows, theirs):.6g} | at least 5 | "
                  f"{reading:.2f} + {multiplying:.2f} s |", flush=True)


def measure_quality(trainer, data, folder):
    from sklearn.cluster import KMeans
    print("\n## k-means: mean squared distance beside KMeans(n_init=10)\n")
    print("| data | our settings | us, three seeds | KMeans(n_init=10) | difference | demanded |\n| --- | --- | --- | --- | --- | --- |")
    for name, k, write, settings in (
            ("MNIST", 10, lambda path: write_mnist(path, data), {}),
            ("MNIST", 10, lambda path: write_mnist(path, data), SPEED["MNIST"]["KMeans(elkan)"]),
            ("covtype-20k", 7, lambda path: write_covtype(path, data, False), {}),
            ("covtype-20k", 10, lambda path: write_covtype(path, data, False), {}),
            ("covtype-20k, standardised", 7, lambda path: write_covtype(path, data, True), {}),
            ("covtype-20k, standardised", 10, lambda path: write_covtype(path, data, True), {})):
        path = folder / "quality.csv"
        path.unlink(missing_ok=True)
        write(path)
        rows = pandas.read_csv(path, header=None, dtype="float32").to_numpy()
        best = msd(rows, KMeans(k, n_init=10, random_state=0).fit(rows).cluster_centers_)
        ours = [msd(rows, train(trainer, path, folder, {"k": k, "feature_dim": rows.shape[1], "seed": seed, **settings})[2])
                for seed in range(3)]
        print(f"| {name}, k={k} | {', '.join(f'{key} {value}' for key, value in settings.items()) or 'defaults'} | "
              f"{', '.join(f'{value:.6g}' for value in ours)} | {best:.6g} | "
              f"{', '.join(f'{100 * (value / best - 1):+.2f} %' for value in ours)} | at most +2 % |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trainer", type=Path, default=ROOT / "build/release/bin/millrace-trainer")
    parser.add_argument("--data", type=Path, required=True, help="folder of mnist/ and tabular/")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["speed", "quality"])
    parser.add_argument("--peers", nargs="+", default=["MiniBatchKMeans", "KMeans(elkan)"], help="the second takes minutes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        if options.only != "quality":
            measure_speed(options.trainer, options.data, options.rounds, options.peers, Path(folder))
        if options.only != "speed":
            measure_quality(options.trainer, options.data, Path(folder))
    print(f"\n{time.strftime('%Y-%m-%d', time.gmtime())}, {load()}")


if __name__ == "__main__":
    main()
