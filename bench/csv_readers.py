#!/usr/bin/env python3
"""CSV files in the page cache to float32: our reader beside a plain fast_float loop and the readers of pandas, xgboost,
data.table, DuckDB and polars, each on one thread, in rounds that interleave them (csv_readers.py ROUNDS, else 3); then
our reader on two threads.

Rates of one thread are bytes per CPU second, which other work on the machine disturbs least; the best round counts, for
everyone. Each peer reads the file once in a process of its own, whose start and imports do not count."""

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from harness import ROOT, table

BENCH = ROOT / "build/bench/bin/core_data_bench"
PEERS = ROOT / "bench/csv_readers"
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 3
CHANNEL_FILES = 8  # as in csv_bench.cpp
PATIENCE = 60  # CPU seconds for one reader, once
SHAPES = [("rows.csv", "many rows of 100 columns", 100, 0), ("wide.csv", "rows of 100,000 columns", 100_000, 1)]
READERS = {
    "pandas": lambda path, columns: ["/usr/bin/python3", str(PEERS / "readers.py"), "pandas", path, columns],
    "xgboost": lambda path, columns: ["/usr/bin/python3", str(PEERS / "readers.py"), "xgboost", path, columns],
    "data.table": lambda path, columns: ["Rscript", str(PEERS / "fread.R"), path],
    "DuckDB": lambda path, columns: ["node", "--stack-size=8000", str(PEERS / "readers.mjs"), "duckdb", path, columns],
    "polars": lambda path, columns: ["node", str(PEERS / "readers.mjs"), "polars", path, columns],
}
PATHS = {0: "portable", 1: "AVX2", 2: "AVX-512"}


def ours(folder, wide):
    """Wall and CPU seconds of the programs in C++, by name."""
    output = subprocess.run([BENCH, f"--benchmark_filter=wide:{wide}", "--benchmark_format=json",
                             "--benchmark_min_time=0.4"], check=True, capture_output=True, text=True,
                            env={**os.environ, "CSV_BENCH_FILES": folder}).stdout
    found = {}
    for run in json.loads(output)["benchmarks"]:
        if "error_message" not in run:
            name = run["name"].replace(f"/wide:{wide}", "").replace("/process_time", "").replace("/real_time", "")
            found[name] = (run["real_time"] / 1e3, run["cpu_time"] / 1e3)
    return found


def peer(command, numbers_expected):
    """Wall and CPU seconds of one read; None when it fails, or takes too long."""
    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE))

    try:
        output = subprocess.run(command, check=True, capture_output=True, text=True, preexec_fn=limit,
                                env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}).stdout
    except subprocess.CalledProcessError as failure:
        print(f"{' '.join(command[1:3])}: exit {failure.returncode} {failure.stderr[-300:]}", file=sys.stderr)
        return None
    numbers, wall, cpu = output.split("READ")[1].split()[:3]
    assert int(float(numbers)) == numbers_expected, f"{command}: read {numbers} numbers of {numbers_expected}"
    return float(wall), float(cpu)


def measure(folder, file, columns, wide):
    """The best wall and CPU seconds of every reader."""
    best, given_up = {}, set()
    for _ in range(ROUNDS):
        results = ours(folder, wide)
        lines = (Path(folder) / file).read_bytes().count(b"\n")
        for name, command in READERS.items():
            result = None if name in given_up else peer(command(str(Path(folder) / file), str(columns)), lines * columns)
            if result:
                results[name] = result
            else:
                given_up.add(name)
        for name, seconds in results.items():
            old = best.get(name, seconds)
            best[name] = (min(old[0], seconds[0]), min(old[1], seconds[1]))
    return best


def rows_of(title, best, size):
    def rate(name):
        return size / best[name][1] / 1e6

    paths = {name: f"read_csv/path:{number}" for number, name in PATHS.items()}
    us = max((path for path in paths.values() if path in best), key=rate)
    mb = f"{rate(us):,.0f} MB/s"
    rows = [(f"{title}, one core", mb, "goal 1,500 MB/s", f"{rate(us) / 1500:.2f}", "at least 1")]
    rows.append(("the same", mb, f"plain fast_float loop {rate('plain_fast_float'):,.0f} MB/s",
                 f"{rate(us) / rate('plain_fast_float'):.2f}", "at least 1.6"))
    known = [name for name in READERS if name in best]
    fastest = max(known, key=rate, default=None)
    for name in READERS:
        shown = f"{rate(name):,.0f} MB/s" if name in best else f"not within {PATIENCE} CPU seconds"
        ratio = f"{rate(us) / rate(name):.1f}" if name in best else "-"
        rows.append(("the same", mb, f"{name} {shown}", ratio, "at least 3" if name == fastest else "-"))
    rows.append(("the same", mb, f"limit: read() and one memchr {rate('read_and_scan'):,.0f} MB/s",
                 f"{rate(us) / rate('read_and_scan'):.2f}", "-"))
    for name, path in paths.items():
        if path in best and path != us:
            rows.append((f"{title}, {name} path", f"{rate(path):,.0f} MB/s",
                         f"plain fast_float loop {rate('plain_fast_float'):,.0f} MB/s",
                         f"{rate(path) / rate('plain_fast_float'):.2f}", "-"))
    one, two = (best[f"read_csv_channel/threads:{threads}"][0] for threads in (1, 2))
    rows.append((f"{title}, a channel of {CHANNEL_FILES} such files, two threads, by the clock",
                 f"{CHANNEL_FILES * size / two / 1e6:,.0f} MB/s",
                 f"one thread, by the clock {CHANNEL_FILES * size / one / 1e6:,.0f} MB/s", f"{one / two:.2f}",
                 "at least 1.8"))
    return rows


def main():
    rows = []
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        for file, title, columns, wide in SHAPES:
            best = measure(folder, file, columns, wide)
            rows += rows_of(title, best, (Path(folder) / file).stat().st_size)
    table("CSV", rows)


if __name__ == "__main__":
    main()
