"""The SM_* variables that a training script reads."""

import json
import os
import subprocess

from millrace_toolkit import libraries
from millrace_toolkit.arguments import command_line

MASTER_PORT = "7777"


def as_text(value):
    """Strings as they are, null empty, the rest compact JSON with sorted names."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def count_gpus():
    try:
        listed = subprocess.run(["nvidia-smi", "--list-gpus"], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return sum(1 for line in listed.stdout.splitlines() if line.startswith("GPU "))


def training_environment(paths, files, settings):
    """Everything a script may ask, by the names of SM_TRAINING_ENV."""
    resources = files.resources
    groups = resources.get("instance_groups", [])
    by_name = {group["instance_group_name"]: group for group in groups}
    own_group = resources.get("current_group_name", "homogeneousCluster")
    distribution = files.hyperparameters.framework.get("sagemaker_distribution_instance_groups", [])
    distribution_hosts = [host for name in distribution for host in by_name.get(name, {}).get("hosts", [])] or files.hosts
    return {
        "additional_framework_parameters": files.hyperparameters.framework,
        "channel_input_dirs": {name: str(paths.data / name) for name in files.channels},
        "current_host": files.current_host,
        "current_instance_group": own_group,
        "current_instance_group_hosts": by_name.get(own_group, {}).get("hosts", files.hosts),
        "current_instance_type": resources.get("current_instance_type", ""),
        "distribution_hosts": distribution_hosts,
        "distribution_instance_groups": distribution,
        "framework_module": None,
        "hosts": files.hosts,
        "hyperparameters": files.hyperparameters.script,
        "input_config_dir": str(paths.config),
        "input_data_config": files.channels,
        "input_dir": str(paths.input),
        "instance_groups": list(by_name),
        "instance_groups_dict": by_name,
        "is_hetero": len(by_name) > 1,
        "is_master": files.current_host == distribution_hosts[0],
        "job_name": settings.job_name,
        "log_level": settings.log_level,
        "master_hostname": distribution_hosts[0],
        "model_dir": str(paths.model),
        "module_dir": settings.submit_directory,
        "module_name": settings.module_name,
        "network_interface_name": resources.get("network_interface_name", "eth0"),
        "num_cpus": len(os.sched_getaffinity(0)),
        "num_gpus": settings.gpus,
        "num_neurons": 0,
        "output_data_dir": str(paths.output_data),
        "output_dir": str(paths.output),
        "output_intermediate_dir": str(paths.intermediate),
        "resource_config": resources,
        "topology": resources.get("topology"),
        "user_entry_point": settings.program,
    }


# Members of SM_TRAINING_ENV that are variables of the same name.
_SAME_NAME = [
    "hosts", "current_host", "network_interface_name", "current_instance_type", "current_instance_group",
    "current_instance_group_hosts", "instance_groups", "instance_groups_dict", "distribution_instance_groups", "is_hetero",
    "input_dir", "input_config_dir", "input_data_config", "resource_config", "model_dir", "module_dir", "module_name",
    "user_entry_point", "output_dir", "output_data_dir", "output_intermediate_dir", "num_cpus", "num_gpus", "num_neurons",
    "log_level", "framework_module"]


def script_variables(paths, files, settings):
    """All that is set for the script besides what the platform has set already."""
    facts = training_environment(paths, files, settings)
    values = {f"SM_{name.upper()}": facts[name] for name in _SAME_NAME}
    values["SM_CHANNELS"] = sorted(files.channels)
    values["SM_HPS"] = facts["hyperparameters"]
    values["SM_FRAMEWORK_PARAMS"] = facts["additional_framework_parameters"]
    values["SM_USER_ARGS"] = command_line(files.hyperparameters.script)
    values["SM_TRAINING_ENV"] = facts
    if facts["topology"] is not None:
        values["SM_TOPOLOGY"] = facts["topology"]
    for name, directory in facts["channel_input_dirs"].items():
        values[f"SM_CHANNEL_{name.upper()}"] = directory
    for name, value in files.hyperparameters.script.items():
        values[f"SM_HP_{name.upper()}"] = value
    variables = {name: as_text(value) for name, value in values.items()}
    variables["CURRENT_HOST"] = files.current_host
    variables["SAGEMAKER_JOB_NAME"] = settings.job_name
    variables["SAGEMAKER_REGION"] = settings.region
    if settings.framework in ("pytorch", "huggingface"):
        variables.update(pytorch_variables(facts))
    if settings.torch_distributed:
        variables.update(process_group_variables(files))
    return variables


def pytorch_variables(facts):
    """What PyTorch's containers add, so that init_process_group("gloo") finds its first host."""
    given = {"MASTER_ADDR": facts["master_hostname"], "MASTER_PORT": MASTER_PORT,
             "NCCL_SOCKET_IFNAME": facts["network_interface_name"], "NCCL_IB_DISABLE": "1", "NCCL_DEBUG": "WARN",
             "SM_DLC_TORCH_VERSION": libraries.version("torch") or ""}
    # The request's Environment wins.
    return {name: os.environ.get(name, value) for name, value in given.items()}


def process_group_variables(files):
    """What torchrun tells the processes that it starts, one on each host, so that init_process_group() needs no arguments.

    Not by torchrun itself: that of Debian's PyTorch 1.13 fails on Debian's Python 3.11 before it has started anything
    (AttributeError in torch/distributed/elastic/multiprocessing/api.py, to_map).
    """
    hosts = files.hosts
    rank = str(hosts.index(files.current_host))
    return {"RANK": rank, "GROUP_RANK": rank, "WORLD_SIZE": str(len(hosts)), "LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "1"}
