"""A job folder for millrace-trainer, as the benchmarks of the tabular algorithms make it."""

import json
import os


def write_job(base, hyperparameters, channels):
    """A job's /opt/ml: `channels` by name, each the path of a CSV file."""
    (base / "input/config").mkdir(parents=True)
    (base / "input/config/hyperparameters.json").write_text(json.dumps({k: str(v) for k, v in hyperparameters.items()}))
    entry = {"TrainingInputMode": "File", "ContentType": "text/csv", "S3DistributionType": "FullyReplicated"}
    (base / "input/config/inputdataconfig.json").write_text(json.dumps({name: entry for name in channels}))
    for name, path in channels.items():
        folder = base / "input/data" / name
        folder.mkdir(parents=True)
        os.link(path, folder / "rows.csv")
