"""The schema `aialgs.data` for Debian's libprotobuf, built at run time so that no generated file is kept."""

import struct

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

MAGIC = struct.pack("<I", 0xCED7230A)
_FIELD = descriptor_pb2.FieldDescriptorProto


def _file():
    file = descriptor_pb2.FileDescriptorProto(name="record.proto", package="aialgs.data", syntax="proto2")

    def message(name):
        return file.message_type.add(name=name)

    def field(owner, name, number, kind, repeated=False, type_name=None, packed=False):
        added = owner.field.add(name=name, number=number, type=kind,
                                label=_FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL)
        if type_name:
            added.type_name = ".aialgs.data." + type_name
        if packed:
            added.options.packed = True
        return added

    for name, kind in (("Float32Tensor", _FIELD.TYPE_FLOAT), ("Float64Tensor", _FIELD.TYPE_DOUBLE),
                       ("Int32Tensor", _FIELD.TYPE_INT32)):
        tensor = message(name)
        field(tensor, "values", 1, kind, repeated=True, packed=True)
        field(tensor, "keys", 2, _FIELD.TYPE_UINT64, repeated=True, packed=True)
        field(tensor, "shape", 3, _FIELD.TYPE_UINT64, repeated=True, packed=True)
    content = message("Bytes")
    field(content, "value", 1, _FIELD.TYPE_BYTES, repeated=True)
    field(content, "content_type", 2, _FIELD.TYPE_STRING)
    value = message("Value")
    value.oneof_decl.add(name="value")
    for name, number, kind in (("float32_tensor", 2, "Float32Tensor"), ("float64_tensor", 3, "Float64Tensor"),
                               ("int32_tensor", 7, "Int32Tensor"), ("bytes", 9, "Bytes")):
        field(value, name, number, _FIELD.TYPE_MESSAGE, type_name=kind).oneof_index = 0
    record = message("Record")
    for name, number, entry in (("features", 1, "FeaturesEntry"), ("label", 2, "LabelEntry")):
        nested = record.nested_type.add(name=entry)
        nested.options.map_entry = True
        field(nested, "key", 1, _FIELD.TYPE_STRING)
        field(nested, "value", 2, _FIELD.TYPE_MESSAGE, type_name="Value")
        field(record, name, number, _FIELD.TYPE_MESSAGE, repeated=True, type_name="Record." + entry)
    for name, number in (("uid", 3), ("metadata", 4), ("configuration", 5)):
        field(record, name, number, _FIELD.TYPE_STRING)
    return file


_pool = descriptor_pool.DescriptorPool()
_pool.Add(_file())
Record = message_factory.MessageFactory(_pool).GetPrototype(_pool.FindMessageTypeByName("aialgs.data.Record"))


def frame(payload):
    """One record as the SageMaker Python SDK frames it: never split."""
    return MAGIC + struct.pack("<I", len(payload)) + payload + b"\0" * (-len(payload) % 4)


def unframe(data):
    """The payloads of a RecordIO file, split records joined by MXNet's rules."""
    at, parts = 0, None
    while at < len(data):
        assert data[at:at + 4] == MAGIC
        word = struct.unpack_from("<I", data, at + 4)[0]
        flag, length = word >> 29, word & 0x1FFFFFFF
        payload = data[at + 8:at + 8 + length]
        at += 8 + (length + 3) // 4 * 4
        if flag in (0, 1):
            parts = [payload]
        else:
            parts.append(payload)
        if flag in (0, 3):
            yield MAGIC.join(parts)
