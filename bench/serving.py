#!/usr/bin/env python3
"""The model server of the built-in algorithms, beside Flask and gunicorn and beside the bare forward pass.

    bench/serving.py                       # all
    bench/serving.py --only linear         # or batching, or images
    bench/serving.py --endpoint            # through the daemon: InvokeEndpoint, signed, beside the model server itself

Linear learner: the same model, requests (text/csv in, JSON out) and load generator, wrk on one thread, against Flask behind gunicorn
with 2 workers of the kind that is faster, sync or gthread; the model server alone, asked through the daemon with signed requests, and through
nginx, which only passes them on: what a process between costs on this machine. wrk shares the machine with the servers in all cases.

Images: the 50th percentile of an endpoint's answers to one client at a time, which sends a JPEG, beside that of the bare forward pass
of the same network on a tensor that lies ready (bench/programs/forward_pass.cpp). The rounds of both alternate.

With --endpoint the linear learner and the smallest image network are asked through the daemon as well, with requests as clients sign them, and
the model server is asked directly in turn: what is between is what the daemon adds.

Batching: requests per second of one client and of many, of models for which rows cost less together.
"""

import argparse
import io
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import numpy

from harness import ROOT, median, running_daemon, table, wrk_posts
from nginx import Nginx

sys.path.insert(0, str(ROOT / "tests/clients"))

from linear_endpoint import Endpoint, add_model, linear_model, rows as linear_rows  # noqa: E402
from model_server import ModelServer, train  # noqa: E402  (its folder was just put on the path)
from tabular_jobs import csv  # noqa: E402
from test_image_classification import record  # noqa: E402

CPUS = len(os.sched_getaffinity(0))
FEATURES = 100
NETWORKS = {"ResNet-20, 28 x 28": (20, 28), "ResNet-18, 224 x 224": (18, 224), "ResNet-50, 224 x 224": (50, 224)}


def numeric_environment():
    """What millrace-trainer sets for the libraries it loads (core/contract/cpu_environment.cpp, trainer/main/tensor_half.cpp)."""
    flags = Path("/proc/cpuinfo").read_text()
    kind = {"OPENBLAS_CORETYPE": "SKYLAKEX", "ATEN_CPU_CAPABILITY": "avx512"} if " avx512f" in flags else \
        {"OPENBLAS_CORETYPE": "HASWELL", "ATEN_CPU_CAPABILITY": "avx2"}
    return {**os.environ, **kind, "OMP_NUM_THREADS": str(CPUS), "GOMP_SPINCOUNT": "10000"}


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def flask(model, kind):
    port = free_port()
    options = ["-k", kind, *(["--threads", "4"] if kind == "gthread" else [])]
    process = subprocess.Popen(["gunicorn", "-w", "2", *options, "-b", f"127.0.0.1:{port}", "--log-level", "error", "flask_model:app"],
                               cwd=ROOT / "bench/programs", env={**os.environ, "MODEL": str(model), "PYTHONDONTWRITEBYTECODE": "1"})
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/ping").read()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def invocations(port):
    return f"http://127.0.0.1:{port}/invocations"


