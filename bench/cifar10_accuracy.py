#!/usr/bin/env python3
"""How well image-classification learns CIFAR-10: ResNet-20, random 28x28 crops and mirroring, and the same recipe in PyTorch.

    bench/cifar10_accuracy.py --data ../shared/data/cifar10 --output /tmp/cifar10
    bench/cifar10_accuracy.py --data ../shared/data/cifar10 --side torch --epochs 20 --steps 12,17

A run of the trainer goes on from its checkpoint when it is called again with the same --output. Validation is the shared half
of the test set (5,000 images, centre crops). bench/cifar10-resnet20.log is the log of a whole run.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy

import cifar10
from machine import load

CROP, BATCH, CLASSES = 28, 128, 10
MEAN = (123.68, 116.779, 103.939)


def hyperparameters(options, samples):
    return {"num_layers": 20, "image_shape": f"3,{CROP},{CROP}", "num_classes": CLASSES, "num_training_samples": samples,
            "mini_batch_size": BATCH, "augmentation_type": "crop", "epochs": options.epochs, "optimizer": "nag",
            "learning_rate": options.rate, "momentum": 0.9, "weight_decay": options.decay,
            "lr_scheduler_step": options.steps, "lr_scheduler_factor": options.factor}


def train_millrace(options, train, validation):
    folder = options.output
    if not (folder / "input").exists():
        cifar10.write_job(folder, {"train": train, "validation": validation}, hyperparameters(options, len(train[0])))
        (folder / "checkpoints").mkdir()
    with subprocess.Popen([options.trainer, "train", "--base", folder, "--algorithm", "image-classification"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as job, open(folder / "training.log", "a") as log:
        for line in job.stdout:
            log.write(line)
            log.flush()
            if "Validation-accuracy" in line:
                print(line.rstrip(), flush=True)
    if job.returncode:
        sys.exit(f"the trainer failed; see {folder / 'training.log'}")


def train_torch(options, train, validation):
    import torch
    from torch.nn import functional as F

    import torch_resnet

    torch.manual_seed(1)
    net = torch_resnet.network(20, CROP, CLASSES).to(memory_format=torch.channels_last)
    torch_resnet.initialise(net)
    trained = [(name, value) for name, value in net.named_parameters() if value.requires_grad]
    # Weights and gammas decay, betas and biases do not, as in MXNet.
    optimizer = torch.optim.SGD([{"params": [v for n, v in trained if n.endswith("weight")], "weight_decay": options.decay},
                                 {"params": [v for n, v in trained if not n.endswith("weight")], "weight_decay": 0}],
                                lr=options.rate, momentum=0.9, nesterov=True)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [int(step) for step in options.steps.split(",")], options.factor)
    mean = torch.tensor(MEAN).view(3, 1, 1)

    def batch(pixels, chosen, offsets, mirrored):
        crops = numpy.stack([pixels[i, y:y + CROP, x:x + CROP][:, ::-1 if flip else 1] for i, (y, x), flip in zip(chosen, offsets, mirrored)])
        return (torch.from_numpy(crops).permute(0, 3, 1, 2).float() - mean).contiguous(memory_format=torch.channels_last)

    centre = (cifar10.EDGE - CROP) // 2
    source = random.Random(1)
    for epoch in range(options.epochs):
        begin, right = time.time(), 0
        net.train()
        order = source.sample(range(len(train[0])), len(train[0]))
        for at in range(0, len(order) - BATCH + 1, BATCH):
            chosen = order[at:at + BATCH]
            pixels = batch(train[1], chosen, [(source.randint(0, 2 * centre), source.randint(0, 2 * centre)) for _ in chosen],
                           [source.random() < 0.5 for _ in chosen])
            labels = torch.from_numpy(train[0][chosen].astype(numpy.int64))
            optimizer.zero_grad(set_to_none=True)
            answers = net(pixels)
            F.cross_entropy(answers, labels).backward()
            optimizer.step()
            right += int((answers.argmax(1) == labels).sum())
        schedule.step()
        seconds = time.time() - begin
        net.eval()
        found, count = 0, len(validation[0]) // BATCH * BATCH  # whole batches, as the trainer counts
        with torch.no_grad():
            for at in range(0, count, BATCH):
                chosen = range(at, at + BATCH)
                answers = net(batch(validation[1], chosen, [(centre, centre)] * BATCH, [False] * BATCH))
                found += int((answers.argmax(1).numpy() == validation[0][at:at + BATCH]).sum())
        print(f"Epoch[{epoch}] Time cost={seconds:.1f} Train-accuracy={right / (len(order) // BATCH * BATCH):.6f} "
              f"Validation-accuracy={found / count:.6f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with CIFAR-10 as sheets of tiles")
    parser.add_argument("--side", choices=["millrace", "torch"], default="millrace")
    parser.add_argument("--trainer", default="build/release/bin/millrace-trainer")
    parser.add_argument("--output", type=Path, help="folder for the job, its checkpoints and log (millrace)")
    parser.add_argument("--images", type=int, default=50_000)
    parser.add_argument("--epochs", type=int, default=70)
    parser.add_argument("--rate", type=float, default=0.1)
    parser.add_argument("--decay", type=float, default=0.0005)
    parser.add_argument("--steps", default="30,50,62")
    parser.add_argument("--factor", type=float, default=0.2)
    options = parser.parse_args()
    if options.side == "millrace" and not options.output:
        parser.error("--output is needed to keep the job's folder in")
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    train, validation = cifar10.train_set(options.data, options.images), cifar10.validation_set(options.data, 5000)
    (train_millrace if options.side == "millrace" else train_torch)(options, train, validation)
    print(load())


if __name__ == "__main__":
    main()
