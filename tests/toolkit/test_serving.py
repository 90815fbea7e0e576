"""A model in script mode as its platform sees it: over HTTP, on the port that it was told."""

import http.client
import io
import json
import signal
import socket
import subprocess
import sys
import time

import pytest

from conftest import ROOT
from millrace_toolkit.serving import codecs


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Served:
    """`run.py serve` with the model directory of a container."""

    def __init__(self, container, files, **variables):
        code = container.base / "model/code"
        code.mkdir()
        for name, text in files.items():
            (code / name).write_text(text)
        self.port = free_port()
        container.environment |= {"SAGEMAKER_BIND_TO_PORT": str(self.port), "SAGEMAKER_MODEL_SERVER_WORKERS": "1", **variables}
        self.process = subprocess.Popen([sys.executable, str(ROOT / "run.py"), "serve"], env=container.environment,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def wait_until_healthy(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.ask("GET", "/ping")[0] == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError(self.stop())

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.getheader("Content-Type"), answer.read()
        finally:
            connection.close()

    def invoke(self, body, content_type="application/json", **headers):
        return self.ask("POST", "/invocations", body, Content_Type=content_type, **headers)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        output, _ = self.process.communicate(timeout=60)
        return output


@pytest.fixture
def serve(container):
    started = []

    def start(files, **variables):
        started.append(Served(container, files, **variables))
        return started[-1]

    yield start
    for served in started:
        served.stop()


SCALE = "def model_fn(model_dir):\n    return 3\n\n\ndef predict_fn(data, model):\n    return data * model\n"


def test_every_default_format_is_read_and_written(serve):
    import numpy
    served = serve({"inference.py": SCALE}, MILLRACE_FRAMEWORK="scikit-learn").wait_until_healthy()
    assert served.invoke(b"[[1, 2], [3, 4]]") == (200, "application/json", b"[[3.0, 6.0], [9.0, 12.0]]")
    assert served.invoke(b"1,2\n3,4\n", "text/csv; charset=utf-8", Accept="text/csv") == (
        200, "text/csv", b"3.0,6.0\n9.0,12.0\n")
    buffer = io.BytesIO()
    numpy.save(buffer, numpy.arange(4))
    status, kind, content = served.invoke(buffer.getvalue(), "application/x-npy", Accept="application/x-npy, */*")
    assert (status, kind) == (200, "application/x-npy")
    assert numpy.load(io.BytesIO(content)).tolist() == [0, 3, 6, 9]
    assert served.invoke(b"<x/>", "application/xml")[0] == 415
    assert served.invoke(b"[1]", Accept="image/png")[0] == 406
    status, _, message = served.invoke(b"1,2\n3\n", "text/csv")
    assert (status, message) == (400, b"the request's body, row 2: got 1 columns, expected 2 as in row 1")
    assert served.invoke(b"{")[0] == served.invoke(b'["a"]')[0] == served.invoke(b"\xff")[0] == 400
    several = io.BytesIO()
    numpy.savez(several, one=numpy.arange(2), two=numpy.arange(3))
    for body in (b"", b"PK\x03\x04cut", b"\x93NUMPY\x01\x00", several.getvalue()):
        assert served.invoke(body, "application/x-npy")[0] == 400, body[:12]
    assert json.loads(served.ask("GET", "/execution-parameters")[2])["MaxConcurrentTransforms"] == 1
    assert served.ask("GET", "/other")[0] == served.ask("POST", "/other", b"")[0] == 404


def test_a_scripts_own_functions_take_the_place_of_the_defaults(serve):
    served = serve({"serve_it.py": "import helper\n"
                                   "def model_fn(model_dir): return model_dir\n"
                                   "def input_fn(body, content_type): return [content_type, body]\n"
                                   "def predict_fn(data, model): return data + [model, helper.NAME]\n"
                                   "def output_fn(prediction, accept): return '|'.join(prediction), 'text/x-list'\n",
                    "helper.py": "NAME = 'helper'\n"}, SAGEMAKER_PROGRAM="serve_it.py").wait_until_healthy()
    status, kind, content = served.invoke(b"a b", "text/csv")
    assert (status, kind) == (200, "text/x-list")
    assert content.decode().split("|")[:2] == ["text/csv", "a b"] and content.endswith(b"/model|helper")


def test_transform_fn_does_it_all(serve):
    served = serve({"inference.py": "def model_fn(model_dir): return 'm'\n"
                                    "def transform_fn(model, body, content_type, accept):\n"
                                    "    return body.upper() + model.encode(), accept\n"}).wait_until_healthy()
    assert served.invoke(b"abc", "application/octet-stream", Accept="text/plain") == (200, "text/plain", b"ABCm")


def test_a_pytorch_model_needs_no_script_and_answers_like_torch(container, serve):
    torch = pytest.importorskip("torch")
    module = torch.nn.Linear(3, 2)
    torch.jit.save(torch.jit.script(module), str(container.base / "model/model.pth"))
    served = serve({}, MILLRACE_FRAMEWORK="pytorch").wait_until_healthy()
    _, _, content = served.invoke(b"[[1, 2, 3]]")
    expected = module(torch.tensor([[1.0, 2.0, 3.0]])).tolist()
    assert json.loads(content)[0] == pytest.approx(expected[0], rel=1e-5)


def test_an_error_of_the_script_is_the_answer_to_one_request_alone(serve):
    served = serve({"inference.py": SCALE.replace("return data", "if data[0] == 0: raise KeyError('zero')\n    return data")},
                   MILLRACE_FRAMEWORK="scikit-learn").wait_until_healthy()
    assert served.invoke(b"[0]") == (500, "text/plain; charset=utf-8", b"KeyError: 'zero'")
    assert served.invoke(b"[1]")[0] == 200
    assert "Traceback" in served.stop()


def test_a_model_that_hangs_or_dies_costs_its_request_and_is_replaced(serve):
    served = serve({"inference.py": "import os, time\n"
                                    "def model_fn(model_dir): return 1\n"
                                    "def predict_fn(data, model):\n"
                                    "    if data == 'hang': time.sleep(600)\n"
                                    "    if data == 'die': os._exit(7)\n"
                                    "    return data\n"}, SAGEMAKER_MODEL_SERVER_TIMEOUT="2").wait_until_healthy()
    status, _, message = served.invoke(b'"hang"')
    assert status == 500 and message.startswith(b"the model gave no answer within 2 s")
    served.wait_until_healthy()
    status, _, message = served.invoke(b'"die"')
    assert status == 500 and message == b"the model's process ended during the request, exit code 7"
    served.wait_until_healthy()
    assert served.invoke(b'"well"') == (200, "application/json", b'"well"')


def test_a_ping_is_answered_while_every_worker_is_busy(container, serve):
    mark = container.base / "begun"
    served = serve({"inference.py": "import time\n"
                                    "def model_fn(model_dir): return 1\n"
                                    "def predict_fn(data, model):\n"
                                    f"    open({str(mark)!r}, 'w').close()\n"
                                    "    time.sleep(600)\n"}, SAGEMAKER_MODEL_SERVER_TIMEOUT="5").wait_until_healthy()
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    connection.request("POST", "/invocations", b"1")
    while not mark.exists():
        time.sleep(0.02)
    assert served.ask("GET", "/ping")[0] == 200
    assert connection.getresponse().status == 500
    connection.close()


def test_a_stop_lets_the_request_that_is_under_way_finish(container, serve):
    mark = container.base / "begun"
    served = serve({"inference.py": "import time\n"
                                    "def model_fn(model_dir): return 1\n"
                                    "def predict_fn(data, model):\n"
                                    f"    open({str(mark)!r}, 'w').close()\n"
                                    "    time.sleep(1)\n"
                                    "    return 'done'\n"}).wait_until_healthy()
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    connection.request("POST", "/invocations", b"1")
    while not mark.exists():
        time.sleep(0.02)
    served.process.send_signal(signal.SIGTERM)
    assert connection.getresponse().read() == b'"done"'
    connection.close()
    assert served.process.wait(60) == 0


def test_a_body_beyond_the_limit_or_without_a_length_is_refused(serve):
    served = serve({"inference.py": SCALE}, MILLRACE_FRAMEWORK="scikit-learn", SAGEMAKER_MAX_PAYLOAD_IN_MB="1").wait_until_healthy()
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as client:
        client.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 413 ")
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as client:
        client.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 411 ")
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as client:
        client.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as client:
        client.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 100 "), "before the body is sent"
    assert served.invoke(b"[1]")[0] == 200


@pytest.mark.parametrize("files, framework, message", [
    ({"inference.py": "raise OSError('no weights')\n"}, "python", "OSError: no weights"),
    ({"inference.py": "X = 1\n"}, "scikit-learn", "the script defines no model_fn(model_dir)"),
    ({}, "pytorch", "the model holds 0 files that end in .pt or .pth"),
    ({"inference.py": SCALE + "def transform_fn(*a): pass\n"}, "python", "inference.py defines transform_fn, which does all")])
def test_a_model_that_cannot_be_loaded_says_why_and_ends(serve, files, framework, message):
    served = serve(files, MILLRACE_FRAMEWORK=framework)
    assert served.process.wait(60) == 1
    assert message in served.stop()


def test_values_without_numpy_types_go_through_json():
    assert codecs.encode({"a": [1, None]}, "*/*") == ('{"a": [1, null]}', "application/json")
    with pytest.raises(TypeError, match="returned a set, which JSON cannot hold"):
        codecs.encode({1}, "application/json")
