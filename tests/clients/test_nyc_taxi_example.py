"""examples/nyc_taxi: the script that finds unusual stretches in a series with a weekly rhythm."""

import datetime
import json
import math
import random
import subprocess
import sys
from pathlib import Path

import pytest

from daemon import MILLRACE

SCRIPT = Path(__file__).parents[2] / "examples/nyc_taxi/detect.py"
BEGIN = datetime.datetime(2024, 1, 1)
ODD = datetime.datetime(2024, 1, 25, 8)  # a Thursday


def write_series(path, weeks=8):
    """Rows each half hour: days and nights, weaker at weekends; for twelve hours of ODD a night's counts by day."""
    draw = random.Random(0)
    lines = ["timestamp,value"]
    for i in range(weeks * 336):
        time = BEGIN + datetime.timedelta(minutes=30 * i)
        night = ODD <= time < ODD + datetime.timedelta(hours=12)
        height = 0.1 if night else 1 - math.cos(2 * math.pi * (time.hour + time.minute / 60) / 24)
        lines.append(f"{time},{10000 * height * (0.7 if time.weekday() > 4 else 1) + draw.gauss(0, 200):.0f}")
    path.write_text("\n".join(lines) + "\n")


def run(daemon, *arguments):
    return subprocess.run([sys.executable, SCRIPT, "--millrace", MILLRACE, *arguments],
                          env=daemon.shell_environment(), capture_output=True, text=True, timeout=120)


def test_it_finds_the_one_day_that_is_unlike_its_weekday(daemon, tmp_path):
    write_series(tmp_path / "series.csv")
    windows = {"realKnownCause/series.csv": [["2024-01-25 06:00:00.000000", "2024-01-25 22:00:00.000000"],
                                             ["2024-02-10 00:00:00.000000", "2024-02-11 00:00:00.000000"]]}
    (tmp_path / "windows.json").write_text(json.dumps(windows))
    ran = run(daemon, "--series", tmp_path / "series.csv", "--windows", tmp_path / "windows.json")
    assert ran.returncode == 0, ran.stderr
    *found, summary = ran.stdout.splitlines()
    assert len(found) == 1 and found[0].startswith("Thu 2024-01-25 0"), ran.stdout
    assert found[0].endswith("labelled") and not found[0].endswith("not labelled")
    assert summary == "1 of 2 labelled windows found"


@pytest.mark.parametrize("text, message", [
    ("time,count\n", "series.csv, line 1: got 'time,count', expected the columns timestamp,value"),
    ("timestamp,value\n2024-01-01 00:00:00,many\n", "series.csv, line 2: got '2024-01-01 00:00:00,many', expected a time"),
    ("timestamp,value\n2024-01-01 00:00:00,1\n2024-01-01 02:00:00,1\n", "line 3: 2024-01-01 02:00:00 follows 2024-01-01 00:00:00"),
    ("timestamp,value\n2024-01-01 00:00:00,1\n", "1 rows, expected 108 at least")])
def test_what_is_no_series_is_refused_with_its_place(daemon, tmp_path, text, message):
    (tmp_path / "series.csv").write_text(text)
    ran = run(daemon, "--series", tmp_path / "series.csv")
    assert ran.returncode != 0 and message in ran.stderr, ran.stderr