def measure_linear(folder, rounds, seconds):
    """The model server, the same through the daemon (InvokeEndpoint, signed), and Flask, all in turn."""
    result = []
    with running_daemon() as daemon:
        name, model = linear_model(daemon)
        endpoint = Endpoint(daemon, name, name)
        endpoint.create()
        with (ModelServer(model) as server, flask(model, "sync") as sync, flask(model, "gthread") as gthread,
              tempfile.TemporaryDirectory() as own, Nginx.relay(Path(own), server.port) as relay):
            for count, connections in ((1, 2), (1, 16), (100, 16)):
                body = csv(linear_rows(count))
                targets = {"server": (invocations(server.port), "text/csv"), "endpoint": (endpoint.url, endpoint.signed(body, "text/csv")),
                           "relay": (invocations(relay.port), "text/csv"),
                           "sync": (invocations(sync), "text/csv"), "gthread": (invocations(gthread), "text/csv")}
                for url, headers in targets.values():  # all say the same, and are warm
                    headers = {"Content-Type": headers} if isinstance(headers, str) else headers
                    text = urllib.request.urlopen(urllib.request.Request(url, body, headers)).read()
                    assert text.count(b"predicted_label") == count, text
                loads = {target: [] for target in targets}
                for _ in range(rounds):
                    for target, (url, headers) in targets.items():
                        loads[target].append(wrk_posts(url, connections, seconds, body, headers))
                rate = {target: median([load.per_second for load in found]) for target, found in loads.items()}
                p99 = {target: median([load.p99 for load in found]) for target, found in loads.items()}
                peer = max("sync", "gthread", key=rate.get)
                best = min(p99["sync"], p99["gthread"])
                for target, way, demanded in (("server", "the model server", "at least 5"), ("endpoint", "through the daemon, signed", "at least 5"),
                                              ("relay", "through nginx, unsigned", "–")):
                    what = f"{count} row{'s' if count > 1 else ''} of {FEATURES}, {connections} connections, {way}"
                    result.append((f"{what}: requests/s", f"{rate[target]:,.0f}", f"{rate[peer]:,.0f} ({peer})", f"{rate[target] / rate[peer]:.1f}",
                                   demanded))
                    result.append((f"{what}: 99 % answered within", f"{p99[target] * 1e3:.2f} ms", f"{best * 1e3:.2f} ms",
                                   f"{p99[target] / best:.2f}", "below 1" if demanded != "–" else "–"))
        endpoint.delete()
    table("Serving: linear learner beside Flask and gunicorn with 2 workers", result)


def measure_batching(folder, rounds, seconds):
    draw = numpy.random.default_rng(0)
    result = []
    rows = draw.normal(size=(20_000, 64))
    models = {"k-NN, 20,000 rows of 64": ("knn", {"predictor_type": "regressor", "k": 10, "feature_dim": 64, "sample_size": 20_000}, csv(numpy.c_[rows[:, 0], rows]), rows),
              "random cut forest, 100 trees": ("randomcutforest", {"feature_dim": 8, "num_trees": 100}, csv(rows[:, :8]), rows[:, :8])}
    for name, (algorithm, settings, data, asked) in models.items():
        size = ";label_size=0" if algorithm == "randomcutforest" else ""
        model = train(folder / algorithm, algorithm, settings, {"train": ("text/csv" + size, data)})
        with ModelServer(model) as server:
            loads = {1: [], 32: []}
            for _ in range(rounds):
                for connections, found in loads.items():
                    found.append(wrk_posts(invocations(server.port), connections, seconds, csv(asked[:1]), "text/csv"))
        rate = {connections: median([load.per_second for load in found]) for connections, found in loads.items()}
        result.append((f"{name}: requests/s of 32 clients, of one", f"{rate[32]:,.0f}", f"{rate[1]:,.0f}", f"{rate[32] / rate[1]:.1f}", "–"))
    table("Serving: requests that are computed together", result)


def photograph(edge):
    from PIL import Image
    source = numpy.random.default_rng(1)
    coarse = Image.fromarray(source.integers(0, 255, (4, 4, 3), dtype=numpy.uint8)).resize((edge, edge), Image.BICUBIC)
    grain = source.normal(0, 6, (edge, edge, 3))
    out = io.BytesIO()
    Image.fromarray(numpy.clip(numpy.asarray(coarse) + grain, 0, 255).astype(numpy.uint8)).save(out, "JPEG", quality=90)
    return out.getvalue()


