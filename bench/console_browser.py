#!/usr/bin/env python3
"""What a user of the console waits for, in Debian's Chromium (headless, drawn by the CPU) and with a lot behind it: 1,000,000
points, 1,000,000 log lines, 10,000 jobs, a list of 1,000,000 rows. All times are the browser's own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from harness import ROOT, table
from console_pages import filled_daemon
from console import Browser

sys.path.insert(0, str(ROOT / "tests/console"))
from test_pages import CHROMIUM, node  # noqa: E402  (its folder was just put on the path)


def measured(daemon, **environment):
    """The figures of measure.mjs by what they are of."""
    done = subprocess.run([node(), str(Path(__file__).parent / "console_browser/measure.mjs")], check=True, text=True,
                          stdout=subprocess.PIPE, env={**os.environ, **daemon.shell_environment(), "CHROMIUM": CHROMIUM,
                                                       "MILLRACE_ENDPOINT": daemon.endpoint, **environment})
    return {figures.pop("what"): figures for figures in map(json.loads, done.stdout.splitlines())}


def ms(value):
    return f"{value:.0f} ms"


def frames(figures):
    return (f"frames of {figures['median']:.0f} ms, 95 % within {figures['p95']:.0f}, worst {figures['worst']:.0f}; "
            f"{figures['slow']} of {figures['frames']} above 50 ms")


def main():
    with filled_daemon() as (daemon, _, place):
        browser = Browser(daemon.endpoint)
        browser.sign_in({"AccessKeyId": daemon.environment["AWS_ACCESS_KEY_ID"],
                         "SecretAccessKey": daemon.environment["AWS_SECRET_ACCESS_KEY"]})
        one = browser.post("/mr/lists", {"Place": place}).json()["Id"]
        figures = measured(daemon, BENCH_JOB="job-00000", BENCH_LIST=str(one))
    rows = []

    def row(name, what, figure, demanded):
        if name in figures:
            rows.append((what, figure(figures[name]), "", "", demanded))

    row("first", "first visit, nothing cached: something painted", lambda f: ms(f["first"]), "")
    row("first", "first visit, nothing cached: the home page whole", lambda f: f"{ms(f['whole'])} (worst {f['worst']:.0f})", "< 1,500 ms")
    row("first", "script of the first visit", lambda f: f"{f['bytes'] / 1000:.0f} kB gzip", "< 500 kB")
    row("chart", "chart of 1,000,000 points: tile asked for to painted", lambda f: ms(f["request"]), "< 300 ms")
    row("chart", "the same, click on the job in the table to painted", lambda f: f"{ms(f['click'])} (worst {f['worst']:.0f})", "< 300 ms")
    row("chart", "the same, opened by its address in a new tab", lambda f: ms(f["address"]), "")
    row("log", "log of 1,000,000 lines, opened by its address", lambda f: ms(f["shown"]), "")
    row("log", "the same, jump into its midst to lines painted", lambda f: ms(f["jumped"]), "")
    row("log", "the same, searched to its end for what no line holds", lambda f: ms(f["searched"]), "")
    row("log scrolled", "the same, scrolled 40 pixels a frame", frames, "no jank")
    row("log flung", "the same, scrolled 4,000 pixels a frame", frames, "no jank")
    row("list", "list of 1,000,000 rows, opened by its address", lambda f: ms(f["shown"]), "< 1 s")
    row("list scrolled", "the same, scrolled 40 pixels a frame", frames, "no jank")
    row("list flung", "the same, scrolled 4,000 pixels a frame", frames, "no jank")
    row("jobs", "table of 10,000 jobs, opened by its address", lambda f: ms(f["shown"]), "")
    row("jobs", "the same, sorted by name the other way", lambda f: ms(f["sorted"]), "")
    row("jobs scrolled", "the same, scrolled 40 pixels a frame", frames, "no jank")
    row("jobs flung", "the same, scrolled 2,000 pixels a frame", frames, "no jank")
    row("jobs live", "the same, a job made elsewhere to its row", lambda f: ms(f["appeared"]), "")
    table("The console in a browser with a lot behind it", rows)


if __name__ == "__main__":
    main()
