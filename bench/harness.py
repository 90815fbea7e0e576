"""What the benchmarks share: a daemon of the release build, CPU seconds of processes, and the machine's load."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / "build/release/bin"
sys.path.insert(0, str(ROOT / "tests/clients"))
os.environ.setdefault("MILLRACE_BIN", str(BIN / "millrace"))

from machine import load  # noqa: F401  (what benchmarks of the daemon say beside their figures)

from daemon import Daemon  # noqa: E402  (its folder was just put on the path)

TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def running_daemon(*options):
    """Beside the build, so that the figures are those of a disk and not of a memory file system."""
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        daemon = Daemon(Path(folder) / "data", *options)
        try:
            yield daemon
        finally:
            daemon.stop()


def cpu_seconds(pid):
    """User and system time of a process and all its threads so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def median(values):
    return statistics.median(values)


def wrk(url, connections, seconds, headers=()):
    """Requests answered and bytes read by one wrk run on one thread."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as report:
        report.write("done = function(s) print(string.format('RESULT %d %d %d', s.requests, s.bytes, "
                     "s.errors.status + s.errors.connect + s.errors.read + s.errors.write + s.errors.timeout)) end\n")
        report.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", report.name]
        for header in headers:
            command += ["-H", header]
        output = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    requests, received, errors = (int(word) for word in output.split("RESULT ")[1].split()[:3])
    assert errors == 0, output
    return requests, received


@dataclass
class Load:
    per_second: float
    p50: float  # seconds
    p99: float
    requests: int = 0


def wrk_posts(url, connections, seconds, body, headers):
    """What wrk on one thread sees of a server that is sent the same body again and again. `headers` may be a content type alone."""
    if isinstance(headers, str):
        headers = {"Content-Type": headers}
    lines = "\n".join(f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in headers.items())
    with tempfile.NamedTemporaryFile("wb") as content, tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        content.write(body)
        content.flush()
        script.write(f"""
wrk.method = "POST"
wrk.body = io.open("{content.name}", "rb"):read("*a")
{lines}
done = function(s, latency)
  print(string.format("RESULT %d %d %d %d %d", s.requests, s.duration, latency:percentile(50), latency:percentile(99),
                      s.errors.status + s.errors.connect + s.errors.read + s.errors.write + s.errors.timeout))
end
""")
        script.flush()
        output = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "20s", "-s", script.name, url],
                                check=True, capture_output=True, text=True).stdout
    requests, microseconds, p50, p99, errors = (int(word) for word in output.split("RESULT ")[1].split()[:5])
    assert errors == 0, output
    return Load(requests / microseconds * 1e6, p50 / 1e6, p99 / 1e6, requests)


def table(title, rows):
    print(f"\n## {title}\n")
    print("| what | us | peer or limit | ratio | demanded |\n| --- | --- | --- | --- | --- |")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(f"\n{time.strftime('%Y-%m-%d', time.gmtime())}, {load()}", flush=True)
