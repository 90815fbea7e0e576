#!/usr/bin/env python3
"""k-nearest neighbours: speed and quality beside scikit-learn and FAISS.

    bench/knn.py --mnist DIR       # speed: MNIST's IDX files, from CSV files on disk to a saved model and scores
    bench/knn.py --tables DIR      # quality: covtype-20k and others, equal to scikit-learn's

Speed: 60,000 rows x 784 to learn, 10,000 to predict, k = 10, exactly. Each side is a process of its own that reads the CSV
files: ours; pandas and KNeighborsClassifier(algorithm="brute", n_jobs=2); pandas and FAISS's IndexFlatL2 with a vote. The
search alone is measured too: FAISS's on arrays in memory, ours within the job. Rounds are interleaved, since the machine may
be shared, and CPU seconds are given too, which other work disturbs least. All sides run with the same BLAS and threads.

The limit is the matrix product that an exhaustive search takes for all pairs: 2 x 784 x 60,000 x 10,000 operations at what
the BLAS reaches on this machine, measured in the same rounds.

Quality: each table is divided 90/10. Flat indexes must equal scikit-learn, save where the k-th and the next row are equally
near (letter: two rows of three with k = 10): we take the earlier row, scikit-learn any.
"""

import argparse
import gzip
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas

from machine import load, timed
from trainer_job import write_job

ROOT = Path(__file__).resolve().parents[1]
K = 10
SKLEARN_SIDE = r"""
import sys
import pandas
from sklearn.neighbors import KNeighborsClassifier
train, test = (pandas.read_csv(path, header=None).to_numpy() for path in sys.argv[1:3])
model = KNeighborsClassifier(int(sys.argv[3]), algorithm="brute", n_jobs=2).fit(train[:, 1:], train[:, 0])
print("accuracy", (model.predict(test[:, 1:]) == test[:, 0]).mean())
"""
FAISS_SIDE = r"""
import sys, time
import faiss, numpy, pandas
train, test = (pandas.read_csv(path, header=None, dtype="float32").to_numpy() for path in sys.argv[1:3])
rows, queries = numpy.ascontiguousarray(train[:, 1:]), numpy.ascontiguousarray(test[:, 1:])
faiss.omp_set_num_threads(2)
begin = time.time()
index = faiss.IndexFlatL2(rows.shape[1])
index.add(rows)
_, near = index.search(queries, int(sys.argv[3]))
print("search", time.time() - begin)
votes = train[near, 0].astype(int)
guess = numpy.array([numpy.bincount(vote).argmax() for vote in votes])
print("accuracy", (guess == test[:, 0]).mean())
"""
GEMM_SIDE = r"""
import time, numpy
a, b = numpy.ones((2000, 784), "float32"), numpy.ones((784, 6000), "float32")
a @ b
begin = time.time()
for _ in range(5): a @ b
print("rate", 5 * 2 * 2000 * 784 * 6000 / (time.time() - begin))
"""


def idx(folder, name, header):
    return np.frombuffer(gzip.open(folder / f"{name}-ubyte.gz").read(), np.uint8, offset=header)


def write_csv(path, labels, features, form="%.9g"):
    np.savetxt(path, np.c_[labels, features], delimiter=",", fmt=form)


def ours(trainer, folder, hyperparameters, channels):
    """Wall and CPU seconds of a job, its log, and the seconds of its search."""
    with tempfile.TemporaryDirectory(dir=folder) as base:
        write_job(Path(base), hyperparameters, channels)
        wall, cpu, log = timed([str(trainer), "train", "--base", base, "--algorithm", "knn"])
    return wall, cpu, log, float(re.search(r'"model.score.time":\{"count":1,"max":([0-9.e+-]+)', log)[1]) / 1000


def figure(text, name):
    return float(re.search(rf"{name}[ =]\S*?([0-9.e+-]+)\s", text + "\n")[1])


