"""Where `millrace` looks for the trainer: beside itself, then on PATH, whatever else stands there."""

import os
import shutil
import subprocess

from daemon import MILLRACE


def test_folders_on_path_that_cannot_be_looked_into_are_passed_over(tmp_path):
    alone = tmp_path / "bin" / "millrace"
    alone.parent.mkdir()
    shutil.copy(MILLRACE, alone)
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    no_folder = tmp_path / "file"
    no_folder.touch()
    (tmp_path / "folder" / "millrace-trainer").mkdir(parents=True)
    trainer = tmp_path / "trainer" / "millrace-trainer"
    trainer.parent.mkdir()
    trainer.write_text("#!/bin/sh\necho found \"$@\"\n")
    trainer.chmod(0o755)
    path = [loop, no_folder, tmp_path / ("x" * 300), "", tmp_path / "folder", trainer.parent, "/usr/bin", "/bin"]
    done = subprocess.run([alone, "score", "--model", "m.tar.gz"], capture_output=True, text=True,
                          env=os.environ | {"PATH": ":".join(map(str, path))})
    assert done.stdout.startswith("found score"), done.stderr
