"""What a script is given and what becomes of its end, as the public training containers do it."""

import json
import os
import signal
import subprocess
import sys

import pytest

from conftest import ROOT
from millrace_toolkit.arguments import command_line
from millrace_toolkit.failures import last_exception

PRINT_EVERYTHING = """
import json, os, sys
print("arguments", json.dumps(sys.argv[1:]))
print("environment", json.dumps(dict(os.environ)))
print("directory", os.getcwd())
"""


def printed(ran, word):
    return next(line.split(" ", 1)[1] for line in ran.stdout.splitlines() if line.startswith(word + " "))


def test_hyperparameters_become_arguments_sorted_by_name():
    assert command_line({"epochs": 30, "batch-size": 32, "n": None, "flag": True, "list": [1, "a"], "o": {"b": 1, "a": "x"},
                         "text": "a b", "rate": 0.05}) == [
        "--batch-size", "32", "--epochs", "30", "--flag", "True", "--list", "[1, 'a']", "-n", "", "-o", "a=x,b=1",
        "--rate", "0.05", "--text", "a b"]


def test_a_script_finds_everything_in_its_arguments_and_variables(container):
    container.source("train.py", PRINT_EVERYTHING)
    container.hyperparameters |= {
        "epochs": "30", "batch-size": "32", "name": '"x"', "plain": "x y", "classes": '["cat", "dog"]', "nothing": "null",
        "sagemaker_region": '"eu-west-1"', "sagemaker_job_name": '"other"', "sagemaker_container_log_level": "10",
        "sagemaker_instance_type": '"ml.c5.large"', "_tuning_objective_metric": "val_loss"}
    container.channels = {"train": {"TrainingInputMode": "File"}, "my-data": {"TrainingInputMode": "File"}}
    ran = container.train()
    assert ran.returncode == 0, ran.stderr
    assert container.succeeded and container.failure is None
    base = str(container.base)
    assert printed(ran, "directory") == base + "/code"
    arguments = ["--batch-size", "32", "--classes", "['cat', 'dog']", "--epochs", "30", "--name", "x", "--nothing", "",
                 "--plain", "x y"]
    assert json.loads(printed(ran, "arguments")) == arguments
    variables = json.loads(printed(ran, "environment"))
    expected = {
        "SM_HOSTS": '["localhost"]', "SM_CURRENT_HOST": "localhost", "SM_NETWORK_INTERFACE_NAME": "lo",
        "SM_CURRENT_INSTANCE_TYPE": "ml.m5.large", "SM_CURRENT_INSTANCE_GROUP": "homogeneousCluster",
        "SM_CURRENT_INSTANCE_GROUP_HOSTS": '["localhost"]', "SM_INSTANCE_GROUPS": '["homogeneousCluster"]',
        "SM_INSTANCE_GROUPS_DICT": '{"homogeneousCluster":{"hosts":["localhost"],"instance_group_name":"homogeneousCluster",'
                                   '"instance_type":"ml.m5.large"}}',
        "SM_DISTRIBUTION_INSTANCE_GROUPS": "[]", "SM_IS_HETERO": "false",
        "SM_HPS": '{"batch-size":32,"classes":["cat","dog"],"epochs":30,"name":"x","nothing":null,"plain":"x y"}',
        "SM_HP_EPOCHS": "30", "SM_HP_BATCH-SIZE": "32", "SM_HP_CLASSES": '["cat","dog"]', "SM_HP_NOTHING": "",
        "SM_USER_ARGS": json.dumps(arguments, separators=(",", ":")),
        "SM_CHANNELS": '["my-data","train"]', "SM_CHANNEL_TRAIN": base + "/input/data/train",
        "SM_CHANNEL_MY-DATA": base + "/input/data/my-data",
        "SM_INPUT_DIR": base + "/input", "SM_INPUT_CONFIG_DIR": base + "/input/config",
        "SM_INPUT_DATA_CONFIG": '{"my-data":{"TrainingInputMode":"File"},"train":{"TrainingInputMode":"File"}}',
        "SM_MODEL_DIR": base + "/model", "SM_MODULE_DIR": base + "/source", "SM_MODULE_NAME": "train",
        "SM_USER_ENTRY_POINT": "train.py", "SM_OUTPUT_DIR": base + "/output", "SM_OUTPUT_DATA_DIR": base + "/output/data",
        "SM_OUTPUT_INTERMEDIATE_DIR": base + "/output/intermediate", "SM_NUM_NEURONS": "0", "SM_LOG_LEVEL": "10",
        "SM_FRAMEWORK_MODULE": "", "SM_FRAMEWORK_PARAMS": '{"sagemaker_instance_type":"ml.c5.large"}',
        "CURRENT_HOST": "localhost", "SAGEMAKER_JOB_NAME": "other", "SAGEMAKER_REGION": "eu-west-1"}
    assert {name: variables.get(name) for name in expected} == expected
    assert int(variables["SM_NUM_CPUS"]) >= 1 and int(variables["SM_NUM_GPUS"]) >= 0
    assert json.loads(variables["SM_RESOURCE_CONFIG"]) == container.resources
    assert json.loads(variables["SM_TRAINING_ENV"])["hyperparameters"]["classes"] == ["cat", "dog"]
    assert variables["PYTHONPATH"].split(":")[0] == base + "/code"
    assert "SM_TOPOLOGY" not in variables and "MASTER_ADDR" not in variables
    assert sum("'x y' is not JSON" in line for line in ran.stdout.splitlines()) == 1
    assert "runs on this machine's Python 3." in ran.stdout


