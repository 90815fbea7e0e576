#!/usr/bin/env python3
"""Counts epochs, with a checkpoint after each, and goes on behind the last that it finds. With the hyperparameter
`hold` it waits in that epoch until it is told to end, which it does as if all were well, with a model."""

import json
import os
import signal
import sys
import time
from pathlib import Path

BASE = Path("/opt/ml")
STATE = BASE / "checkpoints" / "epoch"


def leave(*_):
    (BASE / "model" / "weights").write_text("of an attempt that was told to end\n")
    print("told to end", flush=True)
    sys.exit(0)


settings = json.loads((BASE / "input/config/hyperparameters.json").read_text())
first = int(STATE.read_text()) + 1 if STATE.exists() else 0
print(f"starting at epoch {first}", flush=True)
for epoch in range(first, 4):
    if first == 0 and epoch == int(settings.get("hold", -1)):
        if "deaf" in settings:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        else:
            signal.signal(signal.SIGTERM, leave)
        print("holding", flush=True)
        while True:
            time.sleep(0.05)
    print(f"epoch {epoch} done", flush=True)
    if STATE.parent.exists():
        (STATE.parent / "epoch.new").write_text(str(epoch))
        os.rename(STATE.parent / "epoch.new", STATE)
(BASE / "model" / "weights").write_text("whole\n")
