#!/usr/bin/env python3
"""Ten classes of Caltech-101 from image files and lists: ResNet-18 at 64x64 from scratch, and fine-tuned from a model of CIFAR-10.

    bench/caltech101.py --data ../shared/data

40 images a class to learn from and 15 to be judged by. Runs are whole jobs of millrace-trainer. The accuracy of a run is that of
its last epoch, the mean of the seeds' runs: with 150 images one more or less right is 0.7 points.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import tarfile
import tempfile
from pathlib import Path

import cifar10
from machine import load

EDGE, RESIZED, BATCH, CLASSES = 64, 72, 25, 10  # 25 divides both 400 and 150, so that every image counts


def hyperparameters(samples, epochs, rate, steps, seed=0):
    return {"num_layers": 18, "image_shape": f"3,{EDGE},{EDGE}", "resize": RESIZED, "num_classes": CLASSES,
            "num_training_samples": samples, "mini_batch_size": BATCH, "augmentation_type": "crop", "epochs": epochs,
            "learning_rate": rate, "lr_scheduler_step": steps, "weight_decay": 0.0005, "seed": seed}


def run(trainer, folder):
    """The validation accuracy of each epoch."""
    done = subprocess.run([trainer, "train", "--base", folder, "--algorithm", "image-classification"],
                          capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"the trainer failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return [float(value) for value in re.findall(r"Validation-accuracy=([\d.]+)", done.stdout)]


def write_list_job(folder, caltech, lists, settings, model=None):
    """A job of four channels, image files beside their lists, and a model to go on from."""
    (folder / "input/config").mkdir(parents=True)
    image = {"TrainingInputMode": "File", "ContentType": "application/x-image"}
    config = {name: image for name in ("train", "validation", "train_lst", "validation_lst")}
    for channel, part in (("train", "train"), ("validation", "val")):
        (folder / "input/data" / f"{channel}_lst").mkdir(parents=True)
        (folder / "input/data" / channel).symlink_to(caltech / part)
        shutil.copy(lists / f"{part}.lst", folder / "input/data" / f"{channel}_lst" / f"{channel}.lst")
    if model:
        config["model"] = {"TrainingInputMode": "File", "ContentType": "application/x-sagemaker-model"}
        (folder / "input/data/model").mkdir()
        subprocess.run(["tar", "-C", model, "-czf", folder / "input/data/model/model.tar.gz", "."], check=True)
    (folder / "input/config/hyperparameters.json").write_text(json.dumps({k: str(v) for k, v in settings.items()}))
    (folder / "input/config/inputdataconfig.json").write_text(json.dumps(config))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds caltech101/ and cifar10/")
    parser.add_argument("--trainer", default="build/release/bin/millrace-trainer")
    parser.add_argument("--cifar-images", type=int, default=20_000)
    parser.add_argument("--cifar-epochs", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--runs", type=int, default=3, help="of each kind")
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    with tempfile.TemporaryDirectory(prefix="millrace-bench-") as name:
        folder = Path(name)
        with tarfile.open(options.data / "caltech101/caltech101-10.tar") as archive:
            archive.extractall(folder / "caltech")
        count, epochs = options.cifar_images, options.cifar_epochs
        cifar10.write_job(folder / "cifar", {"train": cifar10.train_set(options.data / "cifar10", count),
                                             "validation": cifar10.validation_set(options.data / "cifar10", 2000)},
                          hyperparameters(count, epochs, 0.02, f"{epochs * 5 // 8},{epochs * 7 // 8}"))
        base = run(options.trainer, folder / "cifar")
        print(f"CIFAR-10 at {EDGE}x{EDGE}, {count} images, {epochs} epochs: validation accuracy {base[-1]:.3f}", flush=True)
        found = {"from scratch": [], "from the CIFAR-10 model": []}
        for number in range(options.runs):
            for kind, model in (("from scratch", None), ("from the CIFAR-10 model", folder / "cifar/model")):
                job = folder / f"{number}-{'onward' if model else 'scratch'}"
                settings = hyperparameters(400, options.epochs, 0.02, f"{options.epochs * 5 // 8},{options.epochs * 7 // 8}", number)
                write_list_job(job, folder / "caltech", options.data / "caltech101", settings, model)
                found[kind].append(run(options.trainer, job)[-1])
                print(f"run {number + 1} {kind}: {found[kind][-1]:.3f}", flush=True)
    scratch, onward = (statistics.mean(values) for values in found.values())
    print(f"\n| Caltech-101, ten classes, ResNet-18 at {EDGE}x{EDGE} | validation accuracy, mean of {options.runs} | demanded |\n"
          f"| --- | --- | --- |\n| from scratch | {scratch:.3f} | over 0.60 |\n"
          f"| from the CIFAR-10 model | {onward:.3f} (+{(onward - scratch) * 100:.1f} points) | at least 5 points more |\n\n{load()}")


if __name__ == "__main__":
    main()
