"""What is run for an entry point, and how that reads in a log and in a failure."""

import os
import shlex
import sys


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
