"""Checks every answer a client gets against the operation's output shape, as resource models of SDK v3 would read it:
a member that the model does not know, one of another type than the model says, and a required one that is missing fail.

The models are the packaged ones with models/overlay.json laid over, which is what the daemon itself is generated from.
"""

import base64
import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from functools import lru_cache
from pathlib import Path

from botocore.model import ServiceModel

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import modelgen  # noqa: E402

NAMES = {"sagemaker-runtime": "runtime", "sagemaker-metrics": "metrics"}
INTEGERS = ("integer", "long", "short", "byte")


@lru_cache(maxsize=None)
def service_model(service):
    name = NAMES.get(service, service)
    models = ROOT / "models"
    overlay = json.loads((models / "overlay.json").read_text())
    return ServiceModel(modelgen.Service(name, models, overlay, []).model, service)


def wrong_in_json(shape, value, where):
    """What is wrong with a JSON value, as a list of sentences."""
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, dict):
            return [f"{where} is no object: {value!r}"]
        known = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        wrong = [f"{where}.{name} is not in the model" for name in value if name not in known]
        wrong += [f"{where}.{name} is missing" for name in shape.required_members
                  if shape.members[name].serialization.get("name", name) not in value
                  and shape.members[name].serialization.get("location") is None]
        for name, member in value.items():
            if name in known:
                wrong += wrong_in_json(known[name], member, f"{where}.{name}")
        return wrong
    if kind == "list":
        if not isinstance(value, list):
            return [f"{where} is no list: {value!r}"]
        return [wrong for index, item in enumerate(value) for wrong in wrong_in_json(shape.member, item, f"{where}[{index}]")]
    if kind == "map":
        if not isinstance(value, dict):
            return [f"{where} is no map: {value!r}"]
        return [wrong for key, item in value.items() for wrong in wrong_in_json(shape.value, item, f"{where}[{key!r}]")]
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    fits = {"boolean": isinstance(value, bool), "timestamp": number, "float": number, "double": number,
            "string": isinstance(value, str), "character": isinstance(value, str)}.get(kind)
    if kind in INTEGERS:
        fits = isinstance(value, int) and not isinstance(value, bool)
    if kind == "blob":
        fits = isinstance(value, str) and base64.b64decode(value, validate=True) is not None
    if not fits:
        return [f"{where} is no {kind}: {value!r}"]
    if kind == "string" and shape.enum and value not in shape.enum:
        return [f"{where} is none of the model's values: {value!r}"]
    return []


def wrong_in_xml(shape, element, where):
    kind = shape.type_name
    children = [(child.tag.split("}")[-1], child) for child in element]
    if kind == "structure":
        known = {}
        for name, member in shape.members.items():
            flat = member.serialization.get("flattened")
            known[(member.member.serialization.get("name") if flat and member.type_name == "list" else None)
                  or member.serialization.get("name", name)] = member
        wrong = [f"{where}.{name} is not in the model" for name, _ in children if name not in known]
        for name, child in children:
            if name in known and not known[name].serialization.get("flattened"):
                wrong += wrong_in_xml(known[name], child, f"{where}.{name}")
        return wrong + [f"{where}.{name} is missing" for name in shape.required_members
                        if shape.members[name].serialization.get("location") is None
                        and shape.members[name].serialization.get("name", name) not in dict(children)]
    if kind == "list":
        item = shape.member.serialization.get("name", "member")
        wrong = [f"{where} has an element {name}, not {item}" for name, _ in children if name != item]
        return wrong + [w for _, child in children for w in wrong_in_xml(shape.member, child, where + "[]")]
    text = element.text or ""
    if kind == "map":
        return []
    if children:
        return [f"{where} has elements in it, and is a {kind}"]
    fits = {"boolean": text in ("true", "false"), "timestamp": re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$", text)}.get(kind, True)
    if kind in INTEGERS:
        fits = re.fullmatch(r"-?\d+", text)
    if kind in ("float", "double"):
        float(text)
    return [] if fits else [f"{where} is no {kind}: {text!r}"]


def wrong_in_answer(service, operation, body):
    model = service_model(service)
    shape = model.operation_model(operation).output_shape
    protocol = model.metadata["protocol"]
    if shape is None or (model.operation_model(operation).has_streaming_output):
        return []
    if protocol in ("json", "rest-json"):
        return wrong_in_json(shape, json.loads(body or b"{}"), operation)
    if not body:
        return []
    payload = shape.serialization.get("payload")
    if payload:
        shape = shape.members[payload]
    root = ElementTree.fromstring(body)
    if protocol == "query":
        root = next((child for child in root if child.tag.endswith("Result")), ElementTree.Element("empty"))
    return wrong_in_xml(shape, root, operation)


def checked(client):
    """The client, whose every answer that is no error is checked; `client.calls` lists the operations whose answers were."""
    service = client.meta.service_model.service_name
    client.calls = []

    def check(event_name, response_dict=None, **_):
        operation = event_name.rsplit(".", 1)[-1]
        if response_dict is None or response_dict["status_code"] >= 300:
            return
        body = response_dict["body"]
        if isinstance(body, (bytes, str)):
            wrong = wrong_in_answer(service, operation, body)
            assert not wrong, "\n".join(wrong)
            client.calls.append(operation)
    client.meta.events.register("response-received", check)
    return client
