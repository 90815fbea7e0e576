#!/usr/bin/python3
"""One host of several: finds the others, talks to each over TCP, and leaves files of its own and of all."""
import json
import os
import pathlib
import signal
import socket
import sys
import threading
import time

PORT = 7777
# The first process of a container has no default handlers.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
resources = json.loads(pathlib.Path("/opt/ml/input/config/resourceconfig.json").read_text())
parameters = json.loads(pathlib.Path("/opt/ml/input/config/hyperparameters.json").read_text())
me, hosts = resources["current_host"], resources["hosts"]
print("resourceconfig", json.dumps(resources, sort_keys=True))
print("inputdataconfig", pathlib.Path("/opt/ml/input/config/inputdataconfig.json").read_text())

addresses = {host: socket.getaddrinfo(host, PORT, socket.AF_INET, socket.SOCK_STREAM)[0][4][0] for host in hosts}
assert len(set(addresses.values())) == len(hosts), addresses
print("addresses", json.dumps(addresses, sort_keys=True))
assert socket.gethostname() == me
assert resources["network_interface_name"] in [name for _, name in socket.if_nameindex()]


def serve(listener):
    for _ in hosts:
        connection, _ = listener.accept()
        with connection:
            name = connection.makefile("r").readline().strip()
            connection.sendall(f"{me} hears {name}\n".encode())


# Every host listens on the same port of an address of its own.
server = socket.create_server((me, PORT))
answering = threading.Thread(target=serve, args=(server,), daemon=True)
answering.start()


def ask(host):
    deadline = time.monotonic() + 60
    while True:
        try:
            with socket.create_connection((host, PORT), timeout=10) as connection:
                connection.sendall(f"{me}\n".encode())
                return connection.makefile("r").readline().strip()
        except ConnectionRefusedError:  # it starts a moment later
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


for host in hosts:
    assert ask(host) == f"{host} hears {me}"
answering.join(60)
print("talked to", ",".join(hosts), flush=True)
print(f"loss={int(me.split('-')[1])}.0 {me}_done=1", flush=True)

for folder, _, files in sorted(os.walk("/opt/ml/input/data")):
    for name in sorted(files):
        print("file", os.path.relpath(os.path.join(folder, name), "/opt/ml/input/data"), flush=True)

model = pathlib.Path("/opt/ml/model")
(model / "code").mkdir()
(model / f"weights_{me}").write_text(me)
(model / "code" / f"{me}.py").write_text(me)
(model / "shared").write_text(me)
if me == hosts[0]:
    pathlib.Path("/opt/ml/output/data/report.txt").write_text("report of one host\n")

if parameters.get("fails") == me:
    pathlib.Path("/opt/ml/output/failure").write_text("ValueError: not this one")
    sys.exit(3)
if parameters.get("waits"):
    print("waiting", flush=True)
    time.sleep(600)
