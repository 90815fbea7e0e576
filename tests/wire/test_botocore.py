"""botocore as the oracle of our protocols: for every operation we answer, what its serializer sends must be what we
read, and what we render must be what its parser reads, with every member that its model knows filled in."""

import base64
import datetime
import functools
import json
import os
import pathlib
import subprocess
import sys
import urllib.parse
from xml.etree import ElementTree

import botocore.session
import pytest
from botocore.awsrequest import prepare_request_dict
from botocore.exceptions import UnknownServiceError
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import modelgen  # noqa: E402

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
WHEN = datetime.datetime(2024, 5, 1, 10, 0, 0, tzinfo=UTC)


MODELS = ROOT / "models"


def answered():
    """All but what is ours alone."""
    for service, operations in modelgen.load_operations(MODELS).items():
        if service != "control":
            yield from ((service, operation) for operation in operations)


@pytest.fixture(scope="module")
def model_of():
    """What botocore knows of the operation's service, by our name for that; where it knows none, as of a service or an
    operation that is younger than the packaged edition, what we have read of it."""
    session, names = botocore.session.Session(), {"runtime": "sagemaker-runtime"}
    overlay = json.loads((MODELS / "overlay.json").read_text())

    @functools.cache
    def known(service):
        try:
            return session.get_service_model(names.get(service, service))
        except UnknownServiceError:
            return None

    @functools.cache
    def our_own(service):
        return ServiceModel(modelgen.Service(service, MODELS, overlay, []).model, service)

    def find(service, operation):
        model = known(service)
        return model if model and operation in model.operation_names else our_own(service)
    return find


@pytest.fixture(scope="module")
def echo():
    process = subprocess.Popen([os.environ["MILLRACE_WIRE_ECHO"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(task):
        process.stdin.write(json.dumps(task) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    yield ask
    process.stdin.close()
    process.wait(10)


class Samples:
    """A value for every member, each string different, as botocore has it and as our documents have it."""

    def __init__(self, protocol):
        self.count = 0
        self.fraction = 0 if protocol == "request" else 0.125

    def of(self, shape, location=None, stack=()):
        self.count += 1
        kind = shape.type_name
        if kind == "structure":
            members = {name: member for name, member in shape.members.items() if not is_stream(shape, name)}
            pairs = {name: self.of(member, member.serialization.get("location"), stack + (shape.name,))
                     for name, member in members.items() if member.name not in stack}
            return {name: pair[0] for name, pair in pairs.items()}, {name: pair[1] for name, pair in pairs.items()}
        if kind == "list":
            pairs = [self.of(shape.member, location, stack), self.of(shape.member, location, stack)]
            return [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        if kind == "map":
            pairs = [(f"key-{self.count}", self.of(shape.value, location, stack)) for _ in range(2)]
            return {key: pair[0] for key, pair in pairs}, {key: pair[1] for key, pair in pairs}
        if kind == "timestamp":
            fraction = self.fraction if location is None else 0
            moment = WHEN + datetime.timedelta(seconds=self.count + fraction)
            if shape.name == "Expires":  # text to us: S3 keeps what was sent
                return moment, moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
            return moment, (moment - EPOCH).total_seconds()
        if kind == "blob":
            value = b"\x00blob" + str(self.count).encode()
            return value, base64.b64encode(value).decode()
        if kind in ("integer", "long"):
            return self.count, self.count
        if kind in ("float", "double"):
            return self.count + 0.25, self.count + 0.25
        if kind == "boolean":
            return self.count % 2 == 0, self.count % 2 == 0
        if shape.metadata.get("enum"):
            value = shape.metadata["enum"][0]
        elif location in ("header", "headers"):
            value = f"text-{self.count}"
        elif location == "uri" and shape.name == "BucketName":
            value = f"bucket-{self.count}"
        else:
            value = f"a b/ä+%<&>\"'={self.count}"
        return value, value


def is_stream(shape, member):
    return shape.serialization.get("payload") == member and shape.members[member].type_name == "blob"


@pytest.mark.parametrize("service,operation", list(answered()))
def test_we_read_what_botocore_sends(model_of, echo, service, operation):
    model = model_of(service, operation)
    shape = model.operation_model(operation).input_shape
    given, expected = Samples("request").of(shape) if shape else ({}, {})
    request = create_serializer(model.metadata["protocol"], include_validation=False).serialize_to_request(
        given, model.operation_model(operation))
    prepare_request_dict(request, endpoint_url="http://localhost", context={})
    # S3 Control's requests carry the account in the host's name as well.
    path, _, query = ("/" + request["url"].removeprefix("http://").partition("/")[2]).partition("?")
    body = request["body"]
    if isinstance(body, dict):  # a form, encoded by the HTTP layer
        body = urllib.parse.urlencode(body)
    body = body.encode() if isinstance(body, str) else body
    understood = echo({"request": {
        "service": service, "operation": operation, "method": request["method"], "path": path, "query": query,
        "headers": {name: str(value) for name, value in request["headers"].items()},
        "body": base64.b64encode(body or b"").decode()}})
    assert understood == expected


@pytest.mark.parametrize("service,operation", list(answered()))
def test_botocore_reads_what_we_answer(model_of, echo, service, operation):
    model = model_of(service, operation)
    shape = model.operation_model(operation).output_shape
    expected, document = Samples("response").of(shape) if shape else ({}, {})
    answer = echo({"response": {"service": service, "operation": operation, "document": document}})
    assert "failure" not in answer
    body = base64.b64decode(answer["body"])
    if operation == "GetBucketLocation":  # botocore reads the root's text in a handler of its own
        assert ElementTree.fromstring(body).text == document["LocationConstraint"]
        return
    parsed = create_parser(model.metadata["protocol"]).parse(
        {"status_code": answer["status"], "headers": answer["headers"], "body": body}, shape)
    parsed.pop("ResponseMetadata", None)
    if shape and is_streaming(shape):
        parsed.pop(shape.serialization["payload"], None)
        expected.pop("ContentLength", None)  # follows from the body
    assert parsed == expected


def is_streaming(shape):
    payload = shape.serialization.get("payload")
    return payload is not None and shape.members[payload].type_name == "blob"
