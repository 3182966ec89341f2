"""Values of Avro without parts, at a place in a row's bytes."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from streamcore.formats.malformed import Malformed

Read: TypeAlias = "Callable[[bytes, int], tuple[Any, int]]"

_FLOAT, _DOUBLE = struct.Struct("<f"), struct.Struct("<d")
_LONGEST = 70
"""The shift behind the tenth byte of a number, which is the last that a number of 64 bits can have."""


def long_at(data: bytes, at: int) -> tuple[int, int]:
    """A whole number of up to 64 bits."""
    try:
        byte = data[at]
        at += 1
        if byte < 128:
            return (byte >> 1) ^ -(byte & 1), at
        found, shift = byte & 127, 7
        while shift < _LONGEST:
            byte = data[at]
            at += 1
            found |= (byte & 127) << shift
            if byte < 128:
                found &= 0xFFFF_FFFF_FFFF_FFFF
                return (found >> 1) ^ -(found & 1), at
            shift += 7
    except IndexError:
        raise Malformed("the bytes end within a number") from None
    raise Malformed("a number of more than ten bytes")


def _int_at(data: bytes, at: int) -> tuple[int, int]:
    found, at = long_at(data, at)
    if not -(2**31) <= found < 2**31:
        raise Malformed(f"{found} is no int")
    return found, at


def _boolean_at(data: bytes, at: int) -> tuple[bool, int]:
    if at >= len(data):
        raise Malformed("the bytes end before a boolean")
    return data[at] == 1, at + 1


def _float_at(data: bytes, at: int) -> tuple[float, int]:
    try:
        return _FLOAT.unpack_from(data, at)[0], at + 4
    except struct.error:
        raise Malformed("the bytes end within a float") from None


def _double_at(data: bytes, at: int) -> tuple[float, int]:
    try:
        return _DOUBLE.unpack_from(data, at)[0], at + 8
    except struct.error:
        raise Malformed("the bytes end within a double") from None


def _bytes_at(data: bytes, at: int) -> tuple[bytes, int]:
    size, at = long_at(data, at)
    end = at + size
    if size < 0 or end > len(data):
        raise Malformed(f"a length of {size} with {len(data) - at} bytes left")
    return data[at:end], end


def string_at(data: bytes, at: int) -> tuple[str, int]:
    """A text."""
    size, at = long_at(data, at)
    end = at + size
    if size < 0 or end > len(data):
        raise Malformed(f"a length of {size} with {len(data) - at} bytes left")
    # As Spark shows it: what is not UTF-8 is a mark.
    return str(data[at:end], "utf-8", "replace"), end


def null_at(_: bytes, at: int) -> tuple[None, int]:
    """Nothing."""
    return None, at


PRIMITIVES: Mapping[str, Read] = {
    "null": null_at, "boolean": _boolean_at, "int": _int_at, "long": long_at, "float": _float_at,
    "double": _double_at, "bytes": _bytes_at, "string": string_at,
}  # fmt: skip


def sized_at(size: int) -> Read:
    """So many bytes."""

    def run(data: bytes, at: int) -> tuple[bytes, int]:
        end = at + size
        if end > len(data):
            raise Malformed(f"a fixed of {size} bytes with {len(data) - at} left")
        return data[at:end], end

    return run