def test_pytorch_images_add_what_its_process_groups_need(container):
    container.source("train.py", PRINT_EVERYTHING)
    container.environment |= {"MILLRACE_FRAMEWORK": "pytorch", "MASTER_PORT": "29500"}
    variables = json.loads(printed(container.train(), "environment"))
    assert (variables["MASTER_ADDR"], variables["MASTER_PORT"]) == ("localhost", "29500"), "the request's variables win"
    assert (variables["NCCL_SOCKET_IFNAME"], variables["NCCL_IB_DISABLE"], variables["NCCL_DEBUG"]) == ("lo", "1", "WARN")
    assert variables["SM_DLC_TORCH_VERSION"] and "RANK" not in variables


def test_torch_distributed_tells_each_process_its_rank(container):
    container.source("train.py", PRINT_EVERYTHING)
    container.environment |= {"MILLRACE_FRAMEWORK": "pytorch"}
    container.hyperparameters["sagemaker_torch_distributed_enabled"] = "true"
    container.resources |= {"hosts": ["127.0.0.1", "localhost"], "current_host": "localhost"}
    variables = json.loads(printed(container.train(), "environment"))
    assert {name: variables[name] for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR")} == {
        "RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "0", "MASTER_ADDR": "127.0.0.1"}


def test_a_failing_script_is_reported_in_the_containers_words(container):
    container.source("train.py", "import sys\nprint('working')\ntry:\n    1/0\nexcept ZeroDivisionError:\n"
                                 "    raise ValueError('fraction must be in (0, 1]')\n")
    container.hyperparameters |= {"epochs": "30", "fraction": "1.5"}
    ran = container.train()
    assert ran.returncode == 1 and not container.succeeded
    assert container.failure == ('ExecuteUserScriptError:\nExitCode 1\nErrorMessage "ValueError: fraction must be in (0, 1]"\n'
                                 'Command "/usr/bin/python3 train.py --epochs 30 --fraction 1.5"')
    assert "Traceback" in ran.stderr and "working" in ran.stdout


def test_the_scripts_own_failure_file_is_kept(container):
    container.source("train.py", "import os, sys\n"
                                 "open(os.environ['SM_OUTPUT_DIR'] + '/failure', 'w').write('mine')\nsys.exit(5)\n")
    assert container.train().returncode == 1
    assert container.failure == "mine"


@pytest.mark.parametrize("ending, expected", [
    ("sys.exit(3)", 'ExitCode 3\nErrorMessage ""'),
    ("os.kill(os.getpid(), 9)", 'ExitCode 137\nErrorMessage ""\nExtraInfo "killed by signal 9'),
    ("sys.exit('no such column')", 'ExitCode 1\nErrorMessage "no such column"')])
def test_exit_codes_and_signals_are_told(container, ending, expected):
    container.source("train.py", f"import os, sys\n{ending}\n")
    assert container.train().returncode == 1
    assert container.failure.startswith("ExecuteUserScriptError:\n" + expected)


def test_a_shell_script_runs_through_the_shell(container):
    container.source("run.sh", '#!/bin/sh\necho "got $1 $2"\necho "for $SM_HP_NAME"\nexit 4\n')
    container.hyperparameters |= {"sagemaker_program": "run.sh", "name": "it's"}
    ran = container.train()
    assert "got --name it's" in ran.stdout and "for it's" in ran.stdout
    assert container.failure.startswith("ExecuteUserScriptError:\nExitCode 4\n")
    assert container.failure.endswith("Command \"/bin/sh -c \"./run.sh --name 'it'\"'\"'s'\"\"")


def test_anything_else_is_an_executable(container):
    container.source("trainer", "#!/usr/bin/python3\nimport sys\nprint('ran', sys.argv[1:])\n")
    container.hyperparameters["sagemaker_program"] = "trainer"
    assert "ran []" in container.train().stdout


def test_code_with_a_setup_script_is_installed_and_run_as_a_module(container):
    container.source("setup.py", "from setuptools import setup\n"
                                 "setup(name='pets', version='1.0', py_modules=['train', 'pets'])\n")
    container.source("pets.py", "KINDS = ['cat']\n")
    container.source("train.py", "import importlib.metadata, pets\n"
                                 "print('pets', pets.KINDS, importlib.metadata.version('pets'))\n")
    ran = container.train()
    assert ran.returncode == 0, ran.stderr
    assert "pets ['cat'] 1.0" in ran.stdout
    assert "runs /usr/bin/python3 -m train" in ran.stdout


def test_a_stop_reaches_the_script_which_ends_in_its_own_way(container):
    container.source("train.py", "import os, signal, sys, time\n"
                                 "def leave(*_):\n"
                                 "    open(os.environ['SM_MODEL_DIR'] + '/half', 'w').write('half a model')\n"
                                 "    sys.exit(0)\n"
                                 "signal.signal(signal.SIGTERM, leave)\n"
                                 "print('running', flush=True)\n"
                                 "time.sleep(60)\n")
    process = container.start()
    while "running" != process.stdout.readline().strip():
        pass
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    process.communicate()
    assert (container.base / "model/half").read_text() == "half a model"


def test_what_a_script_leaves_running_does_not_hold_its_job(container):
    container.source("train.py", "import subprocess\nprint('left', subprocess.Popen(['sleep', '100']).pid, flush=True)\n")
    process = container.start()
    lines = iter(process.stdout.readline, "")
    left = next(int(line.split()[1]) for line in lines if line.startswith("left "))
    try:
        assert process.wait(60) == 0 and container.succeeded
    finally:
        os.kill(left, signal.SIGKILL)
        process.stdout.close()
        process.stderr.close()


@pytest.mark.parametrize("change, message", [
    ({"sagemaker_program": '"other.py"'}, "sagemaker_program: got 'other.py', expected a file of"),
    ({"sagemaker_program": '"../train.py"'}, "expected a file inside the code archive"),
    ({"sagemaker_submit_directory": '"/nowhere/at/all"'}, "sagemaker_submit_directory: got '/nowhere/at/all'"),
    ({"sagemaker_submit_directory": '""'}, "sagemaker_submit_directory is missing"),
    ({"sagemaker_submit_directory": '"s3://b/k.tar.gz"'}, "runs with network isolation"),
    ({"sagemaker_program": '""'}, "sagemaker_program is missing")])
def test_a_mistake_in_the_request_is_the_customers(container, change, message):
    container.source("train.py", "print('ran')\n")
    container.hyperparameters |= change
    ran = container.train()
    assert ran.returncode == 1 and "ran\n" not in ran.stdout
    assert container.failure.startswith("ClientError: ") and message in container.failure


def test_a_failure_of_the_toolkit_itself_carries_a_traceback(container):
    (container.base / "input/config/hyperparameters.json").write_text("{broken")
    assert subprocess.run([sys.executable, ROOT / "run.py", "train"], env=container.environment,
                          capture_output=True, check=False).returncode == 1
    assert container.failure.startswith("Framework Error:\nTraceback (most recent call last):")


def test_the_exception_that_ended_a_program_is_told_without_its_frames():
    frames = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    f()\n'
    assert last_exception(f"warning\n{frames}ValueError: a\nb\n") == "ValueError: a\nb"
    assert last_exception(f"{frames}KeyError: 1\n\nDuring handling of the above exception, another exception occurred:\n\n"
                          f"{frames}ValueError: b\n") == "ValueError: b"
    assert last_exception("usage: train.py\ntrain.py: error: unrecognized arguments: --x\n") == \
        "usage: train.py\ntrain.py: error: unrecognized arguments: --x"
    assert last_exception("") == ""
