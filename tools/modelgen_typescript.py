#!/usr/bin/python3
"""Writes TypeScript from the service models that modelgen.py turns into C++: the console's types of the JSON operations.

    modelgen_typescript.py --models DIR --out DIR        writes DIR/{sagemaker,logs,control}.ts

An interface is a structure's JSON form: timestamps are seconds since the epoch, blobs base64. `Operations` maps each
answered operation to its request and response; `shapes` has the limits and patterns that fields of a form tell.
"""

import argparse
import json
import pathlib

import modelgen

SERVICES = ("sagemaker", "logs", "control")
HEAD = "// Written by tools/modelgen_typescript.py from the service model; see models/README.md.\n\n"
SCALARS = {"string": "string", "character": "string", "blob": "string", "boolean": "boolean", "timestamp": "number",
           "integer": "number", "long": "number", "short": "number", "byte": "number", "bigInteger": "number",
           "float": "number", "double": "number"}


def type_of(service, name):
    shape = service.shapes[name]
    kind = shape["type"]
    if kind == "structure":
        return name
    if kind == "list":
        return f"{type_of(service, shape['member']['shape'])}[]"
    if kind == "map":
        return f"Record<string, {type_of(service, shape['value']['shape'])}>"
    return SCALARS[kind]


def constraints(shape):
    return {key: shape[key] for key in ("min", "max", "pattern", "enum") if key in shape}


def write(service):
    out = [HEAD]
    for name in service.structs():
        shape = service.shapes[name]
        required = set(shape.get("required", []))
        out.append(f"export interface {name} {{\n")
        for member, detail in shape.get("members", {}).items():
            optional = "" if member in required else "?"
            out.append(f"  {json.dumps(member)}{optional}: {type_of(service, detail['shape'])};\n")
        out.append("}\n\n")
    out.append("export interface Operations {\n")
    for name in sorted(service.answered):
        operation = service.operations[name]
        request, response = (operation[role]["shape"] if role in operation else "Record<string, never>"
                             for role in ("input", "output"))
        out.append(f"  {name}: {{ request: {request}; response: {response} }};\n")
    out.append("}\n\n")
    metadata = service.metadata
    out.append(f"export const targetPrefix = {json.dumps(metadata['targetPrefix'])};\n"
               f"export const jsonVersion = {json.dumps(metadata['jsonVersion'])};\n\n")
    limits = {name: constraints(service.shapes[name]) for name in sorted(service.reached)}
    limits = {name: limit for name, limit in limits.items() if limit}
    out.append(f"export const shapes = {json.dumps(limits, ensure_ascii=False, indent=1)} as const;\n")
    return "".join(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=pathlib.Path, required=True, help="the project's models folder")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    overlay = json.loads((options.models / "overlay.json").read_text())
    answered = modelgen.load_operations(options.models)
    for name in SERVICES:
        service = modelgen.Service(name, options.models, overlay, answered[name])
        modelgen.write_if_changed(options.out / f"{name}.ts", write(service))


if __name__ == "__main__":
    main()
