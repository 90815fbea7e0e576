"""The agreement of /opt/ml: where things lie, and what the platform has written there before the start."""

import json
import logging
from pathlib import Path

log = logging.getLogger("millrace-toolkit")

# Hyperparameters that are meant for the toolkit. Others with the prefix are passed on as framework parameters.
TOOLKIT_PARAMETERS = {
    "sagemaker_program", "sagemaker_submit_directory", "sagemaker_container_log_level", "sagemaker_job_name",
    "sagemaker_region", "sagemaker_enable_cloudwatch_metrics", "default_user_module_name", "_tuning_objective_metric",
    "sagemaker_s3_output"}
FRAMEWORK_PREFIX = "sagemaker_"


class Paths:
    """Everything below one base: /opt/ml, or what SAGEMAKER_BASE_DIR says."""

    def __init__(self, base="/opt/ml"):
        self.base = Path(base)
        self.input = self.base / "input"
        self.config = self.input / "config"
        self.data = self.input / "data"
        self.model = self.base / "model"
        self.code = self.base / "code"
        self.output = self.base / "output"
        self.output_data = self.output / "data"
        self.intermediate = self.output / "intermediate"
        self.failure = self.output / "failure"
        self.success = self.output / "success"
        # Where pip puts what a requirements file asks for: a user base of Python, inside the code directory.
        self.packages = self.code / ".packages"


def decode_hyperparameters(strings):
    """Script-mode clients encode each value as JSON; what does not parse is the string that it is."""
    decoded = {}
    for name, text in strings.items():
        try:
            decoded[name] = json.loads(text)
        except json.JSONDecodeError:
            log.info("hyperparameter %s: %r is not JSON and is taken as a string", name, text)
            decoded[name] = text
    return decoded


class Hyperparameters:
    """Decoded and told apart: the script's own, the toolkit's, and those of the framework."""

    def __init__(self, strings):
        decoded = decode_hyperparameters(strings)
        self.toolkit = {k: v for k, v in decoded.items() if k in TOOLKIT_PARAMETERS}
        self.framework = {k: v for k, v in decoded.items()
                          if k.startswith(FRAMEWORK_PREFIX) and k not in TOOLKIT_PARAMETERS}
        self.script = {k: v for k, v in decoded.items() if k not in self.toolkit and k not in self.framework}


class JobFiles:
    """The three config files of a training job, read once."""

    def __init__(self, paths):
        def read(name):
            path = paths.config / name
            return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

        self.hyperparameters = Hyperparameters(read("hyperparameters.json"))
        self.channels = read("inputdataconfig.json")
        self.resources = read("resourceconfig.json")

    @property
    def hosts(self):
        return self.resources.get("hosts", ["algo-1"])

    @property
    def current_host(self):
        return self.resources.get("current_host", "algo-1")
