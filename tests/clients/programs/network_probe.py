#!/usr/bin/python3
"""Tries to reach what the hyperparameters name, and prints what became of each attempt as JSON."""
import json
import os
import pathlib
import signal
import socket
import sys
import time

parameters = json.loads(pathlib.Path("/opt/ml/input/config/hyperparameters.json").read_text())
found = {"interfaces": [name for _, name in socket.if_nameindex()],
         "keys": sorted(name for name in os.environ if name.startswith("AWS_")),
         "endpoint": os.environ.get("AWS_ENDPOINT_URL")}


def attempt(what, act):
    begin = time.monotonic()
    try:
        found[what] = act() or "reached"
    except OSError as error:
        found[what] = type(error).__name__ + ": " + str(error)
    assert time.monotonic() - begin < 5, what


def connect(host, port):
    with socket.create_connection((host, port), timeout=20):
        pass


def object_through_the_daemon():
    import boto3
    client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    bucket, key = parameters["object"].split("/", 1)
    client.put_object(Bucket=bucket, Key=key + ".copy", Body=client.get_object(Bucket=bucket, Key=key)["Body"].read())


for target in filter(None, parameters.get("targets", "").split(" ")):
    host, port = target.rsplit(":", 1)
    attempt(target, lambda: connect(host.strip("[]"), int(port)))
if "name" in parameters:
    attempt(parameters["name"], lambda: socket.getaddrinfo(parameters["name"], 80) and None)
if "object" in parameters:
    attempt("object", object_through_the_daemon)
print("probe", json.dumps(found), flush=True)
if "hold" in parameters:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    held = socket.create_server(("0.0.0.0", int(parameters["hold"])))
    print("holds", flush=True)
    time.sleep(600)
