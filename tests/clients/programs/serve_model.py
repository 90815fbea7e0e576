#!/usr/bin/python3
"""A model's server by the hosting contract, on the standard library alone.

Answers an invocation with the name its model has (name.txt) and what it heard. A body {"do": ...} asks for something
else: hang, crash, fail, large. A model with a file `broken` never becomes healthy.
"""
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODEL = "/opt/ml/model"
NAME = open(f"{MODEL}/name.txt").read().strip() if os.path.exists(f"{MODEL}/name.txt") else "nameless"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body, content_type="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        if "X-Amzn-SageMaker-Custom-Attributes" in self.headers:
            self.send_header("X-Amzn-SageMaker-Custom-Attributes", "heard")
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        broken = os.path.exists(f"{MODEL}/broken")
        self.answer(500 if broken or self.path != "/ping" else 200, b"")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        order = json.loads(body) if body.startswith(b'{"do"') else {}
        if order.get("do") == "hang":
            time.sleep(order["seconds"])
        if order.get("do") == "crash":
            print("crashing as told", flush=True)
            os._exit(3)
        if order.get("do") == "fail":
            return self.answer(order["status"], b"out of luck")
        if order.get("do") == "large":
            return self.answer(200, b"x" * order["bytes"], "application/octet-stream")
        heard = {"model": NAME, "bytes": len(body), "verb": sys.argv[1:], "level": os.environ.get("LEVEL"),
                 "headers": {name: value for name, value in self.headers.items()}}
        self.answer(200, json.dumps(heard).encode())

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


print("serving", NAME, flush=True)
Server(("0.0.0.0", int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))), Handler).serve_forever()
