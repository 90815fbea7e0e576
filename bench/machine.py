"""The machine's load, and processes measured on it."""

import os
import resource
import subprocess
import sys
import time


def load():
    return "load average " + " ".join(f"{value:.2f}" for value in os.getloadavg())


def timed(command):
    """Wall and CPU seconds of a process, and what it printed."""
    begin, before = time.time(), resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run(command, capture_output=True, text=True)
    wall, after = time.time() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    if out.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{out.stderr}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, out.stdout
