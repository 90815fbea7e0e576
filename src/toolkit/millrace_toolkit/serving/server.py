"""The HTTP side of a model in script mode: /ping, /invocations and /execution-parameters."""

import contextlib
import json
import logging
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from millrace_toolkit import libraries
from millrace_toolkit.code import place_code
from millrace_toolkit.contract import Paths
from millrace_toolkit.failures import failure_text
from millrace_toolkit.processes import Runner, Stopped
from millrace_toolkit.requirements import Installer, site_directory
from millrace_toolkit.serving.pool import Failure, Pool
from millrace_toolkit.settings import log_level
from millrace_toolkit.train import set_up_logging

log = logging.getLogger("millrace-toolkit")

_MEBIBYTE = 1 << 20
# Of batch transform, the largest that the service knows; an endpoint's own limit is the platform's affair.
_DEFAULT_MAX_PAYLOAD_MB = 100
_IDLE_SECONDS = 300
# The platform kills 30 s after it has asked to stop.
_DRAIN_SECONDS = 20


class ServerSettings:
    def __init__(self, environment):
        def number(name, default):
            text = environment.get(name, "")
            return float(text) if text.replace(".", "", 1).isdigit() and float(text) > 0 else default

        self.port = int(number("SAGEMAKER_BIND_TO_PORT", 8080))
        self.workers = int(number("SAGEMAKER_MODEL_SERVER_WORKERS", len(os.sched_getaffinity(0)))) or 1
        self.seconds = number("SAGEMAKER_MODEL_SERVER_TIMEOUT_SECONDS", number("SAGEMAKER_MODEL_SERVER_TIMEOUT", 60))
        self.max_payload_mb = number("SAGEMAKER_MAX_PAYLOAD_IN_MB", _DEFAULT_MAX_PAYLOAD_MB)
        self.accept = environment.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT") or "application/json"
        self.framework = environment.get("MILLRACE_FRAMEWORK", "python")
        self.program = environment.get("SAGEMAKER_PROGRAM", "")
        self.submit_directory = environment.get("SAGEMAKER_SUBMIT_DIRECTORY", "")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, settings, pool, address="0.0.0.0"):
        self.settings, self.pool = settings, pool
        self._changed = threading.Condition()
        self._under_way = 0
        super().__init__((address, settings.port), Handler)

    @contextlib.contextmanager
    def answering(self):
        """Around each request, until its answer has been sent."""
        with self._changed:
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def drain(self):
        """Waits until no request is under way, within the time that a stop leaves."""
        with self._changed:
            self._changed.wait_for(lambda: self._under_way == 0, _DRAIN_SECONDS)

    def handle_error(self, request, client_address):
        # A client that went away is no news; the rest is.
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "millrace-toolkit"
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self):
        if self.path == "/ping":
            self._answer(200 if self.server.pool.healthy() else 503, b"", "text/plain")
        elif self.path == "/execution-parameters":
            settings = self.server.settings
            self._answer(200, json.dumps({"MaxConcurrentTransforms": self.server.pool.count, "BatchStrategy": "MULTI_RECORD",
                                          "MaxPayloadInMB": int(settings.max_payload_mb)}).encode(), "application/json")
        else:
            self._refuse(404, f"there is no {self.path}: GET /ping and POST /invocations are answered")

    def do_POST(self):
        with self.server.answering():
            self._post()
            self.wfile.flush()

    def handle_expect_100(self):
        going_on = super().handle_expect_100()
        self.wfile.flush()
        return going_on

    def _post(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            self.close_connection = True
            return self._refuse(411, "Content-Length is missing")
        if int(length) > self.server.settings.max_payload_mb * _MEBIBYTE:
            self.close_connection = True
            return self._refuse(413, f"the body is {length} bytes, more than {self.server.settings.max_payload_mb:g} MB "
                                     "(SAGEMAKER_MAX_PAYLOAD_IN_MB)")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True  # the client went away
            return None
        if self.path != "/invocations":
            return self._refuse(404, f"there is no {self.path}: GET /ping and POST /invocations are answered")
        accept = self.headers.get("Accept", "")
        if accept in ("", "*/*"):
            accept = self.server.settings.accept
        header = {"content_type": self.headers.get("Content-Type") or "application/json", "accept": accept}
        try:
            told, content = self.server.pool.answer(header, body)
        except Failure as failure:
            return self._refuse(failure.status, str(failure))
        return self._answer(told["status"], content, told["content_type"])

    def _refuse(self, status, message):
        self._answer(status, message.encode(), "text/plain; charset=utf-8")

    def _answer(self, status, body, content_type):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *arguments):  # noqa: A002 the base class's name
        # The platform keeps its own account of requests.
        log.debug(format, *arguments)


def prepare(paths, settings, runner):
    """The environment of the workers: code fetched, requirements installed."""
    code = Path(settings.submit_directory.removeprefix("file://") or paths.model / "code")
    if settings.submit_directory.startswith("s3://"):
        place_code(settings.submit_directory, settings.program or "inference.py", paths.code)
        code = paths.code
    program = settings.program or ("inference.py" if (code / "inference.py").is_file() else None)
    environment = dict(os.environ)
    if (code / "requirements.txt").is_file():
        Installer(runner, code, paths.packages, environment).install_requirements("requirements.txt")
    environment["PYTHONUSERBASE"] = str(paths.packages)
    environment["PYTHONPATH"] = os.pathsep.join(
        [str(code), str(site_directory(paths.packages)), *filter(None, [environment.get("PYTHONPATH")])])
    # Workers share the machine: each with as many threads as there are processors would only wait for each other.
    processors = len(os.sched_getaffinity(0))
    environment["OMP_NUM_THREADS"] = str(max(1, processors // settings.workers))
    environment["MILLRACE_WORKER"] = json.dumps(
        {"framework": settings.framework, "model": str(paths.model), "code": str(code), "program": program})
    return environment


def serve():
    """Until SIGTERM: then what has been accepted is answered, and 0 returned. 1 when the model cannot be loaded."""
    set_up_logging(log_level(os.environ.get("SAGEMAKER_CONTAINER_LOG_LEVEL", 20)))
    paths = Paths(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    pool = None
    try:
        runner = Runner()
        settings = ServerSettings(os.environ)
        log.info("%s runs on this machine's %s", os.environ.get("MILLRACE_IMAGE", "the model"), libraries.sentence())
        pool = Pool(settings.workers, prepare(paths, settings, runner), settings.seconds)
        pool.start()
        server = Server(settings, pool)
    except Stopped:
        if pool:
            pool.close()
        return 0
    except Exception as error:  # noqa: BLE001 the last place that can tell anyone
        print(failure_text(error), file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown, daemon=True).start())
    log.info("%d workers answer on port %d", settings.workers, settings.port)
    with server:
        server.serve_forever()
        server.drain()
    pool.close()
    return 0
