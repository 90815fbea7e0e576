"""One worker process: holds the model and answers one request after the other over a socket to the front."""

import json
import os
import signal
import traceback
from multiprocessing.connection import Connection
from pathlib import Path

from millrace_toolkit.failures import CustomerError
from millrace_toolkit.serving.codecs import Refused
from millrace_toolkit.serving.model import Model


def work(descriptor):
    """Until the front closes its end. A message is a JSON object, then a body."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    link = Connection(descriptor)
    plan = json.loads(os.environ["MILLRACE_WORKER"])
    try:
        model = Model(plan["framework"], plan["model"], Path(plan["code"]), plan["program"])
    except Exception as error:  # noqa: BLE001 whatever the script's import or model_fn raises
        traceback.print_exc()
        _send(link, {"ready": False, "reason": _sentence(error)})
        return 1
    _send(link, {"ready": True})
    while True:
        try:
            request, body = json.loads(link.recv_bytes()), link.recv_bytes()
        except EOFError:
            return 0
        _send(link, *_answer(model, request, body))


def _answer(model, request, body):
    try:
        content, kind = model.answer(body, request["content_type"], request["accept"])
        return {"status": 200, "content_type": kind}, content
    except Refused as error:
        return {"status": error.status, "content_type": "text/plain; charset=utf-8"}, str(error).encode()
    except Exception as error:  # noqa: BLE001 the script's own failure is the answer to this request alone
        traceback.print_exc()
        return {"status": 500, "content_type": "text/plain; charset=utf-8"}, _sentence(error).encode()


def _sentence(error):
    return str(error) if isinstance(error, CustomerError) else f"{type(error).__name__}: {error}"


def _send(link, header, body=b""):
    link.send_bytes(json.dumps(header).encode())
    link.send_bytes(body)
