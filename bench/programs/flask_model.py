"""A linear model behind Flask, as peer of our endpoint: `gunicorn flask_model:app` with MODEL naming the model's folder."""

import io
import json
import os
import sys
import zipfile
from pathlib import Path

import numpy
from flask import Flask, Response, request

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests/clients"))

from ndarray_list import read_arrays  # noqa: E402  (its folder was just put on the path)

archive = zipfile.ZipFile(Path(os.environ["MODEL"]) / "model_algo-1")
arrays = read_arrays(archive.read("mx-mod-0000.params"))
weights, bias = numpy.ascontiguousarray(arrays["arg:fc0_weight"].T), arrays["arg:fc0_bias"]
threshold = json.loads(archive.read("additional-params.json"))["threshold"]
app = Flask(__name__)


@app.get("/ping")
def ping():
    return ""


@app.post("/invocations")
def invocations():
    # Faster than numpy.loadtxt for a row or a few.
    rows = numpy.array([line.split(",") for line in io.StringIO(request.get_data(as_text=True))], dtype=numpy.float32)
    scores = 1 / (1 + numpy.exp(-(rows @ weights + bias)[:, 0]))
    return Response(json.dumps({"predictions": [{"score": score, "predicted_label": int(score > threshold)} for score in scores.tolist()]}),
                    mimetype="application/json")
