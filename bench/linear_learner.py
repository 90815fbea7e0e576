#!/usr/bin/env python3
"""Linear learner: speed and quality beside scikit-learn.

    bench/linear_learner.py --rows 2000000                   # speed: records/s from a CSV file on disk to a saved model
    bench/linear_learner.py --tables DIR                     # quality on public tables (see prepare_* for what each is)

Speed: rows x 100 features, one epoch, one model and the default 32, against pandas.read_csv and one epoch of
SGDRegressor or SGDClassifier. Both sides start as a process of their own. Rounds are interleaved, since the machine may be
shared, and CPU seconds are given too, which other work disturbs least.

Quality: each table is shuffled and divided 60/20/20. The trainer gets the first two parts as train and validation,
scikit-learn both to fit on; the last part measures both. scikit-learn's figure is the best of its linear models of the kind.
"""

import argparse
import io
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
FEATURES = 100
BLOCK_ROWS = 20_000
SKLEARN_SIDE = r"""
import sys
import pandas
from sklearn.linear_model import SGDClassifier, SGDRegressor
table = pandas.read_csv(sys.argv[1], header=None).to_numpy()
if sys.argv[2] == "regressor":
    SGDRegressor(max_iter=1, tol=None).fit(table[:, 1:], table[:, 0])
else:
    SGDClassifier(loss="log_loss", max_iter=1, tol=None, n_jobs=2).fit(table[:, 1:], table[:, 0])
"""


