#!/usr/bin/env python3
"""Random cut forest: speed and detection beside scikit-learn's IsolationForest.

    bench/random_cut_forest.py --data DIR      # DIR/tabular/kddcup99-10percent.csv.xz and DIR/nab/nab.tar.xz

Both sides start as processes of their own, read the same CSV file of features, grow 100 trees of 256 rows, save the model and
score all rows into a file, on 2 threads: ours `millrace-trainer train` and `score`, theirs pandas.read_csv, fit, score_samples,
joblib.dump and numpy.save. Rounds are interleaved, since the machine may be shared, and CPU seconds are given too, which other
work disturbs least.

KDD99 10 %: 494,021 x 41, text columns as numbers of their values in order of appearance. NYC taxi: the half-hourly counts in
shingles of 48, a day, as in the public notebooks of SageMaker's algorithm, and without their weekly rhythm in shingles of 8, as
examples/nyc_taxi does it. Detection: which of the five labelled windows of the taxi series hold a row above mean + 3 standard
deviations, the share of such rows that lies within the windows, and how many stretches of such rows lie elsewhere. (Four rows in
five of KDD99 are attacks: no anomalies.)
"""

import argparse
import datetime
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas

from machine import load, timed
from trainer_job import write_job

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "examples/nyc_taxi"))
import detect

RHYTHM_FREE = 8  # rows of a shingle
TREES, SAMPLES, DEMANDED = 100, 256, 3
# Counted once with a forest of these settings: per visit of a row to a tree, cuts on the way down and boxes (with the leaf's) that
# the row is compared with on the way up. A comparison is 5 operations in each of 48 lanes.
CUTS, BOXES, OPERATIONS = {"KDD99 10 %": 12.0, "NYC taxi": 7.6}, {"KDD99 10 %": 3.6, "NYC taxi": 8.2}, 5 * 48
SKLEARN_SIDE = r"""
import sys
import joblib
import numpy
import pandas
from sklearn.ensemble import IsolationForest
table, model, scores, trees, samples = sys.argv[1:]
rows = pandas.read_csv(table, header=None).to_numpy()
forest = IsolationForest(n_estimators=int(trees), max_samples=int(samples), n_jobs=2, random_state=0).fit(rows)
joblib.dump(forest, model)
numpy.save(scores, -forest.score_samples(rows))
"""


def prepare_kdd(data, table):
    """Writes the rows without their label."""
    rows = pandas.read_csv(data / "tabular/kddcup99-10percent.csv.xz", header=None, usecols=range(41))
    for column in (1, 2, 3):
        rows[column] = pandas.factorize(rows[column])[0]
    rows.to_csv(table, header=False, index=False)
    return rows.shape, None


def prepare_taxi(data, table, folder, shingle):
    """Writes the shingles; answers the labelled windows as pairs of rows of the series."""
    subprocess.run(["tar", "-C", folder, "-xJf", data / "nab/nab.tar.xz"], check=True)
    path = folder / "data/realKnownCause/nyc_taxi.csv"
    series = pandas.read_csv(path)
    values = series.value.to_numpy()
    if shingle == RHYTHM_FREE:
        values = np.array(detect.without_rhythm(*detect.read_series(path, datetime.timedelta(minutes=30))))
    np.savetxt(table, np.lib.stride_tricks.sliding_window_view(values, shingle), delimiter=",", fmt="%g")
    labels = json.loads((folder / "labels/combined_windows.json").read_text())["realKnownCause/nyc_taxi.csv"]
    at = {stamp: i for i, stamp in enumerate(series.timestamp)}
    return (len(values) - shingle + 1, shingle), [(at[begin[:19]], at[end[:19]]) for begin, end in labels]


def windows_found(windows, scores, shingle):
    called = np.flatnonzero(scores > scores.mean() + 3 * scores.std())
    inside = [(called <= end) & (called + shingle > begin) for begin, end in windows]
    outside = called[~np.any(inside, axis=0)]
    stretches = 1 + int((np.diff(outside) > 48).sum()) if len(outside) else 0
    return (f"{sum(part.any() for part in inside)} of {len(windows)}, {100 * np.any(inside, axis=0).mean():.0f} % within, "
            f"{stretches} elsewhere")


def ours(trainer, table, columns, folder):
    base = Path(tempfile.mkdtemp(dir=folder))
    write_job(base, {"feature_dim": columns, "num_trees": TREES, "num_samples_per_tree": SAMPLES}, {"train": table})
    scores = base / "scores.csv"
    fit = timed([str(trainer), "train", "--base", str(base), "--algorithm", "randomcutforest"])
    score = timed([str(trainer), "score", "--model", str(base / "model"), "--input", str(table), "--accept", "text/csv",
                   "--output", str(scores)])
    return fit[0] + score[0], fit[1] + score[1], lambda: np.loadtxt(scores)


def theirs(table, folder):
    scores = folder / "scores.npy"
    wall, cpu, _ = timed([sys.executable, "-c", SKLEARN_SIDE, str(table), str(folder / "model.joblib"), str(scores),
                          str(TREES), str(SAMPLES)])
    return wall, cpu, lambda: np.load(scores)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trainer", type=Path, default=ROOT / "build/release/bin/millrace-trainer")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(f"## Random cut forest: {TREES} trees of {SAMPLES} rows, from a CSV file to a saved model and all scores, 2 threads\n")
    print("| data | us | IsolationForest | ratio | by CPU time | demanded | detection, us | IsolationForest |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    limits = []
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as name:
        folder = Path(name)
        table = folder / "rows.csv"
        for data in ("KDD99 10 %", "NYC taxi", "NYC taxi without its rhythm"):
            if data.startswith("KDD"):
                shape, truth = prepare_kdd(options.data, table)
            else:
                shape, truth = prepare_taxi(options.data, table, folder, 48 if data == "NYC taxi" else RHYTHM_FREE)
            sides = {"us": lambda: ours(options.trainer, table, shape[1], folder), "them": lambda: theirs(table, folder)}
            best = {side: [float("inf"), float("inf"), None] for side in sides}
            for _ in range(options.rounds):
                for side, run in sides.items():
                    wall, cpu, read_scores = run()
                    best[side] = [min(best[side][0], wall), min(best[side][1], cpu), read_scores]
            detection = {side: windows_found(truth, read(), shape[1]) if truth else ""
                         for side, (_, _, read) in best.items()}
            us, them = best["us"], best["them"]
            print(f"| {data}, {shape[0]:,} x {shape[1]} | {us[0]:.2f} s | {them[0]:.2f} s | {them[0] / us[0]:.1f} | "
                  f"{them[1] / us[1]:.1f} | at least {DEMANDED} | {detection['us']} | {detection['them']} |", flush=True)
            visits = shape[0] * TREES
            if data in CUTS:
                limits.append(f"{data}: {table.stat().st_size / 1e6:.0f} MB to parse twice, {visits * CUTS[data] / 1e6:,.0f} million cuts, "
                              f"{visits * BOXES[data] * OPERATIONS / 1e9:.1f} G operations on boxes")
            table.unlink()
    print("\nWork that no layout of these trees saves. " + ". ".join(limits) + ".")
    print(f"\n{time.strftime('%Y-%m-%d', time.gmtime())}, {load()}")


if __name__ == "__main__":
    main()
