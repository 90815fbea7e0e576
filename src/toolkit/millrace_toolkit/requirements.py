"""requirements.txt: satisfied by what the machine has, or from the operator's wheel directory, never from the network."""

import importlib.metadata
import logging
import os
import re
import shlex
import sys
from pathlib import Path

from millrace_toolkit.failures import CommandError

log = logging.getLogger("millrace-toolkit")

NAME = "InstallRequirementsError"
# Options of a requirements file that name another source of packages.
_INDEX_OPTIONS = ("-i", "--index-url", "--extra-index-url", "--trusted-host", "-f", "--find-links", "--no-index", "--pre",
                  "--use-feature")
_FILE_OPTIONS = ("-r", "--requirement", "-c", "--constraint")
_NO_PIP = f"pip is not installed for {sys.executable}. Install Debian's python3-pip on this machine"


class RequirementsFile:
    """What a requirements file asks for, those it includes taken in; line continuations joined, comments gone."""

    def __init__(self, path, root):
        self.root = Path(root).resolve()
        self.wanted = []        # requirement texts
        self.constraints = []   # the same, of -c files
        self._seen = set()
        self._read(Path(path), self.wanted)

    def _read(self, path, into):
        path = path.resolve()
        shown = path.relative_to(self.root) if path.is_relative_to(self.root) else path.name
        if not path.is_relative_to(self.root) or not path.is_file():
            raise _refusal(f"{shown}: expected a requirements file of the code archive")
        if path in self._seen:
            return
        self._seen.add(path)
        try:
            text = re.sub(r"\\\r?\n", "\0", path.read_text(encoding="utf-8-sig"))
        except UnicodeDecodeError as error:
            raise _refusal(f"{shown}: byte {error.start} is not UTF-8. Save the file as UTF-8.") from error
        number = 0
        for line in text.splitlines():
            number += 1
            place, number = f"{shown}, line {number}", number + line.count("\0")
            line = re.sub(r"(^|\s)#.*$", "", line.replace("\0", "")).strip()
            if line:
                self._take(line, place, path.parent, into)

    def _take(self, line, place, folder, into):
        option, _, value = line.partition("=") if line.startswith("--") and "=" in line.split()[0] else line.partition(" ")
        if option in _FILE_OPTIONS:
            self._read(folder / value.strip(), into if option in ("-r", "--requirement") else self.constraints)
        elif option in _INDEX_OPTIONS:
            log.info("%s: %s is left aside, as packages come from the operator's wheel directory only", place, line)
        elif option in ("-e", "--editable"):
            into.append(self._local(value.strip(), place, folder))
        elif line.startswith("-"):
            raise _refusal(f"{place}: got {line!r}, which is no option that is served here. Leave it out")
        elif "://" in line or line.startswith("git+"):
            raise _refusal(f"{place}: got {line!r}, which would be fetched from the network, and nothing is. "
                           "Give a name and a version, and put the wheel into the wheel directory")
        elif line.startswith((".", "/")):
            into.append(self._local(line, place, folder))
        else:
            # pip's own options of a line, such as --hash, are about archives from elsewhere.
            into.append(re.sub(r"\s--\S+.*$", "", line))

    def _local(self, name, place, folder):
        path = (folder / name).resolve()
        if "://" in name or not path.is_relative_to(self.root) or not path.exists():
            raise _refusal(f"{place}: got {name!r}, expected a package inside the code archive")
        return str(path)


def _refusal(message, command="pip install --no-index -r requirements.txt"):
    return CommandError(NAME, 1, message, command)


def _requirement(text):
    try:
        from packaging.requirements import Requirement
    except ImportError:  # pip carries one
        try:
            from pip._vendor.packaging.requirements import Requirement
        except ImportError:
            raise _refusal(_NO_PIP) from None
    return Requirement(text)


