"""Reads an MXNet NDArray list (docs/reference/formats): dense float32 arrays by name."""

import struct

import numpy


def read_arrays(data):
    arrays, at = [], 24
    for _ in range(struct.unpack_from("<Q", data, 16)[0]):
        dimensions = struct.unpack_from("<I", data, at + 8)[0]
        shape = struct.unpack_from(f"<{dimensions}q", data, at + 12)
        at += 12 + 8 * dimensions + 12
        arrays.append(numpy.frombuffer(data, "<f4", int(numpy.prod(shape)), at).reshape(shape))
        at += arrays[-1].nbytes
    at, names = at + 8, []
    for _ in arrays:
        length = struct.unpack_from("<Q", data, at)[0]
        names.append(data[at + 8:at + 8 + length].decode())
        at += 8 + length
    return dict(zip(names, arrays))
