#!/usr/bin/env python3
"""Neural topic model: topics of 20 Newsgroups and the time to them, beside scikit-learn's online LDA.

    bench/ntm.py --bow DIR        # a folder with docword.20ng-train.txt.gz and vocab.20ng.txt (UCI bag-of-words form)

The documents are shuffled; four in five are trained on, the rest is held out. Both sides start as a process of their own and
go from the same CSV file of counts to a saved model. NPMI is computed here, by one function for both: over the held-out
documents, of the ten strongest words of each topic, the mean over pairs and topics; a pair that never meets counts -1.
Perplexity is each side's own bound on the held-out documents. Rounds are interleaved.
"""

import argparse
import gzip
import itertools
import json
import re
import struct
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np

from machine import load, timed
from trainer_job import write_job

ROOT = Path(__file__).resolve().parents[1]
TOPICS = 20
WORDS_OF_TOPIC = 10
LDA_SIDE = r"""
import sys
import joblib, pandas
from sklearn.decomposition import LatentDirichletAllocation
counts = pandas.read_csv(sys.argv[1], header=None, dtype="float32")
from scipy.sparse import csr_matrix
model = LatentDirichletAllocation(int(sys.argv[3]), learning_method="online", random_state=int(sys.argv[4]))
model.fit(csr_matrix(counts.to_numpy()))
joblib.dump(model, sys.argv[2])
"""


def read_bow(folder):
    with gzip.open(folder / "docword.20ng-train.txt.gz", "rt") as file:
        documents, words, _ = (int(file.readline()) for _ in range(3))
        entries = np.loadtxt(file, dtype=np.int64)
    counts = np.zeros((documents, words), np.int32)
    counts[entries[:, 0] - 1, entries[:, 1] - 1] = entries[:, 2]
    return counts[np.random.default_rng(0).permutation(documents)]


def write_counts(path, counts):
    with open(path, "w") as file:
        for row in counts:
            file.write(",".join(map(str, row)) + "\n")


def npmi(topics, reference):
    holds = reference > 0
    values = []
    for topic in topics:
        columns = holds[:, topic].astype(np.float64)
        both = columns.T @ columns / len(columns)
        values.append(np.mean([
            np.log(both[a, b] / (both[a, a] * both[b, b])) / -np.log(both[a, b]) if both[a, b] > 0 else -1
            for a, b in itertools.combinations(range(len(topic)), 2)]))
    return float(np.mean(values))


def uniqueness(topics):
    counts = np.bincount(np.concatenate(topics))
    return float(np.mean([np.mean(1 / counts[topic]) for topic in topics]))


def projection_weight(model):
    """arg:projection_weight, the first array of the model's NDArray list: [words, topics]."""
    data = zipfile.ZipFile(model).read("params")
    dimensions, = struct.unpack_from("<I", data, 32)
    shape = struct.unpack_from(f"<{dimensions}q", data, 36)
    begin = 36 + 8 * dimensions + 12
    return np.frombuffer(data, "<f4", int(np.prod(shape)), begin).reshape(shape)


def strongest(columns):
    return [np.argsort(-column, kind="stable")[:WORDS_OF_TOPIC] for column in columns]


def our_side(trainer, folder, settings, seed, words):
    with tempfile.TemporaryDirectory(dir=folder) as base:
        write_job(Path(base), {"feature_dim": words, "num_topics": TOPICS, "seed": seed, **settings},
                  {"train": folder / "train.csv", "test": folder / "held.csv"})
        wall, cpu, out = timed([str(trainer), "train", "--base", base, "--algorithm", "ntm"])
        weights = projection_weight(Path(base) / "model/model_algo-1")
    own = float(re.search(r"test npmi <score>=(\S+)", out)[1])
    perplexity = float(re.search(r"test perplexity <loss>=(\S+)", out)[1])
    epochs = len(re.findall(r"# Finished training epoch", out))
    return {"wall": wall, "cpu": cpu, "topics": strongest(weights.T), "perplexity": perplexity, "own npmi": own, "epochs": epochs}


