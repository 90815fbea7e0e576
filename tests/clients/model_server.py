"""Models trained and served by millrace-trainer alone, without a daemon."""

import http.client
import json
import os
import re
import signal
import subprocess
from pathlib import Path

from daemon import MILLRACE

TRAINER = os.environ.get("MILLRACE_TRAINER", str(Path(MILLRACE).parent / "millrace-trainer"))


def train(base, algorithm, hyperparameters, channels):
    """The model's folder; `channels` by name: content type and bytes."""
    (base / "input/config").mkdir(parents=True)
    (base / "input/config/hyperparameters.json").write_text(json.dumps({k: str(v) for k, v in hyperparameters.items()}))
    (base / "input/config/inputdataconfig.json").write_text(json.dumps(
        {name: {"TrainingInputMode": "File", "ContentType": content_type,
                "S3DistributionType": "ShardedByS3Key" if algorithm == "randomcutforest" else "FullyReplicated"}
         for name, (content_type, _) in channels.items()}))
    for name, (_, data) in channels.items():
        (base / "input/data" / name).mkdir(parents=True)
        (base / "input/data" / name / "data").write_bytes(data)
    done = subprocess.run([TRAINER, "train", "--base", str(base), "--algorithm", algorithm], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return base / "model"


class ModelServer:
    """`millrace-trainer serve` of a model, on a port of its own."""

    def __init__(self, model, *options, port=0, **environment):
        self.process = subprocess.Popen(
            [TRAINER, "serve", "--model", str(model), "--address", "127.0.0.1", *(["--port", str(port)] if port is not None else []), *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment})
        line = self.process.stdout.readline()
        found = re.search(r"Serving a model of (\S+) on 127\.0\.0\.1:(\d+)", line)
        assert found, line + self.process.communicate()[1]
        self.algorithm, self.port = found[1], int(found[2])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def request(self, method, path, body=None, **headers):
        """Status, content type and body of one answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.getheader("Content-Type"), answer.read()
        finally:
            connection.close()

    def invoke(self, body, content_type, accept=None):
        headers = {"Content_Type": content_type} if content_type is not None else {}
        return self.request("POST", "/invocations", body, **headers, **({"Accept": accept} if accept is not None else {}))

    def memory(self):
        """Bytes of it that are in memory."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def stop(self):
        """Its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)
