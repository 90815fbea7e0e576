#!/usr/bin/env python3
"""Two lists of 100,000 rows compared by `millrace lst diff`, beside a plain Python script of two dicts, in rounds that
interleave them (list_diff.py ROUNDS, else 9). The limit is reading the two files and doing nothing with them (cat).

CPU seconds of whole processes, start included; the best round counts, for everyone. All must count the same differences."""

import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from harness import BIN, ROOT, table
from machine import timed

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 9
ROWS = 100_000
LIMIT_SECONDS = 0.3


def write(path, rows):
    path.write_text("".join(f"{index}\t{label}\t{image}\n" for index, label, image in rows))


def make_lists(folder):
    """{name: (before, after)}: a few edits of a list, the same shuffled, and nothing in common."""
    numbers = random.Random(7)
    rows = [(i, i % 257, f"{i % 257:03d}.class_name/image_{i:06d}.jpg") for i in range(ROWS)]
    edited = [(i, (label + 1) % 257 if numbers.random() < 0.01 else label, image)
              for i, label, image in rows if numbers.random() > 0.005]
    edited += [(ROWS + i, i % 257, f"{i % 257:03d}.class_name/added_{i:06d}.jpg") for i in range(500)]
    shuffled = edited[:]
    numbers.shuffle(shuffled)
    other = [(ROWS + i, label, f"other/{image[:-4]}_{i}.jpg") for i, label, image in rows]
    pairs = {}
    for name, after in (("an edited list", edited), ("an edited list in another order", shuffled),
                        ("lists with nothing in common", other)):
        stem = name.replace(" ", "_")
        pairs[name] = (folder / f"{stem}_a.lst", folder / f"{stem}_b.lst")
        write(pairs[name][0], rows)
        write(pairs[name][1], after)
    return pairs


def ours(before, after):
    """`timed` takes exit code 1 for a failure; here it says that the lists differ."""
    script = f'"$0" lst diff "$@" --summary; [ $? -le 1 ]'
    return timed(["sh", "-c", script, str(BIN / "millrace"), str(before), str(after)])


def counts(text):
    found = {what: int(number.replace(",", "")) for number, what in
             re.findall(r"([\d,]+) (added|removed|relabelled)", text)}
    return tuple(found.get(what, 0) for what in ("added", "removed", "relabelled"))


def measure(before, after):
    runs = {"us": lambda: ours(before, after),
            "dicts": lambda: timed(["/usr/bin/python3", str(ROOT / "bench/list_diff/python_dict.py"), str(before),
                                    str(after)]),
            "cat": lambda: timed(["sh", "-c", 'cat "$@" >/dev/null', "sh", str(before), str(after)])}
    best, said = {}, {}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            wall, cpu, out = run()
            old = best.get(name, (wall, cpu))
            best[name] = (min(old[0], wall), min(old[1], cpu))
            said[name] = out
    assert counts(said["us"]) == counts(said["dicts"]), (said["us"], said["dicts"])
    return best


def main():
    rows = []
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        for name, (before, after) in make_lists(Path(folder)).items():
            best = measure(before, after)
            us = f"{best['us'][1] * 1e3:.0f} ms CPU, {best['us'][0] * 1e3:.0f} ms by the clock"
            rows.append((f"{name}, 2 x {ROWS:,} rows", us, f"demanded {LIMIT_SECONDS * 1e3:.0f} ms",
                         f"{LIMIT_SECONDS / best['us'][0]:.1f}", "at least 1, by the clock"))
            rows.append(("the same", us, f"Python, two dicts {best['dicts'][1] * 1e3:.0f} ms CPU",
                         f"{best['dicts'][1] / best['us'][1]:.1f}", "-"))
            rows.append(("the same", us, f"limit: reading the bytes (cat) {best['cat'][1] * 1e3:.0f} ms CPU",
                         f"{best['cat'][1] / best['us'][1]:.2f}", "-"))
    table("Comparing lists", rows)


if __name__ == "__main__":
    main()
