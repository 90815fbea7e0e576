#!/usr/bin/python3
"""Writes C++ from service models: structs, their JSON conversions and constant shape tables.

    modelgen.py --models DIR --out DIR        writes DIR/aws/<service>/{types.h,operations.h,shapes.cpp,wire.cpp}
                                              and DIR/aws/services.{h,cpp}
    modelgen.py --models DIR --list-inputs    prints every file it reads, one per line, for CMake's dependencies

Models are botocore's service-2.json: those of the installed python3-botocore and those in --models. What --models
holds is described in its README.md. Types are generated for the operations of operations.txt and whatever they reach;
every other operation of a service goes into the tables by name only.
"""

import argparse
import json
import pathlib
import re
import sys

from botocore import xform_name
import botocore

BOTOCORE_DATA = pathlib.Path(botocore.__file__).parent / "data"

# Service -> model below botocore's data folder, or a file of --models.
SERVICES = {
    "sagemaker": "sagemaker/2017-07-24",
    "runtime": "sagemaker-runtime/2017-05-13",
    "metrics": "sagemaker-metrics.json",
    "s3": "s3/2006-03-01",
    "s3control": "s3control/2018-08-20",
    "s3outposts": "s3outposts/2017-07-25",
    "logs": "logs/2014-03-28",
    "sts": "sts/2011-06-15",
    "iam": "iam/2010-05-08",
    "cloudwatch": "cloudwatch/2010-08-01",
    "ecr": "ecr/2015-09-21",
    "control": "control.json",
}

CPP_KEYWORDS = set("""
alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class compl
concept const consteval constexpr constinit const_cast continue co_await co_return co_yield decltype default delete do
double dynamic_cast else enum explicit export extern false float for friend goto if inline int long mutable namespace
new noexcept not not_eq nullptr operator or or_eq private protected public register reinterpret_cast requires return
short signed sizeof static static_assert static_cast struct switch template this thread_local throw true try typedef
typeid typename union unsigned using virtual void volatile wchar_t while xor xor_eq
""".split())
# Names that C headers define as macros.
MACROS = {"NULL", "EOF", "TRUE", "FALSE", "ERROR", "DOMAIN", "OVERFLOW", "UNDERFLOW", "SING", "PLOSS", "TLOSS"}


def fail(message):
    sys.exit("modelgen: " + message)


def literal(text):
    """A C++ string literal of any text."""
    out = []
    for byte in text.encode("utf-8"):
        char = chr(byte)
        if char in '"\\':
            out.append("\\" + char)
        elif 32 <= byte < 127 and char != "?":
            out.append(char)
        else:
            out.append("\\%03o" % byte)
    return '"' + "".join(out) + '"'


def member_identifier(name):
    identifier = re.sub(r"\W", "_", xform_name(name))
    return identifier + "_" if identifier in CPP_KEYWORDS else identifier


def value_identifier(value):
    identifier = re.sub(r"\W", "_", value) or "empty"
    if identifier[0].isdigit():
        identifier = "_" + identifier
    return identifier + "_" if identifier in CPP_KEYWORDS | MACROS else identifier


# --- models and what is laid over them ---------------------------------------------------------------------------


def merge(target, patch, where):
    """RFC 7396 merge (null removes), plus add_values and not_required; `source` is a note for people."""
    for key, value in patch.items():
        if key in ("source", "strip_anchors"):
            continue
        if key == "add_values":
            known = target.get("enum") or fail(f"overlay: {where} is no enumeration")
            target["enum"] = known + [v for v in value if v not in known]
        elif key == "not_required":
            for name in value:
                if name not in target.get("required", []):
                    fail(f"overlay: {where}.{name} is not required anyway")
            target["required"] = [name for name in target["required"] if name not in value]
        elif value is None:
            target.pop(key, None)
        elif isinstance(value, dict):
            merge(target.setdefault(key, {}), value, f"{where}.{key}")
        else:
            target[key] = value


def without_anchors(pattern):
    """Patterns match the whole string anyway; messages show them as newer editions of the model spell them."""
    if pattern.startswith("^"):
        pattern = pattern[1:]
    if pattern.endswith("$") and not re.search(r"(?<!\\)(\\\\)*\\\$$", pattern):
        pattern = pattern[:-1]
    return pattern


def model_path(service, models):
    folder = SERVICES[service]
    return models / folder if folder.endswith(".json") else BOTOCORE_DATA / folder / "service-2.json"


