#!/usr/bin/python3
"""Prints the files of every channel, in order, and leaves a model."""

import os
from pathlib import Path

ROOT = Path("/opt/ml/input/data")
for channel in sorted(path for path in ROOT.iterdir() if path.is_dir()):
    print(f"{channel.name}: {' '.join(sorted(os.listdir(channel)))}", flush=True)
Path("/opt/ml/model/model.txt").write_text("model")
