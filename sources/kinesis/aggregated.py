"""Records that the Kinesis Producer Library has packed into one: taken apart again.

The form is AWS's: four magic bytes, a message of Protocol Buffers, and the MD5 of the message.  The message
has a table of partition keys (field 1), one of explicit hash keys (2), and the records (3), each with the
places of its keys in the tables (1, 2) and its data (3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from streamcore.sources.kinesis.stream import Record

_MAGIC: Final = b"\xf3\x89\x9a\xc2"
_DIGEST: Final = 16
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def apart(record: Record, hash_keys: tuple[int, int]) -> list[Record]:
    """The records within a record: itself when it is not packed.

    Those whose hash key is not the shard's are left out: the library has sent them again to the right one,
    as it does when a shard was split meanwhile.

    >>> plain = Record("495", 0, "key", b"text")
    >>> apart(plain, (0, 2**128 - 1)) == [plain]
    True
    """
    message = _message(record.data)
    if message is None:
        return [record]
    try:
        return [found for found, hash_key in _records(record, message) if _is_within(hash_key, hash_keys)]
    except (ValueError, IndexError):
        return [record]  # what only looks like one


def _message(data: bytes) -> bytes | None:
    if not data.startswith(_MAGIC) or len(data) < len(_MAGIC) + _DIGEST:
        return None
    message, digest = data[len(_MAGIC) : -_DIGEST], data[-_DIGEST:]
    return message if hashlib.md5(message, usedforsecurity=False).digest() == digest else None


def _is_within(hash_key: int, hash_keys: tuple[int, int]) -> bool:
    return hash_keys[0] <= hash_key <= hash_keys[1]


def _records(outer: Record, message: bytes) -> Iterator[tuple[Record, int]]:
    """Each record with its hash key."""
    keys: list[str] = []
    hash_keys: list[int] = []
    packed: list[bytes] = []
    for number, value in _fields(message):
        if isinstance(value, bytes):
            if number == 1:
                keys.append(value.decode())
            elif number == 2:
                hash_keys.append(int(value.decode()))
            elif number == 3:
                packed.append(value)
    for one in packed:
        fields = dict(_fields(one))
        place, data, explicit = fields.get(1, 0), fields.get(3, b""), fields.get(2)
        if not isinstance(place, int) or not isinstance(data, bytes):
            raise ValueError("it is no record")  # noqa: TRY004 - every defect is one kind of error
        key = keys[place]
        hash_key = hash_keys[explicit] if isinstance(explicit, int) else _hash_key(key)
        yield outer._replace(key=key, data=data), hash_key


def _hash_key(key: str) -> int:
    """The hash key of a partition key, as Kinesis makes it."""
    return int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest())


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message of Protocol Buffers: numbers, and bytes."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield tag >> 3, value
        elif kind == _BYTES:
            size, at = _varint(message, at)
            if at + size > len(message):
                raise ValueError("it ends within a field")
            yield tag >> 3, message[at : at + size]
            at += size
        elif kind in (_FIXED32, _FIXED64):
            at += 4 if kind == _FIXED32 else 8
        else:
            raise ValueError(f"a field of the kind {kind}")


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
