"""The toolkit of script mode, run as a process against a hand-made /opt/ml, and its parts by themselves."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "src/toolkit"
sys.path.insert(0, str(ROOT))


class Container:
    """/opt/ml as the platform leaves it before the start, and what the toolkit makes of it."""

    def __init__(self, base):
        self.base = base
        self.hyperparameters = {"sagemaker_program": '"train.py"', "sagemaker_submit_directory": f'"{base}/source"'}
        self.channels = {}
        self.resources = {"current_host": "localhost", "hosts": ["localhost"], "network_interface_name": "lo",
                          "current_instance_type": "ml.m5.large", "current_group_name": "homogeneousCluster",
                          "instance_groups": [{"instance_group_name": "homogeneousCluster",
                                               "instance_type": "ml.m5.large", "hosts": ["localhost"]}]}
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(base), "SAGEMAKER_BASE_DIR": str(base),
                            "PYTHONDONTWRITEBYTECODE": "1", "TRAINING_JOB_NAME": "job-1", "AWS_REGION": "us-west-2"}
        for folder in ("input/config", "input/data", "model", "code", "output/data", "source"):
            (base / folder).mkdir(parents=True)

    def source(self, name, text):
        path = self.base / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def start(self, verb="train"):
        config = self.base / "input/config"
        (config / "hyperparameters.json").write_text(json.dumps(self.hyperparameters))
        (config / "inputdataconfig.json").write_text(json.dumps(self.channels))
        (config / "resourceconfig.json").write_text(json.dumps(self.resources))
        return subprocess.Popen([sys.executable, str(ROOT / "run.py"), verb], env=self.environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def train(self):
        process = self.start()
        stdout, stderr = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    @property
    def failure(self):
        path = self.base / "output/failure"
        return path.read_text() if path.exists() else None

    @property
    def succeeded(self):
        return (self.base / "output/success").exists()


@pytest.fixture
def container(tmp_path):
    return Container(tmp_path)
