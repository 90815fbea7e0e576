#!/usr/bin/env python3
"""Training speed by the form of the input: .rec files, image files with a list, and .rec through a FIFO.

    bench/training_inputs.py --trainer build/release/bin/millrace-trainer

The same Fashion-MNIST pictures in all three, ResNet-20, batch 128. Rounds are interleaved, because the machine may be shared; the
fastest epoch of each form counts, and images per CPU second of the whole process, which other work disturbs least. Files and lists
decode in the first epoch only, a stream in each; with --epochs of 2 or more the figures show both. The best validation
accuracy shows that a stream, shuffled through its window, learns as well.
"""

import argparse
import gzip
import json
import os
import re
import struct
import subprocess
import tempfile
import threading
import zlib
from pathlib import Path

BATCH = 128
MAGIC = 0xCED7230A
FOLDER = Path("/usr/share/datasets/fashion-mnist")
RECORDIO, IMAGE = "application/x-recordio", "application/x-image"


def png(pixels, edge):
    """A grey picture."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + pixels[y * edge:(y + 1) * edge] for y in range(edge))
    header = struct.pack(">IIBBBBB", edge, edge, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


def pictures(part, count):
    """(label, PNG) of the first `count`."""
    pixels = gzip.open(FOLDER / f"{part}-images-idx3-ubyte.gz").read()[16:]
    labels = gzip.open(FOLDER / f"{part}-labels-idx1-ubyte.gz").read()[8:]
    return [(labels[i], png(pixels[i * 784:(i + 1) * 784], 28)) for i in range(count)]


def records(data):
    parts = []
    for number, (label, picture) in enumerate(data):
        payload = struct.pack("<IfQQ", 0, float(label), number, 0) + picture
        parts.append(struct.pack("<II", MAGIC, len(payload)) + payload + b"\0" * (-len(payload) % 4))
    return b"".join(parts)


def serve(folder, channel, data, epochs):
    for epoch in range(epochs):
        os.mkfifo(folder / f"{channel}_{epoch}")

    def write():
        for epoch in range(epochs):
            with open(folder / f"{channel}_{epoch}", "wb") as out:
                out.write(data)

    threading.Thread(target=write, daemon=True).start()


def lay_out(folder, form, channels, epochs):
    """Writes input/data and answers the channels for inputdataconfig.json."""
    config = {}
    for channel, data in channels.items():
        if form == "list":
            (folder / channel).mkdir()
            (folder / f"{channel}_lst").mkdir()
            lines = []
            for number, (label, picture) in enumerate(data):
                (folder / channel / f"{number}.png").write_bytes(picture)
                lines.append(f"{number}\t{label}\t{number}.png\n")
            (folder / f"{channel}_lst" / f"{channel}.lst").write_text("".join(lines))
            config[channel] = config[f"{channel}_lst"] = {"TrainingInputMode": "File", "ContentType": IMAGE}
        elif form == "records":
            (folder / channel).mkdir()
            (folder / channel / "a.rec").write_bytes(records(data))
            config[channel] = {"TrainingInputMode": "File", "ContentType": RECORDIO}
        else:
            serve(folder, channel, records(data), epochs)
            config[channel] = {"TrainingInputMode": "Pipe", "ContentType": RECORDIO}
    return config


def run(trainer, form, channels, epochs):
    """Seconds of each epoch, CPU seconds and resident MB of the process, best validation accuracy."""
    with tempfile.TemporaryDirectory(prefix="millrace-bench-") as base:
        base = Path(base)
        (base / "input/config").mkdir(parents=True)
        (base / "input/data").mkdir()
        config = lay_out(base / "input/data", form, channels, epochs)
        (base / "input/config/inputdataconfig.json").write_text(json.dumps(config))
        (base / "input/config/hyperparameters.json").write_text(json.dumps(
            {"num_layers": "20", "image_shape": "3,28,28", "num_classes": "10", "resize": "28", "epochs": str(epochs),
             "num_training_samples": str(len(channels["train"])), "mini_batch_size": str(BATCH), "learning_rate": "0.1"}))
        process = subprocess.Popen([trainer, "train", "--base", base, "--algorithm", "image-classification"],
                                   stdout=subprocess.PIPE, text=True)
        log = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        assert status == 0, log
        return ([float(text) for text in re.findall(r"Time cost=([\d.]+)", log)], usage.ru_utime + usage.ru_stime,
                usage.ru_maxrss / 1e3, max(float(text) for text in re.findall(r"Validation-accuracy=([\d.]+)", log)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trainer", default="build/release/bin/millrace-trainer")
    parser.add_argument("--images", type=int, default=6400)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))
    channels = {"train": pictures("train", options.images), "validation": pictures("t10k", 1024)}
    results = {"records": [], "list": [], "pipe": []}
    for _ in range(options.rounds):
        for form, runs in results.items():
            runs.append(run(options.trainer, form, channels, options.epochs))
    images = options.images // BATCH * BATCH
    for form, runs in results.items():
        first = max(images / seconds[0] for seconds, *_ in runs)
        later = max((images / s for seconds, *_ in runs for s in seconds[1:]), default=0)
        cpu = max(images * options.epochs / one[1] for one in runs)
        print(f"{form:8} {first:6.0f} images/s in the first epoch, {later:6.0f} later, {cpu:6.0f} images/CPU-s, "
              f"{max(one[2] for one in runs):5.0f} MB resident, validation accuracy {max(one[3] for one in runs):.4f}")
    print("load average", *(f"{value:.2f}" for value in os.getloadavg()))


if __name__ == "__main__":
    main()
