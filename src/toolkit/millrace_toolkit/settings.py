"""How a job wants the toolkit to behave: hyperparameters first, then variables of the environment."""

import os

from millrace_toolkit.environment import count_gpus
from millrace_toolkit.failures import CustomerError
from millrace_toolkit.launch import module_name


class Settings:
    def __init__(self, hyperparameters, environment=None):
        environment = os.environ if environment is None else environment
        told = hyperparameters.toolkit

        def setting(name, variable, default=""):
            value = told.get(name)
            return environment.get(variable, default) if value is None else value

        self.program = setting("sagemaker_program", "SAGEMAKER_PROGRAM")
        self.submit_directory = setting("sagemaker_submit_directory", "SAGEMAKER_SUBMIT_DIRECTORY")
        self.job_name = setting("sagemaker_job_name", "SAGEMAKER_JOB_NAME", environment.get("TRAINING_JOB_NAME", ""))
        self.region = setting("sagemaker_region", "SAGEMAKER_REGION", environment.get("AWS_REGION", ""))
        self.log_level = log_level(setting("sagemaker_container_log_level", "SAGEMAKER_CONTAINER_LOG_LEVEL", 20))
        self.s3_output = told.get("sagemaker_s3_output")
        self.torch_distributed = hyperparameters.framework.get("sagemaker_torch_distributed_enabled") is True
        self.requirements = environment.get("SAGEMAKER_REQUIREMENTS") or "requirements.txt"
        self.requirements_are_named = bool(environment.get("SAGEMAKER_REQUIREMENTS"))
        self.framework = environment.get("MILLRACE_FRAMEWORK", "python")
        self.image = environment.get("MILLRACE_IMAGE", "")
        self.gpus = count_gpus()

    @property
    def module_name(self):
        return module_name(self.program)

    def check(self):
        if not self.program or not isinstance(self.program, str):
            raise CustomerError("sagemaker_program is missing: a framework image runs a script of yours. Name it in the "
                                "hyperparameters, with sagemaker_submit_directory for the archive that holds it.")
        if self.program.startswith("/") or ".." in self.program.split("/"):
            raise CustomerError(f"sagemaker_program: got {self.program!r}, expected a file inside the code archive.")
        if not isinstance(self.submit_directory, str):
            raise CustomerError(f"sagemaker_submit_directory: got {self.submit_directory!r}, expected s3://bucket/key or a path.")


def log_level(value):
    """20, "20" or "info"; what is none of these is 20."""
    names = {"debug": 10, "info": 20, "warning": 30, "warn": 30, "error": 40, "critical": 50}
    text = str(value).strip().lower()
    return int(text) if text.isdigit() else names.get(text, 20)
