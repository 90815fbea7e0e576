"""A `millrace serve` of its own for tests and benchmarks, reached only through stock clients."""

import os
import re
import signal
import subprocess
from pathlib import Path

import boto3
from botocore.config import Config

MILLRACE = os.environ.get("MILLRACE_BIN", str(Path(__file__).parents[2] / "build/release/bin/millrace"))
PROGRAMS = Path(__file__).parent / "programs"


class Daemon:
    """`millrace serve` on a free port with its own data directory."""

    def __init__(self, data_dir: Path, *options):
        self.data_dir = data_dir
        self.options = options
        self.process = None
        self.endpoint = None
        self.environment = {}
        self.start()

    def start(self):
        self.log = open(self.data_dir.parent / "serve.log", "ab")
        self.process = subprocess.Popen(
            [MILLRACE, "serve", "--data-dir", str(self.data_dir), "--listen", "127.0.0.1:0", "--stop-jobs",
             *self.options],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"https?://127\.0\.0\.1:\d+", line)
        assert found, f"millrace serve printed {line!r}"
        self.endpoint = found.group(0)
        printed = self.cli("env").stdout
        self.environment = dict(re.findall(r"^export (\w+)='?([^'\n]*)'?$", printed, re.MULTILINE))

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def cli(self, *arguments, check=True, **options):
        return subprocess.run([MILLRACE, *arguments, "--data-dir", str(self.data_dir)], check=check, text=True,
                              capture_output=True, timeout=60, **options)

    def client(self, service, region=None, **config):
        config.setdefault("retries", {"max_attempts": 0})
        if service == "s3":
            config.setdefault("s3", {"addressing_style": "path"})
        return boto3.client(
            service, endpoint_url=self.endpoint, region_name=region or self.environment["AWS_DEFAULT_REGION"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            verify=self.environment.get("AWS_CA_BUNDLE"), config=Config(**config))

    def shell_environment(self):
        return {**os.environ, **self.environment, "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "",
                "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}

    def add_program(self, name):
        """Registers tests/clients/programs/<name> as the training image <name without suffix>."""
        image = Path(name).stem.replace("_", "-")
        self.cli("images", "add", image, "--exec", str(PROGRAMS / name))
        return image
