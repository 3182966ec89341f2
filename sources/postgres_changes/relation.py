"""The announcement of a table in the pgoutput protocol."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_KEY_FLAG = 1


@dataclass(frozen=True)
class Relation:
    """A table as the changes that follow have it: its columns in the order of their tuples.

    `keys` are the columns that identify a row (its replica identity); `whole_rows` says that all of them do.
    """

    number: int
    schema: str
    name: str
    whole_rows: bool
    columns: tuple[str, ...]
    keys: tuple[str, ...]


def parse_relation(message: bytes) -> Relation:
    """The table that a Relation message announces."""
    number = struct.unpack_from(">I", message, 1)[0]
    schema, at = _text(message, 5)
    name, at = _text(message, at)
    identity, count = struct.unpack_from(">cH", message, at)
    at += 3
    columns, keys = [], []
    for _ in range(count):
        flags = message[at]
        column, at = _text(message, at + 1)
        at += 8  # the type and its modifier
        columns.append(column)
        if flags & _KEY_FLAG:
            keys.append(column)
    return Relation(number, schema or "pg_catalog", name, identity == b"f", tuple(columns), tuple(keys))


def truncated(message: bytes) -> tuple[int, ...]:
    """The numbers of the tables that a Truncate message empties."""
    count = struct.unpack_from(">I", message, 1)[0]
    numbers: tuple[int, ...] = struct.unpack_from(f">{count}I", message, 6)
    return numbers


def _text(message: bytes, at: int) -> tuple[str, int]:
    end = message.index(0, at)
    return message[at:end].decode(), end + 1
