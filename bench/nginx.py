"""nginx as a peer, on a free port of the loopback interface."""

import os
import socket
import subprocess
import time
from pathlib import Path

CPUS = len(os.sched_getaffinity(0))


class Nginx:
    """`location` is what it does with requests, `before` stands beside its server. `folder` is for its files."""

    def __init__(self, folder, location, before="", workers=1):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        folder.chmod(0o755)  # the workers of one that root starts are another user's
        config = folder / "nginx.conf"
        config.write_text(f"""
daemon off; worker_processes {workers}; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{ access_log off; sendfile on; tcp_nodelay on; keepalive_requests 1000000000;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  {before}
  server {{ listen 127.0.0.1:{self.port}; {location} }} }}
""")
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-c", str(config), "-p", str(folder)], stderr=subprocess.DEVNULL)
        time.sleep(0.5)
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        self.worker = int(children[0])

    @classmethod
    def files(cls, folder, root):
        """One worker, sendfile."""
        return cls(folder, f"root {root};")

    @classmethod
    def relay(cls, folder, port):
        """To a server on `port`, over connections that it keeps; a worker for each CPU."""
        return cls(folder, 'location / { proxy_http_version 1.1; proxy_set_header Connection ""; client_body_buffer_size 1m; proxy_pass http://behind; }',
                   f"upstream behind {{ server 127.0.0.1:{port}; keepalive 64; keepalive_requests 1000000000; }}", CPUS)

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
