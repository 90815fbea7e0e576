#!/usr/bin/env python3
"""Training speed: millrace-trainer against the same network in Debian's python3-torch, on the same batches and threads.

    bench/training_throughput.py --trainer build/release/bin/millrace-trainer

Both train ResNet-20 (v2) on 3 x 28 x 28 images, batch 128, SGD with momentum. The trainer does all it does in a job: it reads
RecordIO, decodes PNG, shuffles, takes off the mean; the other side gets its one batch ready in memory. Rounds of both are
interleaved, because the machine may be shared, and the best of each counts. Images per CPU second are given too: what other
work takes away disturbs them least.
"""

import argparse
import json
import os
import random
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

BATCH = 128
MAGIC = 0xCED7230A


def png(pixels, edge):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + pixels[y * edge:(y + 1) * edge] for y in range(edge))
    header = struct.pack(">IIBBBBB", edge, edge, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


def write_records(path, count):
    """Grey noise of 28 x 28 with labels from 0 to 9."""
    source = random.Random(1)
    with open(path, "wb") as out:
        for i in range(count):
            payload = struct.pack("<IfQQ", 0, float(i % 10), i, 0) + png(source.randbytes(28 * 28), 28)
            out.write(struct.pack("<II", MAGIC, len(payload)) + payload + b"\0" * (-len(payload) % 4))


def run_trainer(trainer, batches):
    """Seconds of the epoch by the trainer's own log, and CPU seconds of the whole process."""
    base = tempfile.mkdtemp(prefix="millrace-bench-")
    try:
        os.makedirs(base + "/input/config")
        os.makedirs(base + "/input/data/train")
        write_records(base + "/input/data/train/a.rec", batches * BATCH)
        with open(base + "/input/config/hyperparameters.json", "w") as file:
            json.dump({"num_layers": "20", "image_shape": "3,28,28", "num_classes": "10", "epochs": "1",
                       "num_training_samples": str(batches * BATCH), "mini_batch_size": str(BATCH)}, file)
        with open(base + "/input/config/inputdataconfig.json", "w") as file:
            json.dump({"train": {"TrainingInputMode": "File"}}, file)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        log = subprocess.run([trainer, "train", "--base", base, "--algorithm", "image-classification"], check=True,
                             capture_output=True, text=True).stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return float(re.search(r"Time cost=([\d.]+)", log)[1]), cpu
    finally:
        shutil.rmtree(base)


TORCH_SIDE = r"""
import resource, sys, time
import torch
from torch import nn
from torch.nn import functional as F

class Unit(nn.Module):
    def __init__(self, inputs, filters, stride, changes):
        super().__init__()
        self.bn1, self.bn2 = nn.BatchNorm2d(inputs, eps=2e-5), nn.BatchNorm2d(filters, eps=2e-5)
        self.conv1 = nn.Conv2d(inputs, filters, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.sc = nn.Conv2d(inputs, filters, 1, stride, bias=False) if changes else None

    def forward(self, x):
        first = F.relu(self.bn1(x), inplace=True)
        body = self.conv2(F.relu(self.bn2(self.conv1(first)), inplace=True))
        return body + (self.sc(first) if self.sc is not None else x)

def network():
    layers, inputs = [nn.BatchNorm2d(3, eps=2e-5), nn.Conv2d(3, 16, 3, 1, 1, bias=False)], 16
    for stage, filters in enumerate((16, 32, 64)):
        for unit in range(3):
            layers.append(Unit(inputs, filters, 2 if unit == 0 and stage > 0 else 1, unit == 0))
            inputs = filters
    return nn.Sequential(*layers, nn.BatchNorm2d(64, eps=2e-5), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))

batch, batches, order = int(sys.argv[1]), int(sys.argv[2]), getattr(torch, sys.argv[3])
net, images, labels = network().to(memory_format=order), torch.randn(batch, 3, 28, 28).to(memory_format=order), torch.randint(0, 10, (batch,))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
def step():
    optimizer.zero_grad(set_to_none=True)
    F.cross_entropy(net(images), labels).backward()
    optimizer.step()
for _ in range(3):
    step()
wall, cpu = time.time(), time.process_time()
for _ in range(batches):
    step()
print(time.time() - wall, time.process_time() - cpu)
"""


def run_torch(python, batches, order):
    out = subprocess.run([python, "-c", TORCH_SIDE, str(BATCH), str(batches), order], check=True, capture_output=True, text=True).stdout
    wall, cpu = out.split()
    return float(wall), float(cpu)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trainer", default="build/release/bin/millrace-trainer")
    parser.add_argument("--python", default="/usr/bin/python3", help="a Python with torch")
    parser.add_argument("--batches", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    with open("/proc/cpuinfo") as file:
        avx512 = "avx512f" in file.read()
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))
    os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx512" if avx512 else "avx2")
    os.environ.setdefault("OPENBLAS_CORETYPE", "SKYLAKEX" if avx512 else "HASWELL")

    images = options.batches * BATCH
    sides = {"millrace-trainer": lambda n: run_trainer(options.trainer, n),
             "python3-torch": lambda n: run_torch(options.python, n, "contiguous_format"),
             "python3-torch, channels last": lambda n: run_torch(options.python, n, "channels_last")}
    best = {name: [0.0, 0.0] for name in sides}
    # What starting costs the trainer's process: a run of one batch.
    start_cpu = min(run_trainer(options.trainer, 1)[1] for _ in range(2))
    for _ in range(options.rounds):
        for name, run in sides.items():
            wall, cpu = run(options.batches)
            if name == "millrace-trainer":
                cpu -= start_cpu
            best[name] = [max(best[name][0], images / wall), max(best[name][1], images / cpu)]
    for name, (wall, cpu) in best.items():
        print(f"{name:30} {wall:8.0f} images/s {cpu:8.0f} images/CPU-s")
    ours = best["millrace-trainer"]
    for name in list(sides)[1:]:
        print(f"ratio to {name}: {ours[0] / best[name][0]:.2f} by wall clock, {ours[1] / best[name][1]:.2f} by CPU time")
    print("load average", *os.getloadavg())
    return 0


if __name__ == "__main__":
    sys.exit(main())
