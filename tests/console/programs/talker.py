#!/usr/bin/python3
"""Reports metrics and writes lines, some of them coloured and some full of markup, until it is told to end."""

import math
import signal
import sys
import time
from pathlib import Path


def leave(*_):
    Path("/opt/ml/model/weights").write_text("as far as it came\n")
    print("told to end", flush=True)
    sys.exit(0)


signal.signal(signal.SIGTERM, leave)
print("<script>window.hacked=1</script><b>not bold</b>")
print("\x1b[1;32mready\x1b[0m \x1b[38;5;208mand coloured\x1b[0m")
for step in range(1_000_000):
    noise = (step * 7919 % 101) / 500
    print(f"step {step} loss={math.exp(-step / 300) + noise:.5f}", flush=True)
    if step % 10 == 0:
        print(f"step {step} val={math.exp(-step / 300) + 0.1:.5f}", flush=True)
    time.sleep(0.002 if step < 500 else 0.2)
