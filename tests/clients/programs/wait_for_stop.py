#!/usr/bin/python3
"""Runs until SIGTERM, then saves what it has, as a careful trainer does."""
import signal
import sys
import time


def save_and_leave(*_):
    open("/opt/ml/model/partial.bin", "w").write("half a model")
    print("saved on SIGTERM", flush=True)
    sys.exit(0)


signal.signal(signal.SIGTERM, save_and_leave)
print("running", flush=True)
while True:
    time.sleep(0.1)
