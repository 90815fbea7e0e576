#!/usr/bin/env python3
"""Does with its FIFOs what the hyperparameter "script" says, one step a word, and prints what it got:

  train:0     read epoch 0 of channel train to its end and print it
  train:0:5   the same, but leave after 5 bytes
  train:0:#   print how many bytes there were instead
  train:0:~   the same, with a pause after every mebibyte
  wait        wait for SIGTERM for ever
"""

import json
import os
import signal
import sys
import time

DATA = "/opt/ml/input/data"


def stop(*_):
    with open("/opt/ml/model/partial.txt", "w") as model:
        model.write("stopped")
    sys.exit(0)


def main():
    signal.signal(signal.SIGTERM, stop)
    for word in json.load(open("/opt/ml/input/config/hyperparameters.json"))["script"].split():
        channel, epoch, form = (word.split(":") + ["", ""])[:3]
        if channel == "wait":
            print("waiting", flush=True)
            time.sleep(1000)
        fifo = os.open(f"{DATA}/{channel}_{epoch}", os.O_RDONLY)
        got, total = [], 0
        while block := os.read(fifo, int(form) if form.isdigit() else 1 << 20):
            total += len(block)
            if form in ("#", "~"):
                time.sleep(0.01 if form == "~" else 0)
            else:
                got.append(block)
            if form.isdigit():
                break
        os.close(fifo)
        print(f"{word} = {total if form in ('#', '~') else b''.join(got).hex()}", flush=True)


main()
