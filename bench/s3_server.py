#!/usr/bin/env python3
"""The store's hot paths beside nginx and beside a plain copy, interleaved in one run."""

import hashlib
import http.client
import os
import select
import socket
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from harness import ROOT, cpu_seconds, median, running_daemon, table, wrk
from nginx import Nginx

ROUNDS = 5
BIG = 64 << 20


def signed_headers(daemon, method, url):
    request = AWSRequest(method=method, url=url, headers={"x-amz-content-sha256": "UNSIGNED-PAYLOAD"})
    credentials = Credentials(daemon.environment["AWS_ACCESS_KEY_ID"], daemon.environment["AWS_SECRET_ACCESS_KEY"])
    signer = SigV4Auth(credentials, "s3", daemon.environment["AWS_DEFAULT_REGION"])
    signer.add_auth(request)
    return [f"{name}: {value}" for name, value in request.headers.items()]


def per_cpu_second(pid, run):
    before = cpu_seconds(pid)
    done = run()
    return done / (cpu_seconds(pid) - before)


def head_requests(url, headers, connections, seconds):
    """Answered HEAD requests of one run. wrk waits for the body that an answer to HEAD announces, so this is our own."""
    parts = urlsplit(url)
    request = (f"HEAD {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n" + "".join(f"{h}\r\n" for h in headers) +
               "\r\n").encode()
    poll, sockets, answered = select.epoll(), {}, 0
    for _ in range(connections):
        connection = socket.create_connection((parts.hostname, parts.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sockets[connection.fileno()] = connection
        poll.register(connection, select.EPOLLIN)
        connection.sendall(request)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for number, _ in poll.poll():
            answer = sockets[number].recv(65536)
            assert answer.startswith(b"HTTP/1.1 200 ") and answer.endswith(b"\r\n\r\n"), answer
            answered += 1
            sockets[number].sendall(request)
    for connection in sockets.values():
        connection.close()
    return answered


def put_seconds(url, path):
    """One PUT of a file over a fresh connection; the clock runs from the first byte sent to the answer."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port)
    connection.connect()
    with open(path, "rb") as file:
        started = time.perf_counter()
        connection.putrequest("PUT", f"{parts.path}?{parts.query}")
        connection.putheader("Content-Length", str(os.path.getsize(path)))
        connection.endheaders()
        connection.sock.setblocking(True)
        os_sendfile_all(connection.sock.fileno(), file.fileno(), os.path.getsize(path))
        answer = connection.getresponse()
        answer.read()
        elapsed = time.perf_counter() - started
    assert answer.status == 200
    connection.close()
    return elapsed


def os_sendfile_all(target, source, size):
    offset = 0
    while offset < size:
        offset += os.sendfile(target, source, offset, size - offset)


def copy_hash_seconds(source, target, overlapped):
    """Copies a file and takes its MD5, then syncs file and directory; overlapped: hashing on a thread of its own."""
    started = time.perf_counter()
    digest = hashlib.md5()

    def hash_all():
        with open(source, "rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)

    hasher = threading.Thread(target=hash_all)
    if overlapped:
        hasher.start()
    with open(source, "rb") as file, open(target, "wb", buffering=0) as out:
        while block := file.read(1 << 20):
            out.write(block)
            if not overlapped:
                digest.update(block)
        os.fdatasync(out.fileno())
    folder = os.open(target.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    if overlapped:
        hasher.join()
    return time.perf_counter() - started


def main():
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder, running_daemon() as daemon:
        folder = Path(folder)
        root = folder / "www"
        root.mkdir(mode=0o755)
        (root / "big").write_bytes(os.urandom(BIG))
        (root / "small").write_bytes(os.urandom(10 << 10))
        nginx = Nginx.files(folder, root)
        try:
            s3 = daemon.client("s3")
            s3.create_bucket(Bucket="bench")
            for key in ("big", "small"):
                s3.upload_file(str(root / key), "bench", key)
            pid = daemon.process.pid
            url = {key: f"{daemon.endpoint}/bench/{key}" for key in ("big", "small")}
            peer = {key: f"http://127.0.0.1:{nginx.port}/{key}" for key in ("big", "small")}
            s3.put_object(Bucket="bench", Key="big", Body=(root / "big").read_bytes())

            ours, theirs, heads, gets, small_peer, puts, serial, overlapped = ([] for _ in range(8))
            for _ in range(ROUNDS):
                ours.append(per_cpu_second(pid, lambda: wrk(url["big"], 4, 3, signed_headers(
                    daemon, "GET", url["big"]))[1]) / 2**30)
                theirs.append(per_cpu_second(nginx.worker, lambda: wrk(peer["big"], 4, 3)[1]) / 2**30)
                heads.append(per_cpu_second(pid, lambda: head_requests(
                    url["small"], signed_headers(daemon, "HEAD", url["small"]), 32, 3)))
                gets.append(per_cpu_second(pid, lambda: wrk(url["small"], 32, 3, signed_headers(
                    daemon, "GET", url["small"]))[0]))
                small_peer.append(per_cpu_second(nginx.worker, lambda: wrk(peer["small"], 32, 3)[0]))
                put = s3.generate_presigned_url("put_object", {"Bucket": "bench", "Key": "put"}, ExpiresIn=600)
                # A virtual machine gives free memory back to its host while others work, and whoever takes it first
                # afterwards pays for that: each writer once unmeasured, then each finds what the one before it freed.
                for measured in (False, True, True):
                    took = (put_seconds(put, root / "big"),
                            copy_hash_seconds(root / "big", folder / "copy", overlapped=False),
                            copy_hash_seconds(root / "big", folder / "copy", overlapped=True))
                    if measured:
                        for times, seconds in zip((puts, serial, overlapped), took):
                            times.append(seconds)
        finally:
            nginx.stop()

    table("The store", [
        ["GET 64 MiB from page cache, 4 connections, per CPU second of the server", f"{median(ours):.2f} GiB",
         f"nginx sendfile {median(theirs):.2f} GiB", f"{median(ours) / median(theirs):.2f}", "at least 0.9"],
        ["signed HEAD, 32 connections, per CPU second of the daemon", f"{median(heads):,.0f}", "12,000",
         f"{median(heads) / 12000:.2f}", "at least 1"],
        ["signed GET 10 KiB, the same", f"{median(gets):,.0f}",
         f"12,000 (nginx, unsigned: {median(small_peer):,.0f})", f"{median(gets) / 12000:.2f}", "at least 1"],
        ["PUT 64 MiB, rate", f"{BIG / median(puts) / 1e6:.0f} MB/s",
         f"copy, then MD5, block by block, both synced: {BIG / median(serial) / 1e6:.0f} MB/s",
         f"{median(serial) / median(puts):.2f}", "at least 0.8"],
        ["the same against a copy that hashes on a second thread", f"{BIG / median(puts) / 1e6:.0f} MB/s",
         f"{BIG / median(overlapped) / 1e6:.0f} MB/s", f"{median(overlapped) / median(puts):.2f}", "-"]])


if __name__ == "__main__":
    main()
