r"""The header that Confluent's serializers write before a message: a zero byte, and the schema's id.

>>> with_header(7, b"x")
b'\x00\x00\x00\x00\x07x'
>>> taken_apart(_)
(7, b'x')
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING

from streamcore.formats.malformed import Malformed

if TYPE_CHECKING:
    import pyarrow as pa

_HEAD = struct.Struct(">bI")


def with_header(schema_id: int, data: bytes) -> bytes:
    """A message with its header."""
    return _HEAD.pack(0, schema_id) + data


def taken_apart(message: bytes) -> tuple[int, bytes]:
    """The schema's id, and what follows the header.  Raises Malformed."""
    if len(message) < _HEAD.size:
        raise Malformed(f"{len(message)} bytes are too few for the header of a schema registry")
    magic, schema_id = _HEAD.unpack_from(message)
    if magic != 0:
        raise Malformed(f"the first byte is {magic}, and not the 0 of a schema registry")
    return schema_id, message[_HEAD.size :]


def headed(header: str, messages: pa.Array) -> pa.Array:
    """Messages behind a header in hexadecimal digits; null for null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not header:
        return messages
    return pc.binary_join_element_wise(pa.scalar(bytes.fromhex(header)), messages, pa.scalar(b""))


def message_indexes(data: bytes) -> tuple[tuple[int, ...], bytes]:
    r"""Which message of a Protobuf file follows: places from the top inwards.  Raises Malformed.

    >>> message_indexes(bytes([0, 8, 1])), message_indexes(bytes([4, 2, 0, 8]))
    (((0,), b'\x08\x01'), ((1, 0), b'\x08'))
    """
    count, at = _number(data, 0)
    if count == 0:
        # The first message of a file, which most files have alone, is one byte.
        return (0,), data[at:]
    found = []
    for _ in range(count):
        index, at = _number(data, at)
        found.append(index)
    return tuple(found), data[at:]


def written_indexes(indexes: Sequence[int]) -> bytes:
    r"""The places of a message as they are written.

    >>> written_indexes([0]), written_indexes([1, 0])
    (b'\x00', b'\x04\x02\x00')
    """
    if list(indexes) == [0]:
        return b"\0"
    return b"".join(_written(number) for number in (len(indexes), *indexes))


def _number(data: bytes, at: int) -> tuple[int, int]:
    found, shift = 0, 0
    while at < len(data) and shift < 35:
        byte = data[at]
        found |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            number = (found >> 1) ^ -(found & 1)
            if number < 0:
                break
            return number, at
    raise Malformed("the places of a message behind the header are no numbers")


def _written(number: int) -> bytes:
    rest, written = number << 1, b""
    while rest > 127:
        written += bytes([rest & 127 | 128])
        rest >>= 7
    return written + bytes([rest])
