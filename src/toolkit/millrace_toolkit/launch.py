"""What is run for an entry point, and how that reads in a log and in a failure."""

import os
import shlex
import sys

from millrace_toolkit import libraries
from millrace_toolkit.environment import MASTER_PORT
from millrace_toolkit.failures import CustomerError


class Launch:
    """A program with its arguments, and the same as one line of text."""

    def __init__(self, arguments, text=None):
        self.arguments = arguments
        self.text = text or " ".join(arguments)


def module_name(program):
    return program.removesuffix(".py")


def _through_shell(program, arguments):
    line = " ".join(["./" + shlex.quote(program), *map(shlex.quote, arguments)])
    return Launch(["/bin/sh", "-c", line], f'/bin/sh -c "{line}"')


def launch_of(program, arguments, directory):
    """The first rule that fits: a shell script; a package, which is installed beforehand; a Python script; anything else as
    an executable."""
    if program.endswith(".sh"):
        _make_executable(directory / program)
        return _through_shell(program, arguments)
    if is_package(directory):
        return Launch([sys.executable, "-m", module_name(program).replace("/", "."), *arguments])
    if program.endswith(".py"):
        return Launch([sys.executable, program, *arguments])
    _make_executable(directory / program)
    return _through_shell(program, arguments)


def is_package(directory):
    return (directory / "setup.py").is_file()


def _make_executable(path):
    os.chmod(path, path.stat().st_mode | 0o755)


def torch_distributed_launch(program, arguments, files, gpus):
    """A process for each GPU of each host, one on a host without, brought together by PyTorch's own launcher."""
    if libraries.version("torch") is None:
        raise CustomerError("sagemaker_torch_distributed_enabled needs PyTorch, which is not installed for "
                            f"{sys.executable} on this machine. Install Debian's python3-torch.")
    if not program.endswith(".py"):
        raise CustomerError(f"sagemaker_torch_distributed_enabled runs Python scripts, and sagemaker_program is {program!r}.")
    hosts = files.hosts
    return Launch([sys.executable, "-m", "torch.distributed.run", "--nnodes", str(len(hosts)),
                   "--nproc_per_node", str(max(1, gpus)), "--node_rank", str(hosts.index(files.current_host)),
                   "--master_addr", hosts[0], "--master_port", os.environ.get("MASTER_PORT", MASTER_PORT),
                   program, *arguments])
