"""libprotobuf's own reader and writer of `aialgs.data.Record`, and RecordIO by its rules."""

import struct
import subprocess
from pathlib import Path

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

MAGIC = struct.pack("<I", 0xCED7230A)
_SCHEMA = Path(__file__).parents[1] / "oracle"


def _record_type():
    described = subprocess.run(["protoc", f"--proto_path={_SCHEMA}", "--descriptor_set_out=/dev/stdout", "record.proto"],
                               stdout=subprocess.PIPE, check=True).stdout
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(described).file:
        pool.Add(file)
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName("aialgs.data.Record"))


Record = _record_type()


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
