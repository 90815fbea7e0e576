"""A training job in script mode, from the config files to the exit code."""

import logging
import os
import socket
import sys
import time
from pathlib import Path

from millrace_toolkit import libraries
from millrace_toolkit.arguments import command_line
from millrace_toolkit.code import place_code
from millrace_toolkit.contract import JobFiles, Paths
from millrace_toolkit.environment import script_variables
from millrace_toolkit.failures import CommandError, CustomerError, failure_text, last_exception, write_failure
from millrace_toolkit.intermediate import IntermediateUpload
from millrace_toolkit.launch import is_package, launch_of
from millrace_toolkit.processes import Runner, Stopped
from millrace_toolkit.requirements import Installer, site_directory
from millrace_toolkit.settings import Settings

log = logging.getLogger("millrace-toolkit")

_TOOLKIT_ROOT = Path(__file__).resolve().parents[1]
_HOST_PATIENCE_SECONDS = 60
_MESSAGE_CHARACTERS = 700  # FailureReason has 1024, and the command is to show too


def set_up_logging(level):
    logging.basicConfig(stream=sys.stdout, level=level, format="millrace-toolkit: %(message)s")
    log.setLevel(level)


def train():
    """Exit code: 0, or 1 with the reason in the failure file."""
    paths = Paths(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    try:
        runner = Runner()
        _train(paths, runner)
    except Stopped:
        return 128 + 15
    except Exception as error:  # noqa: BLE001 the last place that can tell anyone
        write_failure(paths.failure, error)
        print(failure_text(error), file=sys.stderr)
        return 1
    paths.success.touch()
    return 0


def _train(paths, runner):
    set_up_logging(logging.INFO)
    files = JobFiles(paths)
    settings = Settings(files.hyperparameters)
    set_up_logging(settings.log_level)
    log.info("%s runs on this machine's %s", settings.image or "the script", libraries.sentence())
    settings.check()
    place_code(settings.submit_directory, settings.program, paths.code)
    environment = script_environment(paths, files, settings)
    install(paths, settings, runner, environment)
    wait_for_hosts(files.hosts)
    launch = launch_of(settings.program, command_line(files.hyperparameters.script), paths.code)
    log.info("runs %s", launch.text)
    upload = IntermediateUpload(paths.intermediate, settings.s3_output) if settings.s3_output else None
    try:
        code, said = runner.run(launch.arguments, paths.code, environment)
    finally:
        if upload:
            upload.finish()
    if code != 0:
        raise CommandError("ExecuteUserScriptError", code, last_exception(said)[:_MESSAGE_CHARACTERS], launch.text)


def script_environment(paths, files, settings):
    places = [paths.code, site_directory(paths.packages), _TOOLKIT_ROOT]
    inherited = os.environ.get("PYTHONPATH", "")
    environment = {**os.environ, **script_variables(paths, files, settings)}
    environment["PYTHONPATH"] = os.pathsep.join([*map(str, places), *([inherited] if inherited else [])])
    environment["PYTHONUSERBASE"] = str(paths.packages)
    environment["PATH"] = f"{paths.packages / 'bin'}:{os.environ.get('PATH', '/usr/bin:/bin')}"
    return environment


def install(paths, settings, runner, environment):
    """What the code requires, then the code itself if it is a package."""
    installer = Installer(runner, paths.code, paths.packages, environment)
    if (paths.code / settings.requirements).is_file():
        installer.install_requirements(settings.requirements)
    elif settings.requirements_are_named:
        raise CustomerError(f"SAGEMAKER_REQUIREMENTS: got {settings.requirements!r}, expected a file of the code archive.")
    if is_package(paths.code):
        installer.install_code()


def wait_for_hosts(hosts):
    """Every name resolves before the script starts, which would otherwise fail where its authors never look."""
    deadline = time.monotonic() + _HOST_PATIENCE_SECONDS
    for host in hosts:
        while True:
            try:
                socket.getaddrinfo(host, None)
                break
            except socket.gaierror as error:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"the host {host} of this job has no address: {error}") from error
            time.sleep(0.2)
