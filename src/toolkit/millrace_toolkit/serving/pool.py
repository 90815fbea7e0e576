"""The workers, each with one request at most; one that hangs or dies is replaced and costs its own request alone."""

import json
import logging
import queue
import socket
import subprocess
import sys
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path

from millrace_toolkit.failures import CustomerError

log = logging.getLogger("millrace-toolkit")

_LAUNCHER = Path(__file__).resolve().parents[2] / "run.py"
_LONGEST_PAUSE_SECONDS = 30


class Failure(Exception):
    """No answer from a worker; `status` is the HTTP status that tells the client."""

    def __init__(self, status, message):
        self.status = status
        super().__init__(message)


class Worker:
    """A process that holds the model, reached over a socket pair."""

    def __init__(self, environment):
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen([sys.executable, str(_LAUNCHER), "worker", str(theirs.fileno())],
                                            env=environment, pass_fds=[theirs.fileno()])
        self._link = Connection(ours.detach())

    def wait_until_ready(self):
        """Raises CustomerError with the script's reason when the model cannot be loaded."""
        try:
            told = json.loads(self._link.recv_bytes())
            self._link.recv_bytes()
        except EOFError:
            raise CustomerError(f"a worker ended while it loaded the model, exit code {self._end()}.") from None
        if not told["ready"]:
            self._end()
            raise CustomerError(told["reason"])

    def ask(self, header, body, seconds):
        """The answer's header and body. Raises Failure, and then this worker is gone."""
        try:
            self._link.send_bytes(json.dumps(header).encode())
            self._link.send_bytes(body)
            if not self._link.poll(seconds):
                self.kill()
                raise Failure(500, f"the model gave no answer within {seconds:g} s (SAGEMAKER_MODEL_SERVER_TIMEOUT)")
            return json.loads(self._link.recv_bytes()), self._link.recv_bytes()
        except (EOFError, OSError):
            raise Failure(500, f"the model's process ended during the request, exit code {self._end()}") from None

    def _end(self):
        self.kill()
        code = self.process.returncode
        return code if code >= 0 else 128 - code

    def kill(self):
        """A process that has ended by itself keeps its exit code: that is waited for a moment."""
        self._link.close()
        try:
            self.process.wait(0.5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Pool:
    def __init__(self, count, environment, seconds):
        self.count = count
        self._environment, self._seconds = environment, seconds
        self._idle = queue.LifoQueue()
        self._lock = threading.Lock()
        self._alive = set()
        self._closed = False

    def start(self):
        """All workers at the same time; returns when every one has loaded the model."""
        workers = [Worker(self._environment) for _ in range(self.count)]
        self._alive.update(workers)
        try:
            for worker in workers:
                worker.wait_until_ready()
                self._idle.put(worker)
        except CustomerError:
            self.close()
            raise

    def healthy(self):
        with self._lock:
            return bool(self._alive) and not self._closed

    def answer(self, header, body):
        """Waits for a worker and for its answer, each for the time limit at most."""
        worker = self._take()
        try:
            answer = worker.ask(header, body, self._seconds)
        except Failure as failure:
            log.error("%s", failure)
            self._replace(worker)
            raise
        self._idle.put(worker)
        return answer

    def _take(self):
        """An idle worker that is still there; one that died meanwhile costs no request."""
        while True:
            try:
                worker = self._idle.get(timeout=self._seconds)
            except queue.Empty:
                raise Failure(503, f"all {self.count} workers were busy for {self._seconds:g} s") from None
            if worker.process.poll() is None:
                return worker
            log.error("a worker ended while it was idle, exit code %d", worker.process.returncode)
            self._replace(worker)

    def _replace(self, worker):
        with self._lock:
            self._alive.discard(worker)
        threading.Thread(target=self._start_another, daemon=True).start()

    def _start_another(self):
        pause = 1
        while not self._closed:
            worker = Worker(self._environment)
            try:
                worker.wait_until_ready()
            except CustomerError as error:
                log.error("another worker does not start: %s", error)
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
                continue
            with self._lock:
                self._alive.add(worker)
            self._idle.put(worker)
            return

    def close(self):
        self._closed = True
        with self._lock:
            workers, self._alive = list(self._alive), set()
        for worker in workers:
            worker.kill()
