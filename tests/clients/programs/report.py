#!/usr/bin/python3
"""Prints what the container contract promises, two metrics, and leaves a model and output data."""
import json
import os
import sys

base = "/opt/ml"
print("arguments", json.dumps(sys.argv[1:]))
print("hyperparameters", open(f"{base}/input/config/hyperparameters.json").read().strip())
print("inputdataconfig", open(f"{base}/input/config/inputdataconfig.json").read().strip())
print("resourceconfig", open(f"{base}/input/config/resourceconfig.json").read().strip())
print("environment", json.dumps({k: v for k, v in sorted(os.environ.items())}))
for folder, _, files in sorted(os.walk(f"{base}/input/data")):
    for name in sorted(files):
        path = os.path.join(folder, name)
        print("file", os.path.relpath(path, f"{base}/input/data"), os.path.getsize(path))
for epoch in range(3):
    print(f"Epoch[{epoch}] loss={1.0 / (epoch + 1):.4f} accuracy={0.5 + epoch / 10:.2f}", flush=True)
os.makedirs(f"{base}/model/sub", exist_ok=True)
open(f"{base}/model/weights.bin", "wb").write(bytes(range(256)) * 16)
open(f"{base}/model/sub/note.txt", "w").write("trained\n")
open(f"{base}/output/data/report.txt", "w").write("report\n")
