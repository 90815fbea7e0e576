"""CIFAR-10 from a folder that holds it as sheets of tiles, and as a job of image-classification reads it."""

import io
import json
import subprocess

import numpy
from PIL import Image

from training_inputs import records

EDGE = 32
SHEET = 10_000  # images of one train-*.webp


def tiles(sheet, count):
    """The first `count` images of a sheet as uint8, count x 32 x 32 x 3."""
    pixels = numpy.asarray(Image.open(sheet).convert("RGB"))
    rows, columns = pixels.shape[0] // EDGE, pixels.shape[1] // EDGE
    return pixels.reshape(rows, EDGE, columns, EDGE, 3).swapaxes(1, 2).reshape(-1, EDGE, EDGE, 3)[:count]


def train_set(data, count):
    """Labels and pixels of the first `count` training images."""
    sheets = [tiles(data / f"train-{number + 1}.webp", min(SHEET, count - number * SHEET)) for number in range(-(-count // SHEET))]
    return numpy.frombuffer((data / "train-labels.u8").read_bytes(), numpy.uint8)[:count], numpy.concatenate(sheets)


def validation_set(data, count):
    """Labels and pixels of the first `count` images of the shared half of the test set."""
    pixels = tiles(data / "test-dev.webp", count)
    return numpy.frombuffer((data / "test-dev-labels.u8").read_bytes(), numpy.uint8)[:len(pixels)], pixels


def png_of(pixels):
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def write_job(folder, channels, hyperparameters, model=None):
    """Lays out a job's /opt/ml in `folder`: channels as .rec files of (labels, pixels), and a model folder to go on from."""
    (folder / "input/config").mkdir(parents=True)
    config = {name: {"TrainingInputMode": "File", "ContentType": "application/x-recordio"} for name in channels}
    for name, (labels, pixels) in channels.items():
        (folder / "input/data" / name).mkdir(parents=True)
        (folder / "input/data" / name / f"{name}.rec").write_bytes(records(zip(labels, map(png_of, pixels))))
    if model:
        config["model"] = {"TrainingInputMode": "File", "ContentType": "application/x-sagemaker-model"}
        (folder / "input/data/model").mkdir()
        subprocess.run(["tar", "-C", model, "-czf", folder / "input/data/model/model.tar.gz", "."], check=True)
    (folder / "input/config/hyperparameters.json").write_text(json.dumps({k: str(v) for k, v in hyperparameters.items()}))
    (folder / "input/config/inputdataconfig.json").write_text(json.dumps(config))
