#!/usr/bin/env python3
"""PCA: speed and accuracy on MNIST's digits beside scikit-learn.

    bench/pca.py --mnist DIR         # the folder with train-images-idx3-ubyte.gz

Both sides go from a CSV file on disk (60,000 x 784) to 50 components, as a process of their own with two threads:
pandas.read_csv and sklearn.decomposition.PCA with svd_solver full (against regular) or randomized. Rounds are interleaved,
since the machine may be shared, and CPU seconds are given too, which other work disturbs least. Captured is the variance
that the 50 components hold, of what the 50 exact ones hold; singular values are compared with the exact ones.

The limit is what no implementation of the mode can leave out: the symmetric product of the rows in double (n d^2 flops) or
the sketch's two products in float32 (4 n d m flops), at the speed of one large BLAS product on two threads here; and reading
the file once.
"""

import argparse
import gzip
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from machine import load, timed
from trainer_job import write_job

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/clients"))

from ndarray_list import read_arrays  # noqa: E402  (its folder was just put on the path)

COMPONENTS = 50
SKETCH = 200  # columns, with extra_components -1: twice num_components + max(10, num_components)
SOLVERS = {"regular": "full", "randomized": "randomized"}
SKLEARN_SIDE = r"""
import sys
import numpy
import pandas
from sklearn.decomposition import PCA
table = pandas.read_csv(sys.argv[1], header=None).to_numpy()
model = PCA(int(sys.argv[3]), svd_solver=sys.argv[2], random_state=0).fit(table)
numpy.savez(sys.argv[4], v=model.components_[::-1].T, s=model.singular_values_[::-1])
"""


def seconds_of(work, rounds=5):
    best = float("inf")
    for _ in range(rounds):
        begin = time.time()
        work()
        best = min(best, time.time() - begin)
    return best


def limits(rows, features, path):
    """Seconds that the mode's products take by one large BLAS product, and those of reading the file."""
    double, single = (np.random.default_rng(0).normal(size=(4096, features)).astype(kind) for kind in (np.float64, np.float32))
    thin = np.ascontiguousarray(single[:features, :SKETCH])
    double_rate = 2 * 4096 * features**2 / seconds_of(lambda: double.T @ np.asfortranarray(double[:, ::-1]))
    single_rate = 2 * 4096 * features * SKETCH / seconds_of(lambda: single @ thin)
    read = seconds_of(path.read_bytes, 2)
    return {"regular": (rows * features**2 / double_rate, read),
            "randomized": (4 * rows * features * SKETCH / single_rate, read)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trainer", type=Path, default=ROOT / "build/release/bin/millrace-trainer")
    parser.add_argument("--mnist", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "2"
    if "avx512f" in Path("/proc/cpuinfo").read_text():
        os.environ["OPENBLAS_CORETYPE"] = "SKYLAKEX"  # as the trainer sets it: both sides get the same products
    pixels = gzip.open(options.mnist / "train-images-idx3-ubyte.gz").read()[16:]
    table = np.frombuffer(pixels, dtype=np.uint8).reshape(-1, 784)
    rows, features = table.shape
    centred = table - table.mean(axis=0)
    scatter = centred.T @ centred
    values, _ = np.linalg.eigh(scatter)
    exact = np.sqrt(values[-COMPONENTS:])

    def quality(model):
        vectors = model["v"].astype(np.float64)
        captured = np.trace(vectors.T @ scatter @ vectors) / values[-COMPONENTS:].sum()
        return f"{100 * captured:.3f} %, s within {100 * abs(model['s'] / exact - 1).max():.2g} %"

    with tempfile.TemporaryDirectory(dir=ROOT / "build") as name:
        folder = Path(name)
        path = folder / "mnist.csv"
        np.savetxt(path, table, fmt="%d", delimiter=",")

        def ours(mode):
            with tempfile.TemporaryDirectory(dir=folder) as base:
                write_job(Path(base), {"feature_dim": features, "mini_batch_size": 500, "num_components": COMPONENTS,
                                       "algorithm_mode": mode}, {"train": path})
                took = timed([str(options.trainer), "train", "--base", base, "--algorithm", "pca"])
                return *took[:2], read_arrays((Path(base) / "model/model_algo-1").read_bytes())

        def theirs(mode):
            took = timed([sys.executable, "-c", SKLEARN_SIDE, str(path), SOLVERS[mode], str(COMPONENTS), str(folder / "model.npz")])
            return *took[:2], dict(np.load(folder / "model.npz"))

        best = {}
        for _ in range(options.rounds):
            for mode in SOLVERS:
                for side in (ours, theirs):
                    wall, cpu, model = side(mode)
                    before = best.get((mode, side), (float("inf"), float("inf"), None))
                    best[mode, side] = (min(before[0], wall), min(before[1], cpu), model)
        floor = limits(rows, features, path)

    print(f"## PCA: MNIST, {rows:,} x {features} from CSV, {COMPONENTS} components, 2 threads\n")
    print("| mode | us | scikit-learn | ratio | by CPU time | demanded | captured (us) | captured (scikit-learn) | limit: products + reading |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for mode in SOLVERS:
        wall, cpu, model = best[mode, ours]
        their_wall, their_cpu, their_model = best[mode, theirs]
        products, read = floor[mode]
        print(f"| {mode} | {wall:.2f} s | {their_wall:.2f} s | {their_wall / wall:.1f} | {their_cpu / cpu:.1f} | at least 5 | "
              f"{quality(model)} | {quality(their_model)} | {products:.2f} + {read:.2f} s: {100 * (products + read) / wall:.0f} % of ours |")
    print(f"\n{time.strftime('%Y-%m-%d', time.gmtime())}, {load()}")


if __name__ == "__main__":
    main()