def measure_images(folder, rounds, seconds):
    result = []
    for name, (layers, edge) in NETWORKS.items():
        picture = photograph(edge)
        data = b"".join(record(i % 2, picture, i) for i in range(8))
        model = train(folder / f"{layers}-{edge}", "image-classification",
                      {"num_layers": layers, "image_shape": f"3,{edge},{edge}", "num_classes": 10, "num_training_samples": 8, "mini_batch_size": 8,
                       "epochs": 1, "learning_rate": 0.001},
                      {"train": ("application/x-recordio", data), "validation": ("application/x-recordio", data)})
        bare = subprocess.Popen([ROOT / "build/release/bin/forward_pass", model], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                env=numeric_environment())

        def passes(batch, count):
            bare.stdin.write(f"{batch} {count}\n")
            bare.stdin.flush()
            return [float(value) / batch for value in bare.stdout.readline().split()]

        with ModelServer(model) as server:
            per_image = {batch: [] for batch in (1, 2, 4, 8)}
            endpoint = []
            # wrk has no latencies of less than a few requests; a pass tells how many fit.
            count = max(10, int(seconds / median(passes(1, 10))))
            for _ in range(rounds):
                for batch, found in per_image.items():
                    found.append(median(passes(batch, max(5, count // batch // (1 if batch == 1 else 4)))))
                    if batch == 1:
                        endpoint.append(wrk_posts(invocations(server.port), 1, seconds, picture, "image/jpeg"))
        bare.stdin.close()
        bare.wait()
        alone, served = median(per_image[1]), median([load.p50 for load in endpoint])
        added = median([load.p50 / one for load, one in zip(endpoint, per_image[1])]) - 1
        result.append((f"{name}: half answered within", f"{served * 1e3:.2f} ms", f"{alone * 1e3:.2f} ms (bare forward pass)",
                       f"+{100 * added:.1f} %", "at most +10 %"))
        for batch in (2, 4, 8):
            result.append((f"{name}: bare pass for an image of a batch of {batch}", f"{median(per_image[batch]) * 1e3:.2f} ms",
                           f"{alone * 1e3:.2f} ms (of 1)", f"{median(per_image[batch]) / alone:.2f}", "–"))
    table("Serving: image classification beside the bare forward pass", result)


def measure_endpoints(folder, rounds, seconds):
    """What InvokeEndpoint adds to the model server."""
    result = []
    with running_daemon() as daemon:
        layers, edge = NETWORKS["ResNet-20, 28 x 28"]
        picture = photograph(edge)
        data = b"".join(record(i % 2, picture, i) for i in range(8))
        images = train(folder / "images", "image-classification",
                       {"num_layers": layers, "image_shape": f"3,{edge},{edge}", "num_classes": 10, "num_training_samples": 8, "mini_batch_size": 8,
                        "epochs": 1, "learning_rate": 0.001},
                       {"train": ("application/x-recordio", data), "validation": ("application/x-recordio", data)})
        linear, linear_folder = linear_model(daemon)
        served = {"linear learner": (linear, linear_folder, csv(linear_rows(1)), "text/csv", (1, 2, 16)),
                  "ResNet-20, 28 x 28": (add_model(daemon, "images", "image-classification:1", images), images, picture, "image/jpeg", (1,))}
        for name, (model, files, body, content_type, clients) in served.items():
            endpoint = Endpoint(daemon, model, model)
            endpoint.create()
            with ModelServer(files) as server:
                for connections in clients:
                    through, direct = [], []
                    for _ in range(rounds):
                        through.append(wrk_posts(endpoint.url, connections, seconds, body, endpoint.signed(body, content_type)))
                        direct.append(wrk_posts(invocations(server.port), connections, seconds, body, content_type))
                    for what, of in (("half answered within", "p50"), ("99 % answered within", "p99")):
                        ours, theirs = (median([getattr(load, of) for load in loads]) for loads in (through, direct))
                        result.append((f"{name}, {connections} connections: {what}", f"{ours * 1e3:.3f} ms", f"{theirs * 1e3:.3f} ms (the server itself)",
                                       f"{(ours - theirs) * 1e6:+.0f} us", "–"))
                    ours, theirs = (median([load.per_second for load in loads]) for loads in (through, direct))
                    result.append((f"{name}, {connections} connections: requests/s", f"{ours:,.0f}", f"{theirs:,.0f} (the server itself)",
                                   f"{ours / theirs:.2f}", "–"))
            endpoint.delete()
    table("Serving: InvokeEndpoint beside the model server it leads to", result)


PARTS = {"linear": measure_linear, "batching": measure_batching, "images": measure_images}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=PARTS, help="one of the parts")
    parser.add_argument("--endpoint", action="store_true", help="through the daemon, and nothing else")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        if options.endpoint:
            measure_endpoints(Path(folder), options.rounds, options.seconds)
            return
        for name, measure in PARTS.items():
            if options.only in (None, name):
                measure(Path(folder), options.rounds, options.seconds)


if __name__ == "__main__":
    main()
