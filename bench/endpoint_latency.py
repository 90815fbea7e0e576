#!/usr/bin/env python3
"""How soon an endpoint of a linear learner is in service: CreateEndpoint sent to InService seen by a client that asks every 50 ms.

    bench/endpoint_latency.py
    bench/endpoint_latency.py --rounds 5

Where the time goes is told by the CPU seconds of the supervisor and of the model's server until then, which hold on a busy machine too.
"""

import argparse
import os
import time
from pathlib import Path

from harness import BIN, TICKS, cpu_seconds, median, running_daemon, table
from linear_endpoint import Endpoint, linear_model

POLL = 0.05


def descendants(pid):
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


def command_of(pid):
    return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with running_daemon() as daemon:
        sagemaker = daemon.client("sagemaker")
        model, _ = linear_model(daemon)
        seen_after, said_after, supervisor_cpu, server_cpu, daemon_cpu = [], [], [], [], []
        for number in range(options.rounds):
            endpoint = Endpoint(daemon, model, f"latency-{number}")
            daemon_before, begin = cpu_seconds(daemon.process.pid), time.time()
            found = endpoint.create(POLL)
            seen_after.append(time.time() - begin)
            daemon_cpu.append(cpu_seconds(daemon.process.pid) - daemon_before)
            said_after.append((found["LastModifiedTime"] - found["CreationTime"]).total_seconds())
            below = {pid: command_of(pid) for pid in descendants(daemon.process.pid)}
            supervisor_cpu.append(sum(cpu_seconds(pid) for pid, words in below.items() if b"--host" in words))
            server_cpu.append(sum(cpu_seconds(pid) for pid, words in below.items() if words[0].endswith(b"millrace-trainer")))
            endpoint.delete()
        milliseconds = lambda values: f"{1000 * median(values):.0f} ms"  # noqa: E731
        table(f"An endpoint of a linear learner, {options.rounds} times", [
            [f"CreateEndpoint sent to InService seen, asked every {1000 * POLL:.0f} ms, median",
             f"{milliseconds(seen_after)} (worst {1000 * max(seen_after):.0f})", "-", "-", "at most 2000 ms"],
            ["CreationTime to the change to InService, median", milliseconds(said_after), "-", "-", "-"],
            [f"CPU time of the daemon meanwhile (in {1000 / TICKS:.0f} ms steps), median", milliseconds(daemon_cpu), "-", "-", "-"],
            ["CPU time of the supervisor, median", milliseconds(supervisor_cpu), "-", "-", "-"],
            ["CPU time of the model's server, median", milliseconds(server_cpu), "-", "-", "-"]])


if __name__ == "__main__":
    assert (BIN / "millrace").exists() and os.path.exists(BIN / "millrace-trainer"), "run scripts/build first"
    main()
