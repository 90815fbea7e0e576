#!/usr/bin/python3
"""Says what it has learned of each class as an evaluation does, without learning anything: the figures are a hyperparameter."""

import json
from pathlib import Path

figures = json.loads(Path("/opt/ml/input/config/hyperparameters.json").read_text())
recalls = json.loads(figures["recalls"])
print(f"accuracy={sum(recalls.values()) / len(recalls):.4f}", flush=True)
classes = [{"name": name, "recall": recall, "images": 20} for name, recall in recalls.items()]
Path("/opt/ml/output/data/evaluation.json").write_text(json.dumps({"classes": classes}))
Path("/opt/ml/model/weights").write_text("none\n")
