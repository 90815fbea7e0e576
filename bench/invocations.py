#!/usr/bin/env python3
"""Very many small invocations of an endpoint of a linear learner through the daemon, and what memory daemon, supervisor and server then have.

    bench/invocations.py                     # a million
    bench/invocations.py --requests 200000

The requests are those of a client, signed; one signature serves for four minutes of them, as the daemon takes it for five, and checks it each
time. Memory is resident memory without that of files, so that what the kernel keeps of a program's pages is left out.
"""

import argparse
import time
from pathlib import Path

from endpoint_latency import command_of, descendants
from harness import BIN, cpu_seconds, load, running_daemon, wrk_posts
from linear_endpoint import Endpoint, linear_model, rows
from tabular_jobs import csv

STEP = 100_000
SIGNED_FOR = 240


def resident_kib(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("RssAnon")))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    body = csv(rows(1))
    with running_daemon() as daemon:
        endpoint = Endpoint(daemon, linear_model(daemon)[0], "million")
        endpoint.create()
        below = {pid: command_of(pid) for pid in descendants(daemon.process.pid)}
        processes = {"daemon": daemon.process.pid,
                     "supervisor": next(pid for pid, words in below.items() if b"--host" in words),
                     "server": next(pid for pid, words in below.items() if words[0].endswith(b"millrace-trainer"))}
        memory = []

        def note(done):
            memory.append([f"after {done:,}", *(f"{resident_kib(pid):,} KiB" for pid in processes.values())])
            print(" ".join(memory[-1]), load(), flush=True)

        def ask(seconds):
            return wrk_posts(endpoint.url, options.connections, seconds, body, endpoint.signed(body, "text/csv"))

        rate = ask(2).per_second  # every thread and buffer there will be, too
        done = 0
        note(done)
        before = {name: cpu_seconds(pid) for name, pid in processes.items()}
        while done < options.requests:
            step = 0
            while step < STEP:
                found = ask(min(SIGNED_FOR, max(1, (STEP - step) / rate)))
                rate, step = found.per_second, step + found.requests
            done += step
            note(done)
        spent = {name: (cpu_seconds(pid) - before[name]) / done * 1e6 for name, pid in processes.items()}
        endpoint.delete()
    print(f"\n## Memory over {done:,} invocations, {options.connections} connections\n")
    print("| requests | daemon | supervisor | server |\n| --- | --- | --- | --- |")
    for row in memory:
        print("| " + " | ".join(row) + " |")
    print("\nCPU per request: " + ", ".join(f"{name} {value:.1f} us" for name, value in spent.items()))
    print(f"\n{time.strftime('%Y-%m-%d', time.gmtime())}, {load()}", flush=True)


if __name__ == "__main__":
    assert (BIN / "millrace").exists(), "run scripts/build first"
    main()
