"""Values appended to a row's bytes, as Avro writes them."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

Write: TypeAlias = "Callable[[bytearray, Any], None]"

_FLOAT, _DOUBLE = struct.Struct("<f"), struct.Struct("<d")


def zigzag(value: int) -> list[int]:
    """A whole number as its bytes."""
    rest, written = (value << 1) ^ (value >> 63), []
    while rest > 127:
        written.append(rest & 127 | 128)
        rest >>= 7
    return [*written, rest]


def write_long(row: bytearray, value: int) -> None:
    """Appends a whole number."""
    rest = (value << 1) ^ (value >> 63)
    while rest > 127:
        row.append(rest & 127 | 128)
        rest >>= 7
    row.append(rest)


def write_bytes(row: bytearray, value: bytes) -> None:
    """Appends bytes behind their length."""
    write_long(row, len(value))
    row.extend(value)


def listed(write: Write) -> Write:
    """Writes items as one block."""

    def run(row: bytearray, value: Sequence[Any]) -> None:
        if value:
            write_long(row, len(value))
            for each in value:
                write(row, each)
        row.append(0)

    return run


def mapped(write: Write) -> Write:
    """Writes entries as one block."""

    def run(row: bytearray, value: Sequence[tuple[str, Any]]) -> None:
        if value:
            write_long(row, len(value))
            for key, each in value:
                write_bytes(row, key.encode())
                write(row, each)
        row.append(0)

    return run


PRIMITIVES: Mapping[str, Write] = {
    "boolean": lambda row, value: row.append(value),
    "int": write_long,
    "long": write_long,
    "float": lambda row, value: row.extend(_FLOAT.pack(value)),
    "double": lambda row, value: row.extend(_DOUBLE.pack(value)),
    "bytes": write_bytes,
    "string": lambda row, value: write_bytes(row, value.encode()),
}
