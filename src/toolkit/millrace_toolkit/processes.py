"""Runs the user's program below us: passes its words on, its stop too, and remembers the end of its standard error."""

import os
import signal
import subprocess
import sys
import threading

# What an error message may need of standard error; progress bars write megabytes.
_REMEMBERED = 64 * 1024
# For a daemon that the program left behind with our pipe in hand.
_LAST_WORDS_SECONDS = 2


class Stopped(Exception):
    """SIGTERM came while no program ran."""


class Runner:
    """The process of a container: first of its namespace, so SIGTERM comes to it alone, and orphans become its children."""

    def __init__(self):
        self._child = None
        self._starting = False
        self.stopping = False
        signal.signal(signal.SIGTERM, self._on_stop)

    def _on_stop(self, *_):
        self.stopping = True
        if self._child is not None:
            self._forward_stop()
        elif not self._starting:
            raise Stopped

    def _forward_stop(self):
        if self._child.returncode is None:
            self._child.send_signal(signal.SIGTERM)

    def run(self, arguments, directory, environment):
        """Exit code (128 + s when signal s ended it) and the end of standard error, as text."""
        if self.stopping:
            raise Stopped
        # A stop between fork and assignment is remembered, not raised: the child would be lost.
        self._starting = True
        try:
            self._child = subprocess.Popen(arguments, cwd=directory, env=environment, stderr=subprocess.PIPE)
        finally:
            self._starting = False
        if self.stopping:
            self._forward_stop()
        said = _Remembered(self._child.stderr)
        self._wait()
        code = self._child.returncode
        self._child = None
        return code if code >= 0 else 128 - code, said.text()

    def _wait(self):
        # Also buries what the program orphaned, which nobody else would.
        while self._child.returncode is None:
            pid, status = os.waitpid(-1, 0)
            if pid == self._child.pid:
                self._child.returncode = os.waitstatus_to_exitcode(status)


class _Remembered:
    """Passes a pipe on to our own standard error as it comes and keeps its last bytes."""

    def __init__(self, pipe):
        self._pipe = pipe
        self._kept = b""
        self._thread = threading.Thread(target=self._copy, daemon=True)
        self._thread.start()

    def _copy(self):
        while block := os.read(self._pipe.fileno(), 65536):
            sys.stderr.buffer.write(block)
            sys.stderr.buffer.flush()
            self._kept = (self._kept + block)[-_REMEMBERED:]

    def text(self):
        self._thread.join(_LAST_WORDS_SECONDS)
        return self._kept.decode("utf-8", "replace")
