"""Live upload of output/intermediate, for jobs whose client asks for it with sagemaker_s3_output."""

import logging
import os
import threading

from millrace_toolkit.s3 import S3

log = logging.getLogger("millrace-toolkit")

_LOOK_SECONDS = 1


class IntermediateUpload:
    """Looks at the directory once a second; a file that was left alone since the last look is finished and is uploaded."""

    def __init__(self, directory, uri, store=None):
        self._directory, self._uri = directory, uri.rstrip("/")
        self._store = store or S3()
        self._seen = {}      # what a file looked like at the last look
        self._uploaded = {}  # and when it was uploaded
        self._stop = threading.Event()
        directory.mkdir(parents=True, exist_ok=True)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self):
        while not self._stop.wait(_LOOK_SECONDS):
            self._upload(finished=False)

    def _upload(self, finished):
        looks = dict(self._files())
        for path, look in looks.items():
            if self._uploaded.get(path) == look or not (finished or self._seen.get(path) == look):
                continue
            relative = path.relative_to(self._directory).as_posix()
            try:
                self._store.upload(path, f"{self._uri}/{relative}")
                self._uploaded[path] = look
            except Exception as error:  # noqa: BLE001 whatever it is, it costs this file and not the training
                log.warning("output/intermediate/%s is not uploaded: %s", relative, error)
        self._seen = looks

    def _files(self):
        for folder, _, names in os.walk(self._directory):
            for name in names:
                path = self._directory / folder / name
                try:
                    status = path.lstat()
                except FileNotFoundError:
                    continue
                if path.is_file() and not path.is_symlink():
                    yield path, (status.st_size, status.st_mtime_ns, status.st_ino)

    def finish(self):
        """What is left, when nobody writes any more."""
        self._stop.set()
        self._thread.join()
        self._upload(finished=True)
