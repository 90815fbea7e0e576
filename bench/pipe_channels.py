#!/usr/bin/env python3
"""Pipe channels from an object in the store to bytes in the program, beside bare FIFOs, interleaved in one run."""

import gzip
import json
import lzma
import os
import re
import sqlite3
import subprocess
import tempfile
import threading
import time
import zlib
from pathlib import Path

from harness import BIN, ROOT, cpu_seconds, median, running_daemon, table
from conftest import channel, job_request, log_lines, wait_until_ended

ROUNDS = 5
SIZE = 1 << 30
CHANNELS = 20
HUGE = 20 * 10**9
READER = ROOT / "bench/programs/read_channels.py"
F_SETPIPE_SZ = 1031


def gb(rate):
    return f"{rate / 1e9:.2f} GB/s"


def write_by_copying(fifo, _):
    block = os.urandom(256 << 10)
    for _ in range(SIZE // len(block)):
        view = memoryview(block)
        while view:
            view = view[os.write(fifo, view):]


def write_by_splicing(fifo, path):
    with open(path, "rb") as file:
        while os.splice(file.fileno(), fifo, SIZE):
            pass


def bare_fifo(folder, write, what=None, size=SIZE):
    """Rate of a FIFO of 1 MiB between two processes, the writer being a child of ours."""
    fifo = folder / "fifo"
    os.mkfifo(fifo)
    reader = subprocess.Popen([READER, fifo], stdout=subprocess.PIPE, text=True)
    pid = os.fork()
    if pid == 0:
        end = os.open(fifo, os.O_WRONLY)
        import fcntl
        fcntl.fcntl(end, F_SETPIPE_SZ, 1 << 20)
        write(end, what)
        os._exit(0)
    os.waitpid(pid, 0)
    told = json.loads(reader.communicate()[0])
    os.unlink(fifo)
    assert told["bytes"] == size, told
    return told["bytes"] / told["seconds"]


class Jobs:
    """Runs the reader as a job of one daemon."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.sagemaker, self.logs = daemon.client("sagemaker"), daemon.client("logs")
        daemon.cli("images", "add", "reader", "--exec", str(READER))
        self.number = 0

    def read(self, uri, channels=1, **changes):
        """What the program told, and with it the peak of its supervisor's memory and the CPU time of that."""
        self.number += 1
        name = f"pipe-{self.number}"
        inputs = [channel(f"c{i}", uri, InputMode="Pipe", **changes) for i in range(channels)]
        self.sagemaker.create_training_job(**job_request(name, "reader", "bench", InputDataConfig=inputs))
        told = {"supervisor_kb": 0}
        with Sampling(name, told):
            job = wait_until_ended(self.sagemaker, name, 300)
        assert job["TrainingJobStatus"] == "Completed", job
        told |= json.loads(log_lines(self.logs, name)[0])
        return told

    def rate(self, *arguments, **options):
        told = self.read(*arguments, **options)
        return told["bytes"] / told["seconds"]


class Sampling:
    """Looks at a supervisor while it lives."""

    def __init__(self, job, told):
        self.job, self.told = job, told
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.look)

    def look(self):
        command = f"\0job\0{self.job}\0"
        while not self.ended.wait(0.2):
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    if command not in (process / "cmdline").read_text():
                        continue
                    peak = re.search(r"VmHWM:\s+(\d+)", (process / "status").read_text())
                    self.told["supervisor_kb"] = max(self.told["supervisor_kb"], int(peak.group(1)))
                    self.told["supervisor_cpu"] = cpu_seconds(process.name)
                except (OSError, AttributeError):
                    pass

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def make_huge(daemon, key, size):
    """Lets an object be a hole of `size` bytes, which nobody wants to upload: with the daemon at rest."""
    daemon.client("s3").put_object(Bucket="bench", Key=key, Body=b"x")
    daemon.stop()
    database = sqlite3.connect(daemon.data_dir / "records.db")
    content, = database.execute("SELECT content FROM objects WHERE object_key = ?", (key,)).fetchone()
    database.execute("UPDATE objects SET size = ? WHERE object_key = ?", (size, key))
    database.commit()
    database.close()
    file, = (daemon.data_dir / "objects").glob(f"*/{content}")
    os.truncate(file, size)
    daemon.start()