def satisfied(text, seen=None, extra=""):
    """Whether an installed distribution, with all it requires in turn, answers a requirement."""
    seen = set() if seen is None else seen
    try:
        wanted = _requirement(text)
    except ValueError:
        return False
    if wanted.marker is not None and not wanted.marker.evaluate({"extra": extra}):
        return True
    if wanted.url:
        return False
    key = (wanted.name.lower(), str(wanted.specifier), tuple(sorted(wanted.extras)))
    if key in seen:
        return True
    seen.add(key)
    try:
        found = importlib.metadata.distribution(wanted.name)
    except importlib.metadata.PackageNotFoundError:
        return False
    # Debian's PyTorch 1.13 calls itself 1.13.0a0+gitunknown, which by PEP 440 comes before 1.13. What a distribution ships
    # as a pre-release counts as the release too.
    base = re.match(r"(\d+!)?\d+(\.\d+)*", found.version)
    if not any(wanted.specifier.contains(version, prereleases=True)
               for version in (found.version, base.group() if base else found.version)):
        return False
    needs = found.requires or []
    return all(satisfied(need, seen, extra) for extra in ["", *wanted.extras] for need in needs)


def site_directory(packages):
    """Where pip's --user scheme puts modules below PYTHONUSERBASE."""
    return packages / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


class Installer:
    """pip, kept to the operator's wheel directory."""

    def __init__(self, runner, code, packages, environment):
        self._runner, self._code, self._packages = runner, code, packages
        self._wheels = environment.get("MILLRACE_WHEELS", "")
        # The proxy is an address where nobody listens: the second lock on a door that --no-index has shut.
        nowhere = {name: "http://127.0.0.1:9" for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")}
        inherited = {name: value for name, value in environment.items() if not name.startswith("PIP_")}
        self._environment = {**inherited, **nowhere, "PYTHONUSERBASE": str(packages), "PIP_CONFIG_FILE": os.devnull}

    def install_requirements(self, name):
        file = RequirementsFile(self._code / name, self._code)
        missing = [text for text in file.wanted if not satisfied(text)]
        if not missing:
            log.info("%s: all satisfied by what is installed here", name)
            return
        self._packages.mkdir(parents=True, exist_ok=True)
        wanted = self._packages / "wanted.txt"
        wanted.write_text("".join(f"{text}\n" for text in missing), encoding="utf-8")
        constraints = self._packages / "constraints.txt"
        constraints.write_text("".join(f"{text}\n" for text in file.constraints), encoding="utf-8")
        self._pip(["-r", str(wanted), *(["-c", str(constraints)] if file.constraints else [])], name)

    def install_code(self):
        """Code that brings a setup.py is a package of its own."""
        self._pip(["."], "setup.py")

    def _pip(self, what, name):
        places = ["--find-links", self._wheels] if self._wheels and os.path.isdir(self._wheels) else []
        command = [sys.executable, "-m", "pip", "install", "--no-index", *places, "--user", "--break-system-packages",
                   "--no-build-isolation", "--no-cache-dir", "--disable-pip-version-check", "--no-input",
                   "--no-warn-script-location", "--root-user-action", "ignore", "--progress-bar", "off", *what]
        log.info("%s: installing from %s", name, self._wheels or "no wheel directory")
        code, said = self._runner.run(command, self._code, self._environment)
        if code != 0:
            raise CommandError(NAME, code, self._explain(name, said), shlex.join(command))

    def _explain(self, name, said):
        missing = re.findall(r"No matching distribution found for (.+)", said)
        if "No module named pip" in said:
            return f"{name}: {_NO_PIP}"
        if not missing:
            return said.strip()[-500:]
        versions = re.findall(r"\(from versions: (.+?)\)", said)
        there = f" (there: {versions[0]})" if versions and versions[0] != "none" else ""
        text = missing[0].strip()
        return (f"{name}: {text} is not installed here, and no wheel in {self._wheels or 'a wheel directory'} answers it"
                f"{there}. Nothing is fetched from the network: put the wheel of {text}, and of what it requires, into that "
                "directory (millrace serve --wheels DIR), or install it for " + sys.executable)
