#!/usr/bin/env python3
"""Training speed of image-classification: a whole job of millrace-trainer against PyTorch with its DataLoader.

    bench/image_classification.py --trainer build/release/bin/millrace-trainer
    bench/image_classification.py --network resnet20 --rounds 5

Both train the same ResNet (v2) on the same image files, with the same batches, random crops, mirroring, SGD with momentum and
threads. The trainer reads them with a list file, as a job would. PyTorch reads them through torchvision and PIL, with as many
DataLoader workers as suit it best, with and without channels last; the best of all counts. Rates are of the second epoch, when
everything is warm; rounds of both sides are interleaved, and medians are given. What loading
costs PyTorch is told by the same network trained on one batch that lies ready in memory.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from machine import load

# Images are larger than what the network sees, so that there is something to crop.
NETWORKS = {
    "resnet20": {"layers": 20, "edge": 28, "image": 32, "batch": 128, "batches": 40, "format": "png", "demanded": 1.5},
    "resnet18": {"layers": 18, "edge": 32, "image": 36, "batch": 64, "batches": 10, "format": "png", "demanded": 1.2},
    "resnet50": {"layers": 50, "edge": 224, "image": 256, "batch": 16, "batches": 4, "format": "jpg", "demanded": 1.1},
}
CLASSES = 10

MAKE_IMAGES = r"""
import sys
from pathlib import Path
import numpy
from PIL import Image
folder, count, edge, suffix = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
source = numpy.random.default_rng(1)
with open(folder / "images.lst", "w") as lines:
    for i in range(count):
        # Photographs are smooth with some grain; noise alone would be slower to decode than any.
        coarse = Image.fromarray(source.integers(0, 255, (4, 4, 3), dtype=numpy.uint8)).resize((edge, edge), Image.BICUBIC)
        grain = source.normal(0, 6, (edge, edge, 3))
        Image.fromarray(numpy.clip(numpy.asarray(coarse) + grain, 0, 255).astype(numpy.uint8)).save(folder / f"{i}.{suffix}", quality=90)
        lines.write(f"{i}\t{i % 10}\t{i}.{suffix}\n")
"""

TORCH_SIDE = r"""
import sys, time
import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from PIL import Image

import torch_resnet

folder, layers, edge, batch, workers, order, loaded = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), \
    getattr(torch, sys.argv[6]), sys.argv[7] == "loaded"

class Images(Dataset):
    def __init__(self):
        self.lines = [line.rstrip("\n").split("\t") for line in open(folder + "/images.lst")]
        self.change = transforms.Compose([transforms.RandomCrop(edge), transforms.RandomHorizontalFlip(), transforms.PILToTensor(),
                                          transforms.ConvertImageDtype(torch.float),
                                          transforms.Normalize((0.485, 0.456, 0.406), (1 / 255, 1 / 255, 1 / 255))])
    def __len__(self):
        return len(self.lines)
    def __getitem__(self, i):
        with open(folder + "/" + self.lines[i][2], "rb") as file:
            return self.change(Image.open(file).convert("RGB")), int(float(self.lines[i][1]))