def lda_side(folder, seed, held):
    import joblib
    path = folder / "lda.joblib"
    wall, cpu, _ = timed([sys.executable, "-c", LDA_SIDE, str(folder / "train.csv"), str(path), str(TOPICS), str(seed)])
    model = joblib.load(path)
    return {"wall": wall, "cpu": cpu, "topics": strongest(model.components_), "perplexity": model.perplexity(held)}


def print_limit(counts, epochs, wall):
    """The arithmetic that no implementation can leave out, against what a core can do."""
    documents, words = counts.shape
    stored = int((counts > 0).sum())
    hidden = 3 * TOPICS
    decoder = 3 * 2 * documents * words * TOPICS
    encoder = 2 * 2 * stored * hidden + 3 * 2 * documents * (hidden * 2 * TOPICS + 2 * TOPICS * 2 * TOPICS)
    print(f"\nAn epoch: {decoder / 1e9:.1f} Gflop of the decoder's three products (softmax over {words:,} words is dense), "
          f"{documents * words / 1e6:.0f} M exponentials, {encoder / 1e9:.2f} Gflop of the encoder, whose input is sparse "
          f"({stored / documents:.0f} words a document). {epochs} epochs in {wall:.1f} s: "
          f"{(decoder + encoder) * epochs / wall / 1e9:.1f} Gflop/s.")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--bow", type=Path, required=True)
    options.add_argument("--trainer", type=Path, default=ROOT / "build/release/bin/millrace-trainer")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--settings", default="{}", help="JSON: further hyperparameters of ours")
    arguments = options.parse_args()
    counts = read_bow(arguments.bow)
    cut = len(counts) * 8 // 10
    train, held = counts[:cut], counts[cut:]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_counts(folder / "train.csv", train)
        write_counts(folder / "held.csv", held)
        ours, theirs = [], []
        for seed in range(arguments.rounds):
            ours.append(our_side(arguments.trainer, folder, json.loads(arguments.settings), seed, counts.shape[1]))
            theirs.append(lda_side(folder, seed, held))
            for side, figures in (("us", ours[-1]), ("LDA", theirs[-1])):
                print(f"# seed {seed}, {side}: {figures['wall']:.1f} s, NPMI {npmi(figures['topics'], held):.4f}", file=sys.stderr)
    best = [min(run["wall"] for run in side) for side in (ours, theirs)]
    cpu = [min(run["cpu"] for run in side) for side in (ours, theirs)]
    quality = [np.mean([npmi(run["topics"], held) for run in side]) for side in (ours, theirs)]
    unique = [np.mean([uniqueness(run["topics"]) for run in side]) for side in (ours, theirs)]
    perplexity = [np.mean([run["perplexity"] for run in side]) for side in (ours, theirs)]
    print(f"## Neural topic model: 20 Newsgroups, {len(train):,} documents x {counts.shape[1]:,} words, {TOPICS} topics, "
          f"{len(held):,} held out\n")
    print("| what | us | scikit-learn's LDA, online | ratio | demanded |\n| --- | --- | --- | --- | --- |")
    print(f"| NPMI, mean of {arguments.rounds} seeds | {quality[0]:.4f} | {quality[1]:.4f} | {quality[0] / quality[1]:.2f} | above 1 |")
    print(f"| seconds from file to model | {best[0]:.1f} | {best[1]:.1f} | {best[1] / best[0]:.1f} | at least 1 |")
    print(f"| CPU seconds | {cpu[0]:.1f} | {cpu[1]:.1f} | {cpu[1] / cpu[0]:.1f} | |")
    print(f"| topic uniqueness | {unique[0]:.2f} | {unique[1]:.2f} | | |")
    print(f"| perplexity, each side's bound | {perplexity[0]:.0f} | {perplexity[1]:.0f} | | |")
    print_limit(train, ours[-1]["epochs"], best[0])
    print(f"\n{time.strftime('%Y-%m-%d', time.gmtime())}, {load()}")


if __name__ == "__main__":
    main()
