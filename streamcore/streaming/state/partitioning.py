"""Which state partition a key belongs to: the same for ever, on every machine and Python version."""

from __future__ import annotations

import zlib
from collections.abc import Hashable, Sequence

import pyarrow as pa


def partition_of(key: Hashable, partitions: int) -> int:
    """The partition of a state key, by the CRC-32 of its text form."""
    return zlib.crc32(repr(key).encode()) % partitions


def split_by_key(rows: pa.Table, keys: Sequence[Hashable], partitions: int) -> list[pa.Table]:
    """The rows of each partition, in their order."""
    if partitions == 1:
        return [rows]
    places: list[list[int]] = [[] for _ in range(partitions)]
    for place, key in enumerate(keys):
        places[partition_of(key, partitions)].append(place)
    return [rows.take(pa.array(wanted, pa.int64())) for wanted in places]
