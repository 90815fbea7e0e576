"""output/intermediate reaches the store while the job runs, each file once it is finished, under its own name."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from millrace_toolkit.failures import CustomerError
from millrace_toolkit.intermediate import IntermediateUpload
from millrace_toolkit.s3 import S3


class Store(ThreadingHTTPServer):
    """Takes objects in, and gives them out; fails the first `failures` requests."""

    daemon_threads = True

    def __init__(self, failures=0):
        self.objects, self.failures, self.arrived = {}, failures, threading.Event()
        store = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_PUT(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self._fails():
                    return
                store.objects[self.path] = body
                store.arrived.set()
                self._answer(200, b"")

            def do_GET(self):
                if not self._fails():
                    known = self.path in store.objects
                    self._answer(200 if known else 404,
                                 store.objects[self.path] if known else b"<Error><Code>NoSuchKey</Code></Error>")

            def _fails(self):
                store.failures -= 1
                if store.failures >= 0:
                    self._answer(503, b"")
                return store.failures >= 0

            def _answer(self, status, body):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def client(self):
        return S3({"S3_ENDPOINT_URL": f"http://127.0.0.1:{self.server_address[1]}/", "AWS_ACCESS_KEY_ID": "k",
                   "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"})


@pytest.fixture
def store():
    started = Store()
    yield started
    started.shutdown()
    started.server_close()


def test_a_finished_file_is_uploaded_while_the_job_runs_and_the_rest_at_its_end(tmp_path, store):
    upload = IntermediateUpload(tmp_path / "intermediate", "s3://bucket/job/", store.client())
    (tmp_path / "intermediate/sub").mkdir()
    (tmp_path / "intermediate/sub/a b.txt").write_text("one")
    assert store.arrived.wait(30), "before the end"
    (tmp_path / "intermediate/last.txt").write_text("two")
    (tmp_path / "intermediate/link").symlink_to("/etc/hostname")
    upload.finish()
    assert store.objects == {"/bucket/job/sub/a%20b.txt": b"one", "/bucket/job/last.txt": b"two"}


def test_a_store_that_is_away_for_a_moment_is_asked_again(tmp_path, store):
    store.objects["/b/k"] = b"content"
    store.failures = 2
    store.client().download("s3://b/k", tmp_path / "k")
    assert (tmp_path / "k").read_bytes() == b"content"


def test_an_object_that_is_not_there_is_named_at_once(tmp_path, store):
    with pytest.raises(CustomerError, match="GET s3://b/none was answered 404 NoSuchKey"):
        store.client().download("s3://b/none", tmp_path / "k")
