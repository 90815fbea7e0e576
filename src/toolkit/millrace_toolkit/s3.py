"""The two S3 calls that script mode makes, signed with Signature Version 4, on Python's own library: a machine need not have
boto3, and a job starts half a second sooner without it.

Reference: AWS General Reference, "Signature Version 4 signing process"; path-style addressing.
"""

import datetime
import hashlib
import hmac
import os
import shutil
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request

from millrace_toolkit.failures import CustomerError

ATTEMPTS = 6
_BLOCK = 1 << 20


def split_uri(uri):
    """"s3://bucket/a/b" -> ("bucket", "a/b")."""
    bucket, _, key = uri[len("s3://"):].partition("/")
    return bucket, key


class S3:
    """Address and keys are the environment's: S3_ENDPOINT_URL, AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and so on."""

    def __init__(self, environment=None):
        environment = os.environ if environment is None else environment
        names = ("S3_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
        self.endpoint = next((environment[name] for name in names if environment.get(name)), "").rstrip("/")
        self.region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1"
        self.key = environment.get("AWS_ACCESS_KEY_ID", "")
        self.secret = environment.get("AWS_SECRET_ACCESS_KEY", "")
        self.token = environment.get("AWS_SESSION_TOKEN", "")
        handlers = [urllib.request.ProxyHandler({})]
        if self.endpoint.startswith("https://"):
            context = ssl.create_default_context(cafile=environment.get("AWS_CA_BUNDLE") or None)
            handlers.append(urllib.request.HTTPSHandler(context=context))
        self._opener = urllib.request.build_opener(*handlers)

    def download(self, uri, path):
        """The object as a file."""
        def receive(answer):
            with open(path, "wb") as file:
                shutil.copyfileobj(answer, file, _BLOCK)
            expected = answer.headers.get("Content-Length")
            if expected is not None and os.path.getsize(path) != int(expected):
                raise ConnectionError(f"{uri} broke off at {os.path.getsize(path)} of {expected} bytes")
        self._call("GET", uri, None, receive)

    def upload(self, path, uri):
        """The file as an object."""
        self._call("PUT", uri, path, lambda answer: answer.read())

    def _call(self, method, uri, path, receive):
        if not self.endpoint:
            raise CustomerError(f"{uri} cannot be reached: this job runs with network isolation. Deliver the code as a "
                                "channel and let sagemaker_submit_directory name it, such as "
                                "/opt/ml/input/data/code/sourcedir.tar.gz.")
        for attempt in range(ATTEMPTS):
            try:
                with self._opener.open(self._request(method, uri, path), timeout=60) as answer:
                    return receive(answer)
            except urllib.error.HTTPError as error:
                if error.code < 500 or attempt + 1 == ATTEMPTS:
                    raise CustomerError(f"{method} {uri} was answered {error.code} {_reason(error)}") from None
            except (OSError, urllib.error.URLError) as error:
                if attempt + 1 == ATTEMPTS:
                    raise ConnectionError(f"{method} {uri}: {error}") from error
            time.sleep(0.1 * 2 ** attempt)

    def _request(self, method, uri, path):
        bucket, key = split_uri(uri)
        url = f"{self.endpoint}/{bucket}/{urllib.parse.quote(key, safe='/-_.~')}"
        digest = _sha256_of(path)
        moment = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        parts = urllib.parse.urlsplit(url)
        headers = {"host": parts.netloc, "x-amz-content-sha256": digest, "x-amz-date": moment}
        if self.token:
            headers["x-amz-security-token"] = self.token
        headers["Authorization"] = self._signature(method, parts.path, headers, digest, moment)
        body = None
        if path is not None:
            body = open(path, "rb")  # urllib closes nothing; the request's end drops the last reference
            headers["Content-Length"] = str(os.path.getsize(path))
            headers["Content-Type"] = "binary/octet-stream"
        return urllib.request.Request(url, data=body, headers=headers, method=method)

    def _signature(self, method, path, headers, digest, moment):
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        canonical = f"{method}\n{path}\n\n{lines}\n{names}\n{digest}"
        scope = f"{moment[:8]}/{self.region}/s3/aws4_request"
        to_sign = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = f"AWS4{self.secret}".encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
        return f"AWS4-HMAC-SHA256 Credential={self.key}/{scope}, SignedHeaders={names}, Signature={signature}"


def _sha256_of(path):
    digest = hashlib.sha256()
    if path is not None:
        with open(path, "rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()


def _reason(error):
    """The code that an XML error names, else the status's words."""
    text = error.read(4096).decode("utf-8", "replace")
    return text.partition("<Code>")[2].partition("</Code>")[0] or error.reason