def measure_speed(trainer, mnist, rounds, folder):
    files = {}
    for channel, name in (("train", "train"), ("test", "t10k")):
        features = idx(mnist, f"{name}-images-idx3", 16).reshape(-1, 784)
        files[channel] = folder / f"{channel}.csv"
        write_csv(files[channel], idx(mnist, f"{name}-labels-idx1", 8), features, "%d")
    settings = {"predictor_type": "classifier", "k": K, "sample_size": 60_000, "feature_dim": 784}
    paths = [str(files["train"]), str(files["test"]), str(K)]
    best = {}

    def keep(name, *values):
        best[name] = [min(pair) for pair in zip(best.get(name, [float("inf")] * len(values)), values)]

    for _ in range(rounds):
        wall, cpu, log, search = ours(trainer, folder, settings, files)
        keep("ours", wall, cpu, search)
        wall, cpu, faiss = timed([sys.executable, "-c", FAISS_SIDE, *paths])
        keep("FAISS", wall, cpu, figure(faiss, "search"))
        wall, cpu, sklearn = timed([sys.executable, "-c", SKLEARN_SIDE, *paths])
        keep("scikit-learn", wall, cpu)
        keep("product", 1 / figure(timed([sys.executable, "-c", GEMM_SIDE])[2], "rate"))
    limit = 2 * 784 * 60_000 * 10_000 * best["product"][0]
    print(f"## k-NN: MNIST 60,000 x 784, 10,000 queries, k = {K}, from CSV, 2 threads\n")
    print("| what | us | peer | ratio | by CPU time | demanded |\n| --- | --- | --- | --- | --- | --- |")
    for peer, demanded in (("scikit-learn", "at least 5"), ("FAISS", "at least 1")):
        (us, us_cpu), (them, them_cpu) = best["ours"][:2], best[peer][:2]
        print(f"| end to end, instead of {peer} | {us:.2f} s | {them:.2f} s | {them / us:.1f} | {them_cpu / us_cpu:.1f} | {demanded} |")
    us, them = best["ours"][2], best["FAISS"][2]
    print(f"| search alone, instead of FAISS | {us:.2f} s | {them:.2f} s | {them / us:.1f} | | at least 1 |")
    print(f"| search alone, against the product of all pairs | {us:.2f} s | {limit:.2f} s at {1e-9 / best['product'][0]:.0f} GFLOP/s "
          f"| {limit / us:.1f} | | limit |")
    accuracy = [figure(text, name) for text, name in ((log, "test accuracy <score>"), (faiss, "accuracy"), (sklearn, "accuracy"))]
    print("\nAccuracy: us {:.4f}, FAISS {:.4f}, scikit-learn {:.4f}".format(*accuracy))
    print(f"\n{time.strftime('%Y-%m-%d', time.gmtime())}, {load()}")


def prepare_covtype(folder):
    table = pandas.read_csv(folder / "covtype-20k.csv.gz", header=None)
    if not str(table.iloc[0, 0]).lstrip("-").replace(".", "").isdigit():
        table = table.iloc[1:]
    table = table.astype(float)
    label = table.pop(table.columns[-1])
    return table, label, "classifier"


def prepare_letter(folder):
    table = pandas.read_csv(folder / "letter.csv.gz")
    label = table.pop("letter").map(lambda letter: ord(letter) - ord("A"))
    return table, label, "classifier"


def prepare_abalone(folder):
    table = pandas.read_csv(folder / "abalone.csv.gz", header=None)
    label = table.pop(8)
    table.columns = [f"c{i}" for i in range(8)]
    return pandas.get_dummies(table, dtype=float), label, "regressor"


def measure_quality(trainer, tables, folder):
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
    print("## k-NN: quality, 90/10 split, raw features\n\n| table | k | index | us | scikit-learn | difference |\n| --- | --- | --- | --- | --- | --- |")
    for prepare in (prepare_covtype, prepare_letter, prepare_abalone):
        x, y, kind = prepare(tables)
        x, y = x.to_numpy(dtype="float32"), y.to_numpy(dtype="float32")
        order = np.random.default_rng(7).permutation(len(y))
        train, test = np.split(order, [len(y) * 9 // 10])
        channels = {}
        for name, part in (("train", train), ("test", test)):
            channels[name] = folder / f"{name}.csv"
            write_csv(channels[name], y[part], x[part])
        for k in (1, 10, 100):
            peer = (KNeighborsClassifier if kind == "classifier" else KNeighborsRegressor)(k, algorithm="brute").fit(x[train], y[train])
            guess = peer.predict(x[test])
            theirs = (guess == y[test]).mean() if kind == "classifier" else ((guess - y[test]) ** 2).mean()
            metric = "test accuracy <score>" if kind == "classifier" else "test mse <loss>"
            for index, more in (("faiss.Flat", {}), ("faiss.IVFFlat", {}), ("faiss.IVFPQ", {"faiss_index_pq_m": 8}),
                                ("sign", {"dimension_reduction_type": "sign", "dimension_reduction_target": x.shape[1] // 2}),
                                ("fjlt", {"dimension_reduction_type": "fjlt", "dimension_reduction_target": x.shape[1] // 2})):
                settings = {"predictor_type": kind, "k": k, "sample_size": len(train), **more}
                if index.startswith("faiss"):
                    settings["index_type"] = index
                log = ours(trainer, folder, settings, channels)[2]
                us = figure(log, metric)
                print(f"| {prepare.__name__.removeprefix('prepare_')} | {k} | {index} | {us:.4f} | {theirs:.4f} | {us - theirs:+.4f} |", flush=True)
    print(f"\n{time.strftime('%Y-%m-%d', time.gmtime())}, {load()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trainer", type=Path, default=ROOT / "build/release/bin/millrace-trainer")
    parser.add_argument("--mnist", type=Path, help="measure speed on the IDX files in this folder")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tables", type=Path, help="measure quality on the tables in this folder")
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "2"
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        if options.tables:
            measure_quality(options.trainer, options.tables, Path(folder))
        if options.mnist:
            measure_speed(options.trainer, options.mnist, options.rounds, Path(folder))


if __name__ == "__main__":
    main()
