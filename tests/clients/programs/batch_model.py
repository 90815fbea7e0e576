#!/usr/bin/python3
"""A model's server for batch transform, on the standard library alone.

It answers lines of numbers with the sum of each, JSON values with {"sum": ...}, and anything else with how many bytes it
had. What it was asked stands in its output. A line `wait` is answered after WAIT seconds, `hang` never, `bad` with 400,
`crash` ends the server, `once` does so the first time.
"""
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CRASHED = Path("/tmp/crashed")


def answer_to(record, content_type):
    if content_type.startswith("text/csv"):
        return str(sum(float(cell) for cell in record.split(",")))
    value = json.loads(record)
    return json.dumps({"sum": sum(value["x"] if isinstance(value, dict) else value)})


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body, content_type="text/plain"):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/execution-parameters" and "PARAMETERS" in os.environ:
            return self.answer(200, os.environ["PARAMETERS"].encode(), "application/json")
        self.answer(200 if self.path == "/ping" else 404, b"")

    def body(self):
        """Its length, and as much of it as is looked at."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            body = self.rfile.read(int(self.headers["Content-Length"]))
            return len(body), body
        length, kept = 0, b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            data = self.rfile.read(size)
            self.rfile.readline()
            length += size
            kept = (kept + data)[:4096]
        self.rfile.readline()
        return length, kept

    def do_POST(self):
        length, body = self.body()
        content_type = self.headers.get("Content-Type", "")
        text = body.decode(errors="replace")
        print("asked", json.dumps(text[:60]), "accept", self.headers.get("Accept"), flush=True)
        lines = text.split("\n")
        if "wait" in lines:
            time.sleep(float(os.environ.get("WAIT", "1")))
            lines = ["0" if line == "wait" else line for line in lines]
        if "hang" in lines:
            time.sleep(1000)
        if "bad" in lines:
            return self.answer(400, b"no number: bad")
        if "crash" in lines or ("once" in lines and not CRASHED.exists()):
            CRASHED.touch()
            os._exit(3)
        lines = ["1" if line == "once" else line for line in lines]
        if content_type.startswith("text/csv") or "json" in content_type:
            found = "\n".join(answer_to(line, content_type) for line in lines if line)
            return self.answer(200, found.encode(), content_type)
        self.answer(200, f"{length} bytes".encode())

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


print("batch", {name: value for name, value in sorted(os.environ.items()) if name.startswith("SAGEMAKER_") and name != "SAGEMAKER_REGION"},
      sys.argv[1:], flush=True)
Server(("0.0.0.0", int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))), Handler).serve_forever()