def load_operations(models):
    answered = {service: [] for service in SERVICES}
    for number, line in enumerate((models / "operations.txt").read_text().splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        if len(words) != 2 or words[0] not in SERVICES:
            fail(f"operations.txt, line {number}: expected '<service> <Operation>', service one of {', '.join(SERVICES)}")
        answered[words[0]].append(words[1])
    return answered


class Service:
    def __init__(self, name, models, overlay, answered):
        self.name = name
        self.model = json.loads(model_path(name, models).read_text())
        merge(self.model, overlay.get(name, {}), name)
        self.metadata = self.model["metadata"]
        self.shapes = self.model["shapes"]
        # A deprecated operation shares its method and path with the one that replaced it.
        self.operations = {name: operation for name, operation in self.model["operations"].items()
                           if not operation.get("deprecated")}
        self.answered = answered
        if overlay.get(name, {}).get("strip_anchors"):
            for shape in self.shapes.values():
                if "pattern" in shape:
                    shape["pattern"] = without_anchors(shape["pattern"])
        for operation in answered:
            if operation not in self.operations:
                fail(f"operations.txt: {name} has no operation {operation}")
        self.reached = {}  # shape name -> index, children before parents
        for operation in sorted(answered):
            for role in ("input", "output"):
                if role in self.operations[operation]:
                    self._reach(self.operations[operation][role]["shape"], set())
        self.streaming_inputs = {self.operations[o]["input"]["shape"] for o in answered
                                 if self._streams(o, "input")}
        # A handler chooses the status (206 for a range) where the answer is an object's head.
        self.status_outputs = {self.operations[o]["output"]["shape"] for o in answered if "output" in self.operations[o]
                               and (self._streams(o, "output") or self.operations[o]["http"]["method"] == "HEAD")}
        self.streaming_outputs = {self.operations[o]["output"]["shape"] for o in answered if self._streams(o, "output")}

    def _reach(self, name, open_shapes):
        if name in self.reached or name in open_shapes:
            return
        open_shapes.add(name)
        shape = self.shapes.get(name) or fail(f"{self.name}: shape {name} is not in the model")
        for child in children(shape):
            self._reach(child["shape"], open_shapes)
        self.reached[name] = len(self.reached)

    def _streams(self, operation, role):
        if role not in self.operations[operation]:
            return False
        shape = self.shapes[self.operations[operation][role]["shape"]]
        payload = shape.get("payload")
        return bool(payload and self.is_streaming(shape["members"][payload]))

    def is_streaming(self, member):
        return bool(member.get("streaming") or self.shapes[member["shape"]].get("streaming"))

    # C++ types

    def is_struct(self, name):
        return self.shapes[name]["type"] == "structure"

    def cpp_type(self, name):
        shape = self.shapes[name]
        kind = shape["type"]
        if kind in ("string", "character", "blob"):
            return "std::string"
        if kind in ("integer", "long", "short", "byte", "bigInteger"):
            return "std::int64_t"
        if kind in ("float", "double"):
            return "double"
        if kind == "boolean":
            return "bool"
        if kind == "timestamp":
            return "millrace::Time"
        if kind in ("list", "map") and self.shapes[children(shape)[-1]["shape"]]["type"] in ("blob", "boolean"):
            # platform/aws/convert.h decodes base64 of members only, and std::vector<bool> has no bool& to read into.
            fail(f"{self.name}: {name} is a {kind} of {self.shapes[children(shape)[-1]['shape']]['type']}s, which "
                 "convert.h cannot read")
        if kind == "list":
            return f"std::vector<{self.cpp_type(shape['member']['shape'])}>"
        if kind == "map":
            return f"std::map<std::string, {self.cpp_type(shape['value']['shape'])}>"
        if kind == "structure":
            return name
        fail(f"{self.name}: shape {name} has the unknown type {kind}")

    def structs(self):
        return [name for name in self.reached if self.is_struct(name)]

    def data_members(self, name):
        """Members that are part of the document: everything but a streamed body."""
        return [(member, detail) for member, detail in self.shapes[name].get("members", {}).items()
                if not self.is_streaming(detail)]

    def streamed_member(self, name):
        for member, detail in self.shapes[name].get("members", {}).items():
            if self.is_streaming(detail):
                return member
        return None


def children(shape):
    return list(shape.get("members", {}).values()) + [shape[role] for role in ("member", "key", "value") if role in shape]


# --- C++ ---------------------------------------------------------------------------------------------------------

HEAD = "// Written by tools/modelgen.py from the service model; see models/README.md.\n"


def write_types(service):
    out = [HEAD + "#pragma once\n\n#include <cstdint>\n#include <map>\n#include <optional>\n"
           "#include <string>\n#include <vector>\n\n#include \"core/base/time.h\"\n#include \"core/json/json_fwd.h\"\n"
           "#include \"platform/aws/empty.h\"\n"]
    if service.streaming_inputs or service.streaming_outputs:
        out.append('#include "platform/aws/payload.h"\n#include "core/http/message.h"\n')
    out.append(f"\nnamespace millrace::wire::{service.name} {{\n\n")
    for name in service.reached:
        shape = service.shapes[name]
        if shape["type"] == "string" and shape.get("enum"):
            out.append(f"struct {name} {{\n")
            seen = set()
            for value in shape["enum"]:
                identifier = value_identifier(value)
                if identifier not in seen:
                    out.append(f"  static constexpr const char* {identifier} = {literal(value)};\n")
                seen.add(identifier)
            out.append("};\n\n")
    structs = service.structs()
    for name in structs:
        out.append(f"struct {name};\n")
    out.append("\n")
    for name in structs:
        shape = service.shapes[name]
        required = set(shape.get("required", []))
        out.append(f"struct {name} {{\n")
        for member, detail in service.data_members(name):
            kind = service.cpp_type(detail["shape"])
            if member in required:
                out.append(f"  {kind} {member_identifier(member)}{{}};\n")
            else:
                out.append(f"  std::optional<{kind}> {member_identifier(member)}{{}};\n")
        streamed = service.streamed_member(name)
        if name in service.streaming_inputs:
            out.append(f"  millrace::aws::Payload* {member_identifier(streamed)} = nullptr;  "
                       "///< never null in a handler\n")
        if name in service.streaming_outputs:
            out.append(f"  millrace::http::Body {member_identifier(streamed)}{{}};\n")
        if name in service.status_outputs:
            out.append("  std::optional<int> http_status{};  ///< where it is not 200\n")
        if streamed is None:
            out.append(f"\n  friend bool operator==(const {name}&, const {name}&) = default;\n")
        out.append("};\n\n")
    out.append("// The AWS JSON form of each, found by nlohmann-json: `Json json = value;`, `json.get<Structure>()`.\n"
               "// Reading throws Error(Customer, SerializationException) for a member of the wrong type, and leaves what\n"
               "// is absent or null as it was. Streamed bodies are no part of it.\n")
    for name in structs:
        out.append(f"void to_json(Json& json, const {name}& value);\n"
                   f"void from_json(const Json& json, {name}& value);\n")
    out.append(f"\n}}  // namespace millrace::wire::{service.name}\n")
    return "".join(out)


def write_wire(service):
    out = [HEAD + f'#include "generated/aws/{service.name}/types.h"\n\n#include "core/json/json.h"\n'
           f'#include "platform/aws/convert.h"\n\nnamespace millrace::wire::{service.name} {{\n\n']
    for name in service.structs():
        members = service.data_members(name)
        out.append(f"void to_json(Json& json, const {name}& value) {{\n")
        if members:
            out.append(f"  Json::object_t object;\n  object.reserve({min(len(members), 16)});\n")
            for member, detail in members:
                verb = "write_blob" if service.shapes[detail["shape"]]["type"] == "blob" else "write_member"
                out.append(f"  aws::{verb}(object, {literal(member)}, value.{member_identifier(member)});\n")
            out.append("  json = std::move(object);\n}\n\n")
        else:
            out.append("  static_cast<void>(value);\n  json = Json::object();\n}\n\n")
        out.append(f"void from_json(const Json& json, {name}& value) {{\n"
                   f"  aws::require_object(json, {literal(name)});\n")
        if not members:
            out.append("  static_cast<void>(value);\n")
        for member, detail in members:
            verb = "read_blob" if service.shapes[detail["shape"]]["type"] == "blob" else "read_member"
            out.append(f"  aws::{verb}(json, {literal(member)}, value.{member_identifier(member)});\n")
        out.append("}\n\n")
    out.append(f"}}  // namespace millrace::wire::{service.name}\n")
    return "".join(out)


def write_operations(service):
    names = sorted(service.operations)
    out = [HEAD + f'#pragma once\n\n#include "generated/aws/{service.name}/types.h"\n'
           f'#include "platform/aws/shape.h"\n\nnamespace millrace::wire::{service.name} {{\n\n'
           f"extern const aws::Service kService;\nextern const aws::Operation kOperations[{len(names)}];\n"
           "\n/// One tag per answered operation: `dispatch.add<ops::Name>(...)`, `client.call<ops::Name>(...)`.\n"
           "namespace ops {\n\n"]
    for index, name in enumerate(names):
        if name not in service.answered:
            continue
        operation = service.operations[name]
        request = operation["input"]["shape"] if "input" in operation else "wire::Empty"
        response = operation["output"]["shape"] if "output" in operation else "wire::Empty"
        out.append(f"struct {name} {{\n  using Request = {scoped(service, request)};\n"
                   f"  using Response = {scoped(service, response)};\n"
                   f"  static constexpr const aws::Operation& kOperation = kOperations[{index}];\n}};\n\n")
    out.append(f"}}  // namespace ops\n}}  // namespace millrace::wire::{service.name}\n")
    return "".join(out)


def scoped(service, name):
    """Operation tags hide structs of the same name."""
    return name if name.startswith("wire::") else f"{service.name}::{name}"


KINDS = {"string": "String", "character": "String", "integer": "Integer", "long": "Long", "short": "Integer",
         "byte": "Integer", "bigInteger": "Long", "float": "Float", "double": "Float", "boolean": "Boolean",
         "timestamp": "Timestamp", "blob": "Blob", "list": "List", "map": "Map", "structure": "Structure"}
LOCATIONS = {"uri": "Uri", "querystring": "Query", "header": "Header", "headers": "Headers", "statusCode": "StatusCode"}
TIMESTAMPS = {"iso8601": "Iso8601", "rfc822": "Rfc1123", "unixTimestamp": "UnixSeconds"}
PROTOCOLS = {"json": "Json", "rest-xml": "RestXml", "rest-json": "RestJson", "query": "Query"}


def table_members(service, name):
    shape = service.shapes[name]
    kind = shape["type"]
    if kind == "structure":
        for member, detail in shape.get("members", {}).items():
            yield member, detail, member in shape.get("required", []), shape.get("payload") == member
    elif kind == "list":
        yield "member", shape["member"], False, False
    elif kind == "map":
        yield "key", shape["key"], False, False
        yield "value", shape["value"], False, False


def write_shapes(service):
    protocol = PROTOCOLS.get(service.metadata["protocol"]) or fail(
        f"{service.name}: protocol {service.metadata['protocol']} has no parser")
    names = sorted(service.operations)
    out = [HEAD + f'#include "platform/aws/shape.h"\n\n#include "generated/aws/{service.name}/operations.h"\n\n'
           f"namespace millrace::wire::{service.name} {{\nnamespace {{\n\n"
           "using aws::Kind;\nusing aws::Location;\nusing aws::Member;\nusing aws::Shape;\n"
           "using aws::TimestampFormat;\nusing std::string_view;\n\n"]
    if service.reached:
        out.append(f"extern const Shape kShapes[{len(service.reached)}];\n\n")
    for name, index in service.reached.items():
        shape = service.shapes[name]
        members = list(table_members(service, name))
        if members:
            out.append(f"// {name}\nconst Member kMembers{index}[] = {{\n")
            for member, detail, required, payload in members:
                target = service.shapes[detail["shape"]]
                location = "Payload" if payload else LOCATIONS.get(detail.get("location"), "Body")
                fields = [f".name = {literal(member)}",
                          f".wire_name = {literal(detail.get('locationName', target.get('locationName', member)) if shape['type'] == 'structure' else detail.get('locationName', member))}",
                          f".shape = &kShapes[{service.reached[detail['shape']]}]"]
                if location != "Body":
                    fields.append(f".location = Location::{location}")
                if required:
                    fields.append(".required = true")
                if detail.get("flattened") or target.get("flattened"):
                    fields.append(".flattened = true")
                if detail.get("xmlAttribute"):
                    fields.append(".xml_attribute = true")
                if service.is_streaming(detail):
                    fields.append(".streaming = true")
                if "xmlNamespace" in detail:
                    fields.append(f".xml_namespace = {literal(detail['xmlNamespace']['uri'])}")
                out.append("    {" + ", ".join(fields) + "},\n")
            out.append("};\n")
        if shape.get("enum"):
            out.append(f"const string_view kValues{index}[] = {{" + ", ".join(map(literal, shape["enum"])) + "};\n")
    if service.reached:
        out.append(f"\nconst Shape kShapes[{len(service.reached)}] = {{\n")
        for name, index in service.reached.items():
            shape = service.shapes[name]
            kind = KINDS.get(shape["type"]) or fail(f"{service.name}: {name} has the unknown type {shape['type']}")
            fields = [f".name = {literal(name)}", f".kind = Kind::{kind}"]
            if any(True for _ in table_members(service, name)):
                fields.append(f".members = kMembers{index}")
            for limit in ("min", "max"):
                if limit in shape:
                    fields.append(f".{limit} = {int(shape[limit])}")
            if shape.get("pattern"):
                fields.append(f".pattern = {literal(shape['pattern'])}")
            if shape.get("enum"):
                fields.append(f".values = kValues{index}")
            if "timestampFormat" in shape:
                fields.append(f".timestamp_format = TimestampFormat::{TIMESTAMPS[shape['timestampFormat']]}")
            if shape.get("flattened"):
                fields.append(".flattened = true")
            if shape.get("sensitive"):
                fields.append(".sensitive = true")
            out.append("    {" + ", ".join(fields) + "},\n")
        out.append("};\n\n")
    for index, name in enumerate(names):
        out.append(operation_arrays(service, index, name))
    out.append("}  // namespace\n\n")
    out.append(f"const aws::Operation kOperations[{len(names)}] = {{\n")
    for index, name in enumerate(names):
        out.append("    {" + ", ".join(operation_fields(service, index, name)) + "},\n")
    out.append("};\n\n")
    errors = error_rows(service)
    if errors:
        out.append("namespace {\nconst aws::ErrorShape kErrors[] = {\n" + "".join(errors) + "};\n}  // namespace\n\n")
    metadata = service.metadata
    signing_name = metadata.get("signingName", metadata["endpointPrefix"])
    fields = [f".name = {literal(service.name)}", f".signing_name = {literal(signing_name)}",
              f".protocol = aws::Protocol::{protocol}",
              f".json_version = {literal(metadata.get('jsonVersion', ''))}",
              f".target_prefix = {literal(metadata.get('targetPrefix', ''))}",
              f".api_version = {literal(metadata['apiVersion'])}",
              f".xml_namespace = {literal(xml_namespace(metadata))}",
              f".full_name = {literal(metadata['serviceFullName'])}", ".operations = kOperations"]
    if errors:
        fields.append(".errors = kErrors")
    out.append("const aws::Service kService = {\n    " + ",\n    ".join(fields) + "};\n\n")
    out.append(f"}}  // namespace millrace::wire::{service.name}\n")
    return "".join(out)


def xml_namespace(metadata):
    if "xmlNamespace" in metadata:
        return metadata["xmlNamespace"]
    # S3's model names the namespace at its payloads only.
    return "http://s3.amazonaws.com/doc/2006-03-01/" if metadata["protocol"] == "rest-xml" else ""


def split_uri(operation):
    path, _, query = operation["http"]["requestUri"].partition("?")
    pairs = [part.partition("=") for part in query.split("&") if part]
    return path, [(key, value) for key, _, value in pairs]


def required_wire_names(service, operation, location):
    if "input" not in operation:
        return []
    shape = service.shapes[operation["input"]["shape"]]
    return [detail.get("locationName", member) for member, detail in shape.get("members", {}).items()
            if detail.get("location") == location and member in shape.get("required", [])]


def operation_arrays(service, index, name):
    operation = service.operations[name]
    out = ""
    _, query = split_uri(operation)
    if query:
        rows = ", ".join(f"{{{literal(key)}, {literal(value)}}}" for key, value in query)
        out += f"const aws::FixedQuery kFixedQuery{index}[] = {{{rows}}};\n"
    for location, array in (("querystring", "kRequiredQuery"), ("header", "kRequiredHeaders")):
        wire_names = required_wire_names(service, operation, location)
        if wire_names:
            out += f"const string_view {array}{index}[] = {{{', '.join(map(literal, wire_names))}}};\n"
    return out


def operation_fields(service, index, name):
    operation = service.operations[name]
    path, query = split_uri(operation)
    fields = [f".name = {literal(name)}", f".method = {literal(operation['http']['method'])}",
              f".path = {literal(path)}"]
    if query:
        fields.append(f".fixed_query = kFixedQuery{index}")
    if required_wire_names(service, operation, "querystring"):
        fields.append(f".required_query = kRequiredQuery{index}")
    if required_wire_names(service, operation, "header"):
        fields.append(f".required_headers = kRequiredHeaders{index}")
    if name not in service.answered:
        return fields
    fields.append(".answered = true")
    for role in ("input", "output"):
        if role in operation:
            fields.append(f".{role} = &kShapes[{service.reached[operation[role]['shape']]}]")
    if "locationName" in operation.get("input", {}):
        fields.append(f".input_root = {literal(operation['input']['locationName'])}")
    if "locationName" in operation.get("output", {}):
        fields.append(f".output_root = {literal(operation['output']['locationName'])}")
    if operation.get("output", {}).get("unwrapped"):
        fields.append(".unwrapped_output = true")
    if "resultWrapper" in operation.get("output", {}):
        fields.append(f".result_wrapper = {literal(operation['output']['resultWrapper'])}")
    if "responseCode" in operation["http"]:
        fields.append(f".status = {operation['http']['responseCode']}")
    if "input" in operation and operation["input"]["shape"] in service.streaming_inputs:
        fields.append(".streaming_input = true")
    if "output" in operation and operation["output"]["shape"] in service.streaming_outputs:
        fields.append(".streaming_output = true")
    return fields


def error_rows(service):
    rows = []
    for name, shape in sorted(service.shapes.items()):
        if shape.get("exception") or "error" in shape:
            error = shape.get("error", {})
            message = next((m for m in shape.get("members", {}) if m.lower() == "message"), "message")
            rows.append(f"    {{{literal(name)}, {literal(error.get('code', name))}, "
                        f"{error.get('httpStatusCode', 500 if shape.get('fault') else 400)}, {literal(message)}}},\n")
    return rows


def write_services(services):
    out = [HEAD + '#include "generated/aws/services.h"\n\n']
    out += [f'#include "generated/aws/{service.name}/operations.h"\n' for service in services]
    out.append("\nnamespace millrace::wire {\n\nstd::span<const aws::Service* const> services() {\n"
               "  static constexpr const aws::Service* kServices[] = {\n")
    out += [f"      &{service.name}::kService,\n" for service in services]
    out.append("  };\n  return kServices;\n}\n\n}  // namespace millrace::wire\n")
    return "".join(out)


SERVICES_HEADER = HEAD + """#pragma once

#include <span>

#include "platform/aws/shape.h"

namespace millrace::wire {

/// Every service whose model was generated.
std::span<const aws::Service* const> services();

}  // namespace millrace::wire
"""


def write_if_changed(path, text):
    """Keeps the file's time when nothing changed, so that nothing is compiled again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=pathlib.Path, required=True, help="the project's models folder")
    parser.add_argument("--out", type=pathlib.Path, help="the folder 'generated' of the build")
    parser.add_argument("--list-inputs", action="store_true")
    options = parser.parse_args()
    if options.list_inputs:
        for path in [options.models / "operations.txt", options.models / "overlay.json"] + [
                model_path(service, options.models) for service in SERVICES]:
            print(path)
        return
    if options.out is None:
        parser.error("--out is missing")
    overlay = json.loads((options.models / "overlay.json").read_text())
    for name in overlay:
        if name not in SERVICES and name != "source":
            fail(f"overlay.json: {name} is none of {', '.join(SERVICES)}")
    answered = load_operations(options.models)
    services = [Service(name, options.models, overlay, answered[name]) for name in SERVICES]
    for service in services:
        folder = options.out / "aws" / service.name
        write_if_changed(folder / "types.h", write_types(service))
        write_if_changed(folder / "operations.h", write_operations(service))
        write_if_changed(folder / "shapes.cpp", write_shapes(service))
        write_if_changed(folder / "wire.cpp", write_wire(service))
    write_if_changed(options.out / "aws" / "services.h", SERVICES_HEADER)
    write_if_changed(options.out / "aws" / "services.cpp", write_services(services))


if __name__ == "__main__":
    main()