net = torch_resnet.network(layers, edge).to(memory_format=order)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
images = Images()
if loaded:
    loader = [next(iter(DataLoader(images, batch)))] * (len(images) // batch)
else:
    loader = DataLoader(images, batch, shuffle=True, num_workers=workers, drop_last=True, persistent_workers=workers > 0)
for epoch in range(2):
    begin = time.time()
    for pixels, labels in loader:
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(net(pixels.to(memory_format=order)), labels).backward()
        optimizer.step()
print((len(images) // batch) * batch / (time.time() - begin))
"""


def run_trainer(trainer, folder, net):
    """Images per second of the second epoch, by the trainer's own log."""
    base = Path(tempfile.mkdtemp(prefix="millrace-bench-"))
    try:
        (base / "input/config").mkdir(parents=True)
        (base / "input/data").mkdir()
        (base / "input/data/train").symlink_to(folder)
        (base / "input/data/train_lst").mkdir()
        shutil.copy(folder / "images.lst", base / "input/data/train_lst/images.lst")
        count = net["batch"] * net["batches"]
        settings = {"num_layers": net["layers"], "image_shape": f"3,{net['edge']},{net['edge']}", "resize": net["image"], "num_classes": CLASSES,
                    "epochs": 2, "num_training_samples": count, "mini_batch_size": net["batch"], "augmentation_type": "crop",
                    "learning_rate": 0.01}
        (base / "input/config/hyperparameters.json").write_text(json.dumps({k: str(v) for k, v in settings.items()}))
        channel = {"TrainingInputMode": "File", "ContentType": "application/x-image"}
        (base / "input/config/inputdataconfig.json").write_text(json.dumps({"train": channel, "train_lst": channel}))
        out = subprocess.run([trainer, "train", "--base", base, "--algorithm", "image-classification"], capture_output=True, text=True)
        if out.returncode != 0:
            sys.exit(out.stdout + out.stderr)
        return count / float(re.findall(r"Time cost=([\d.]+)", out.stdout)[1])
    finally:
        shutil.rmtree(base)


def run_torch(python, folder, net, workers, order, loaded=False):
    out = subprocess.run([python, "-c", TORCH_SIDE, str(folder), str(net["layers"]), str(net["edge"]), str(net["batch"]), str(workers),
                          order, "loaded" if loaded else "read"], capture_output=True, text=True, cwd=Path(__file__).parent)
    if out.returncode != 0:
        sys.exit(out.stderr)
    return float(out.stdout)


def measure(name, options):
    net = NETWORKS[name]
    with tempfile.TemporaryDirectory(prefix="millrace-bench-") as temporary:
        folder = Path(temporary)
        subprocess.run([options.python, "-c", MAKE_IMAGES, folder, str(net["batch"] * net["batches"]), str(net["image"]), net["format"]], check=True)
        sides = {"millrace-trainer": lambda: run_trainer(options.trainer, folder, net)}
        for order in ("contiguous_format", "channels_last"):
            for workers in options.workers:
                sides[f"PyTorch, {workers} workers, {order}"] = lambda w=workers, o=order: run_torch(options.python, folder, net, w, o)
        sides["PyTorch, nothing to load"] = lambda: run_torch(options.python, folder, net, 0, "channels_last", loaded=True)
        rates = {side: [] for side in sides}
        for _ in range(options.rounds):
            for side, run in sides.items():
                rates[side].append(run())
    medians = {side: statistics.median(rate) for side, rate in rates.items()}
    ours = medians.pop("millrace-trainer")
    ready = medians.pop("PyTorch, nothing to load")
    best = max(medians, key=medians.get)
    shape = f"ResNet-{net['layers']}, 3x{net['edge']}x{net['edge']}, batch {net['batch']}"
    print(f"| {shape} | {ours:,.1f} images/s | {best}: {medians[best]:,.1f} | {ours / medians[best]:.2f} | at least {net['demanded']} |")
    print(f"| the same | {ours:,.1f} images/s | PyTorch, one batch ready in memory, channels last: {ready:,.1f} | {ours / ready:.2f} | - |")
    for side, rate in medians.items():
        print(f"    {side}: {rate:,.1f} images/s", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trainer", default="build/release/bin/millrace-trainer")
    parser.add_argument("--python", default="/usr/bin/python3", help="a Python with torch and torchvision")
    parser.add_argument("--network", choices=NETWORKS, action="append", help="default: all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--workers", type=lambda text: [int(w) for w in text.split(",")], default=[0, 1, 2],
                        help="numbers of DataLoader workers to try (default 0,1,2)")
    options = parser.parse_args()
    with open("/proc/cpuinfo") as file:
        avx512 = "avx512f" in file.read()
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))
    os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx512" if avx512 else "avx2")
    os.environ.setdefault("OPENBLAS_CORETYPE", "SKYLAKEX" if avx512 else "HASWELL")
    print("| what | us | peer or limit | ratio | demanded |\n| --- | --- | --- | --- | --- |")
    for name in options.network or NETWORKS:
        measure(name, options)
    print(f"\n{load()}")


if __name__ == "__main__":
    main()
