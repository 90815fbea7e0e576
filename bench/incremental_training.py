#!/usr/bin/env python3
"""What a model to start from is worth: epochs and seconds to an accuracy, from scratch and from an earlier model.

    bench/incremental_training.py --data ../shared/data/cifar10
    bench/incremental_training.py --data ../shared/data/cifar10 --images 400 --epochs 2 --accuracies 0.1 0.2   # a try

The earlier model has learned from the first half of the CIFAR-10 images that are used, the two jobs compared learn from all of
them: the data set has grown by new examples. Both have the same network (ResNet-20), schedule and validation images, and are
whole runs of millrace-trainer; the seconds are those of its epochs.
"""

import argparse
import re
import subprocess
import tempfile
from pathlib import Path

import cifar10
from machine import load

CROP, BATCH = 28, 128


def train(trainer, folder, channels, epochs, rate, model=None):
    """Runs one job in `folder`; (seconds, validation accuracy) of each epoch."""
    cifar10.write_job(folder, channels, {"num_layers": 20, "image_shape": f"3,{CROP},{CROP}", "num_classes": 10, "epochs": epochs,
                                         "num_training_samples": len(channels["train"][0]), "mini_batch_size": BATCH,
                                         "learning_rate": rate, "augmentation_type": "crop"}, model)
    done = subprocess.run([trainer, "train", "--base", folder, "--algorithm", "image-classification"],
                          capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"the trainer failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    seconds = [float(value) for value in re.findall(r"Epoch\[\d+\] Time cost=([\d.]+)", done.stdout)]
    accuracies = [float(value) for value in re.findall(r"Epoch\[\d+\] Validation-accuracy=([\d.]+)", done.stdout)]
    return list(zip(seconds, accuracies))


def reached(run, accuracy):
    """Epochs and seconds until the accuracy; None where it is not reached."""
    for number, (_, found) in enumerate(run, 1):
        if found >= accuracy:
            return number, sum(seconds for seconds, _ in run[:number])
    return None


def cell(found):
    return f"{found[0]} epochs, {found[1]:.0f} s" if found else "not reached"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with CIFAR-10 as sheets of tiles")
    parser.add_argument("--trainer", default="build/release/bin/millrace-trainer")
    parser.add_argument("--images", type=int, default=10_000, help="of the grown data set; the earlier model had half")
    parser.add_argument("--epochs", type=int, default=6, help="of each of the three jobs")
    parser.add_argument("--accuracies", type=float, nargs="+", default=[0.4, 0.5, 0.55, 0.6])
    arguments = parser.parse_args()
    grown = cifar10.train_set(arguments.data, arguments.images)
    validation = cifar10.validation_set(arguments.data, min(2000, arguments.images))
    half = arguments.images // 2
    with tempfile.TemporaryDirectory(prefix="millrace-bench-") as name:
        folder = Path(name)
        earlier = train(arguments.trainer, folder / "earlier",
                        {"train": tuple(part[:half] for part in grown), "validation": validation}, arguments.epochs, 0.1)
        channels = {"train": grown, "validation": validation}
        scratch = train(arguments.trainer, folder / "scratch", channels, arguments.epochs, 0.1)
        onward = train(arguments.trainer, folder / "onward", channels, arguments.epochs, 0.1, folder / "earlier/model")
    print(f"\n## Incremental training: CIFAR-10, {arguments.images} images, from a model of the first {half}\n")
    print(f"The earlier model: {max(found for _, found in earlier):.3f} after {len(earlier)} epochs.\n")
    print("| validation accuracy | from scratch | from the model | epochs saved |\n| --- | --- | --- | --- |")
    for accuracy in arguments.accuracies:
        a, b = reached(scratch, accuracy), reached(onward, accuracy)
        saved = f"{a[0] - b[0]}" if a and b else "-"
        print(f"| {accuracy:.2f} | {cell(a)} | {cell(b)} | {saved} |")
    best = [max(found for _, found in run) for run in (scratch, onward)]
    print(f"| best of {arguments.epochs} epochs | {best[0]:.3f} | {best[1]:.3f} | |\n\n{load()}")


if __name__ == "__main__":
    main()