def csv_text(size):
    """Rows of 100 numbers of five digits, as they come."""
    to_digits = bytes(b"0123456789"[byte % 10] for byte in range(256))
    digits = os.urandom(size * 5 // 6).translate(to_digits)
    numbers = [digits[at:at + 5] for at in range(0, len(digits), 5)]
    return b"\n".join(b",".join(numbers[at:at + 100]) for at in range(0, len(numbers), 100))


def real_table():
    """The KDD Cup 99 table, where the project has it beside it: words and small numbers, unlike random digits."""
    path = ROOT.parent / "shared/data/tabular/kddcup99-10percent.csv.xz"
    return lzma.open(path).read() if path.exists() else None


def write_by_zlib(fifo, packed):
    inflater = zlib.decompressobj(31)
    for at in range(0, len(packed), 1 << 16):
        view = memoryview(inflater.decompress(packed[at:at + (1 << 16)]))
        while view:
            view = view[os.write(fifo, view):]


def main():
    with running_daemon() as near, running_daemon("--store-is-remote") as far, \
            tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        folder = Path(folder)
        path = folder / "object"
        with open(path, "wb") as file:
            for _ in range(SIZE >> 24):
                file.write(os.urandom(1 << 24))
        texts = {"random digits": csv_text(64 << 20), "KDD Cup 99": real_table()}
        texts = {name: text for name, text in texts.items() if text}
        packed = {name: gzip.compress(text, 6) for name, text in texts.items()}
        for daemon in (near, far):
            s3 = daemon.client("s3")
            s3.create_bucket(Bucket="bench")
            s3.upload_file(str(path), "bench", "big/object")
            s3.put_object(Bucket="bench", Key="part/object", Body=os.urandom(SIZE // CHANNELS))
        for name in texts:
            near.client("s3").put_object(Bucket="bench", Key=f"{name}/object.gz", Body=packed[name])
        make_huge(near, "huge/object", HUGE)
        make_huge(far, "huge/object", HUGE)
        here, away = Jobs(near), Jobs(far)

        rates = {name: [] for name in ("copy", "splice", "here", "away", "here_many", "away_many")}
        rates |= {f"{side} {name}": [] for name in texts for side in ("gzip", "zlib")}
        for _ in range(ROUNDS):
            rates["copy"].append(bare_fifo(folder, write_by_copying))
            rates["away"].append(away.rate("s3://bench/big/"))
            rates["away_many"].append(away.rate("s3://bench/part/", CHANNELS))
            rates["splice"].append(bare_fifo(folder, write_by_splicing, path))
            rates["here"].append(here.rate("s3://bench/big/"))
            rates["here_many"].append(here.rate("s3://bench/part/", CHANNELS))
            for name, text in texts.items():
                rates[f"gzip {name}"].append(here.rate(f"s3://bench/{name}/", CompressionType="Gzip"))
                rates[f"zlib {name}"].append(bare_fifo(folder, write_by_zlib, packed[name], len(text)))
        rate = {name: median(values) for name, values in rates.items()}

        def row(what, us, peer_name, peer, demanded):
            return [what, gb(rate[us]), f"{peer_name} {gb(rate[peer])}", f"{rate[us] / rate[peer]:.2f}", demanded]

        rows = [row("store elsewhere (HTTP), one channel of 1 GiB", "away", "bare FIFO, copying", "copy",
                    "at least 0.8"),
                row("store on this machine, the same", "here", "splice from the file to a FIFO", "splice",
                    "at least 0.6"),
                row(f"store elsewhere, {CHANNELS} channels together", "away_many", "one", "away", "at least 0.8"),
                row(f"store on this machine, {CHANNELS} channels together", "here_many", "one", "here", "at least 0.8")]
        rows += [row(f"Gzip channel of {name}, inflated bytes", f"gzip {name}", "zlib into a FIFO", f"zlib {name}",
                     "at least 2.5") for name in texts]
        for what, jobs in (("elsewhere", away), ("on this machine", here)):
            small, huge = jobs.read("s3://bench/part/"), jobs.read("s3://bench/huge/")
            assert huge["bytes"] == HUGE
            rows.append([f"supervisor's peak memory, object of 20 GB, store {what}",
                         f"{huge['supervisor_kb'] / 1e3:.1f} MB",
                         f"object of 0.1 GB: {small['supervisor_kb'] / 1e3:.1f} MB",
                         f"{huge['supervisor_kb'] / small['supervisor_kb']:.2f}", "does not grow"])
            rows.append([f"its reader's, store {what}", f"{huge['peak_kb'] / 1e3:.1f} MB",
                         f"{small['peak_kb'] / 1e3:.1f} MB", f"{huge['peak_kb'] / small['peak_kb']:.2f}",
                         "does not grow"])
            rows.append([f"20 GB of zeros through the FIFO, store {what}", gb(huge["bytes"] / huge["seconds"]),
                         "-", "-", "-"])
        table("Pipe", rows)


if __name__ == "__main__":
    assert (BIN / "millrace").exists(), "run scripts/build first"
    main()
