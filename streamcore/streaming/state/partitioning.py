"""Which state partition a key belongs to: the same for ever, on every machine and Python version."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any

from streamcore.streaming.state.arrays import integers

if TYPE_CHECKING:
    import pyarrow as pa


def partition_of(key: Hashable, partitions: int) -> int:
    """The partition of a state key, by the CRC-32 of a text form of its own.

    Python's `repr` would not do: it tells -0.0 from 0.0, and escapes text by its own Unicode tables.
    """
    return zlib.crc32(_text(key).encode()) % partitions


def _text(key: Any) -> str:
    return _TEXTS.get(type(key), repr)(key)


_TEXTS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: str,
    float: lambda value: repr(value + 0.0),
    str: lambda value: f"{len(value)}:{value}",
    bytes: bytes.hex,
    tuple: lambda value: f"({','.join(map(_text, value))})",
}


def split_by_key(rows: pa.Table, keys: Sequence[Hashable], partitions: int) -> list[pa.Table]:
    """The rows of each partition, in their order."""
    if partitions == 1:
        return [rows]
    places: list[list[int]] = [[] for _ in range(partitions)]
    for place, key in enumerate(keys):
        places[partition_of(key, partitions)].append(place)
    return [rows.take(integers(wanted)) for wanted in places]
