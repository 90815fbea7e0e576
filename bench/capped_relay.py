"""A relay before the daemon's socket that lets answers through at a given rate, as a distant store would send them."""

import os
import socket
import threading
import time
from pathlib import Path

PIECE = 256 << 10
SPLICE_F_MOVE = 1


class CappedRelay:
    """Takes the place of `path`, a UNIX socket; supervisors that connect to it do not see a difference."""

    def __init__(self, path, bytes_per_second):
        self.path, self.behind = Path(path), Path(f"{path}.behind")
        self.rate = bytes_per_second
        self.lock, self.free_at = threading.Lock(), 0.0
        self.path.rename(self.behind)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(self.path))
        self.listener.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            server.connect(str(self.behind))
            threading.Thread(target=self.carry, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self.carry, args=(server, client, True), daemon=True).start()

    def carry(self, source, target, capped):
        read_end, write_end = os.pipe()
        try:
            while moved := os.splice(source.fileno(), write_end, PIECE, flags=SPLICE_F_MOVE):
                if capped:
                    self.wait_for_room(moved)
                while moved > 0:
                    moved -= os.splice(read_end, target.fileno(), moved, flags=SPLICE_F_MOVE)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # one side is gone, and the other learns it
        finally:
            os.close(read_end)
            os.close(write_end)
            if capped:
                source.close()
                target.close()

    def wait_for_room(self, size):
        with self.lock:
            start = max(self.free_at, time.monotonic() - 0.05)
            self.free_at = start + size / self.rate
        time.sleep(max(0.0, self.free_at - time.monotonic()))

    def close(self):
        self.listener.close()
        self.path.unlink()
        self.behind.rename(self.path)
