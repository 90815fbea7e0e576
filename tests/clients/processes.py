"""The processes of a job, found in /proc."""

from pathlib import Path


def _all():
    """Parent and words of each process."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            found[int(process.name)] = int((process / "stat").read_text().rsplit(")", 1)[1].split()[1]), words
        except OSError:
            continue
    return found


def supervisors_of(job):
    """Process numbers by host. A supervisor's door into the job's network is a copy of it, and its child."""
    all_of_them = _all()
    copies = {process for process, (_, words) in all_of_them.items() if words[1:3] == ["job", job]}
    return {words[words.index("--host") + 1]: process for process, (parent, words) in all_of_them.items()
            if process in copies and parent not in copies}


def trainer_of(job, host="algo-1"):
    """The process that trains for a host: the youngest below its supervisor, which is no copy of it."""
    parents = {process: parent for process, (parent, words) in _all().items() if words[1:3] != ["job", job]}
    supervisor = process = supervisors_of(job)[host]
    while below := [child for child, parent in parents.items() if parent == process]:
        process = max(below)
    assert process != supervisor
    return process


def has_pending(process, signal):
    """Whether the signal was sent to it and not taken yet."""
    status = Path(f"/proc/{process}/status").read_text()
    pending = next(line for line in status.splitlines() if line.startswith("ShdPnd:"))
    return bool(int(pending.split()[1], 16) >> (signal - 1) & 1)