def write_big(path, rows, kind):
    random = np.random.default_rng(0)
    features = random.normal(size=(BLOCK_ROWS, FEATURES))
    score = features @ random.normal(size=FEATURES) + random.normal(size=BLOCK_ROWS)
    block = io.BytesIO()
    np.savetxt(block, np.c_[score if kind == "regressor" else score > 0, features], delimiter=",", fmt="%.6g")
    with open(path, "wb") as file:
        for _ in range(rows // BLOCK_ROWS):
            file.write(block.getvalue())


def measure_speed(trainer, rows, rounds, folder):
    print(f"## Linear learner: {rows:,} x {FEATURES} from CSV, one epoch, 2 threads\n")
    print("| what | us | scikit-learn | ratio | by CPU time | demanded |\n| --- | --- | --- | --- | --- | --- |")
    for kind in ("regressor", "binary_classifier"):
        path = folder / f"{kind}.csv"
        write_big(path, rows, kind)
        sides = {"sklearn": lambda: timed([sys.executable, "-c", SKLEARN_SIDE, str(path), kind])}
        for models in (1, 32):
            def ours(models=models):
                with tempfile.TemporaryDirectory(dir=folder) as base:
                    write_job(Path(base), {"predictor_type": kind, "epochs": 1, "num_models": models}, {"train": path})
                    return timed([str(trainer), "train", "--base", base, "--algorithm", "linear-learner"])
            sides[models] = ours
        best = {side: [float("inf"), float("inf")] for side in sides}
        for _ in range(rounds):
            for side, run in sides.items():
                wall, cpu, _ = run()
                best[side] = [min(best[side][0], wall), min(best[side][1], cpu)]
        for models, demanded in ((1, 10), (32, 5)):
            (wall, cpu), (their_wall, their_cpu) = best[models], best["sklearn"]
            print(f"| {kind}, {models} model{'s' if models > 1 else ''} | {rows / wall:,.0f} records/s | {rows / their_wall:,.0f} "
                  f"(one model) | {their_wall / wall:.1f} | {their_cpu / cpu:.1f} | at least {demanded} |", flush=True)
        path.unlink()
    print(f"\n{time.strftime('%Y-%m-%d', time.gmtime())}, {load()}")


def one_hot(table):
    """Text columns become a column of 0 and 1 for each of their values."""
    return pandas.get_dummies(table, dtype=float)


def prepare_skin(folder):
    """Skin or not, from three colours; the table is sorted by class."""
    table = pandas.read_csv(folder / "skin-segmentation.tsv.gz", sep="\t", header=None)
    return table.iloc[:, :3], (table[3] == 1).astype(int), "binary_classifier", {}


def prepare_adult(folder):
    """Income above 50K; text columns one-hot, a missing value being a value."""
    table = pandas.read_csv(folder / "adult-train.csv.gz")
    label = table.pop("income").str.contains(">50K").astype(int)
    return one_hot(table), label, "binary_classifier", {"epochs": 40, "mini_batch_size": 500, "early_stopping_patience": 10}


def prepare_letter(folder):
    table = pandas.read_csv(folder / "letter.csv.gz")
    label = table.pop("letter").map(lambda letter: ord(letter) - ord("A"))
    return table, label, "multiclass_classifier", {"num_classes": 26, "epochs": 100, "mini_batch_size": 200, "early_stopping_patience": 10}


def prepare_abalone(folder):
    """Rings, from size and weight; the sex is one-hot."""
    table = pandas.read_csv(folder / "abalone.csv.gz", header=None)
    label = table.pop(8)
    table.columns = [f"c{i}" for i in range(8)]
    return one_hot(table), label, "regressor", {"mini_batch_size": 100, "epochs": 300, "early_stopping_patience": 50}


def prepare_housing(folder):
    """House value; missing bedrooms become the median, the distance to the ocean is one-hot."""
    table = pandas.read_csv(folder / "california-housing.csv.gz")
    table["total_bedrooms"] = table["total_bedrooms"].fillna(table["total_bedrooms"].median())
    label = table.pop("median_house_value")
    return one_hot(table), label, "regressor", {"mini_batch_size": 200, "epochs": 100, "early_stopping_patience": 10}


def sklearn_best(kind, x, y, test_x, test_y):
    from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, SGDClassifier, SGDRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import LinearSVC
    if kind == "regressor":
        models = [LinearRegression(), Ridge(), SGDRegressor(random_state=0)]
    else:
        models = [LogisticRegression(max_iter=1000), SGDClassifier(loss="log_loss", random_state=0), LinearSVC(dual=False)]
    figures = {}
    for model in models:
        guess = make_pipeline(StandardScaler(), model).fit(x, y).predict(test_x)
        figures[type(model).__name__] = ((guess - test_y) ** 2).mean() if kind == "regressor" else (guess == test_y).mean()
    best = (min if kind == "regressor" else max)(figures, key=figures.get)
    return best, figures[best]


def measure_quality(trainer, tables, folder):
    print("## Linear learner: quality\n\n| table | us | scikit-learn's best | difference | demanded |\n| --- | --- | --- | --- | --- |")
    for prepare in (prepare_skin, prepare_adult, prepare_letter, prepare_abalone, prepare_housing):
        x, y, kind, settings = prepare(tables)
        x, y = x.to_numpy(dtype="float64"), y.to_numpy(dtype="float64")
        order = np.random.default_rng(7).permutation(len(y))
        train, held, test = np.split(order, [len(y) * 6 // 10, len(y) * 8 // 10])
        channels = {}
        for name, part in (("train", train), ("validation", held), ("test", test)):
            channels[name] = folder / f"{name}.csv"
            channels[name].unlink(missing_ok=True)
            np.savetxt(channels[name], np.c_[y[part], x[part]], delimiter=",", fmt="%.9g")
        with tempfile.TemporaryDirectory(dir=folder) as base:
            write_job(Path(base), {"predictor_type": kind, **settings}, channels)
            wall, _, log = timed([str(trainer), "train", "--base", base, "--algorithm", "linear-learner"])
        metric = {"regressor": "mse", "binary_classifier": "binary_classification_accuracy", "multiclass_classifier": "multiclass_accuracy"}[kind]
        ours = float(re.search(rf"#quality_metric: \S+ test {metric} <\w+>=(\S+)", log)[1])
        both = np.r_[train, held]
        model, theirs = sklearn_best(kind, x[both], y[both], x[test], y[test])
        name = prepare.__name__.removeprefix("prepare_")
        if kind == "regressor":
            row = f"MSE {ours:.6g} | {theirs:.6g} ({model}) | {100 * (ours / theirs - 1):+.2f} % | at most +2 %"
        else:
            row = f"{100 * ours:.2f} % | {100 * theirs:.2f} % ({model}) | {100 * (ours - theirs):+.2f} points | at least -0.5 points"
        print(f"| {name} | {row} |", flush=True)
    print(f"\n{time.strftime('%Y-%m-%d', time.gmtime())}, {load()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trainer", type=Path, default=ROOT / "build/release/bin/millrace-trainer")
    parser.add_argument("--rows", type=int, help="measure speed on so many rows")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tables", type=Path, help="measure quality on the tables in this folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        if options.tables:
            measure_quality(options.trainer, options.tables, Path(folder))
        if options.rows:
            measure_speed(options.trainer, options.rows, options.rounds, Path(folder))


if __name__ == "__main__":
    main()
