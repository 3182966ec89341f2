"""The index at the end of a state file: where its blocks are, what they span, and their checksums."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamcore.checkpoint.metadata import STATE_HASH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamcore.checkpoint.state_files import StateFile

END_OF_STREAM = b"\xff\xff\xff\xff\x00\x00\x00\x00"
"""The last bytes of an Arrow IPC stream."""

NEVER = (1 << 63) - 1
"""The expiry of a row that stays for ever."""

AT_ONCE = -(1 << 63)
"""A time before all times."""

_LAST_HASH = (1 << 64) - 1


@dataclass(frozen=True)
class BlockEntry:
    """One block: its place in the file, its hashes and expiries from the first to the last, its checksum.

    `earliest` and `latest` span the expiries of what is no removal; a row without expiry counts as NEVER.
    """

    start: int
    size: int
    rows: int
    first: int
    last: int
    earliest: int
    latest: int
    crc32: int

    def numbers(self) -> list[int]:
        """Its fields, in order."""
        span = [self.first, self.last, self.earliest, self.latest]
        return [self.start, self.size, self.rows, *span, self.crc32]


@dataclass(frozen=True)
class RunIndex:
    """What a run says of itself.

    `schema_size` bytes of the file, with the checksum `schema_crc32`, are its schema.  `floor_us` and
    `living` are the watermark and the number of living rows of the whole store after the newest batch
    that the run holds.
    """

    schema_size: int
    schema_crc32: int
    blocks: tuple[BlockEntry, ...]
    floor_us: int
    living: int

    @property
    def rows(self) -> int:
        """Rows and removals."""
        return sum(block.rows for block in self.blocks)

    @property
    def latest(self) -> int:
        """When the last row expires; AT_ONCE when all stand for removals."""
        return max((block.latest for block in self.blocks), default=AT_ONCE)

    def to_bytes(self) -> bytes:
        """As JSON."""
        body = {
            "blocks": [block.numbers() for block in self.blocks],
            "floor": self.floor_us,
            "hash": STATE_HASH,
            "living": self.living,
            "schema": [self.schema_size, self.schema_crc32],
        }
        return json.dumps(body, separators=(",", ":")).encode()

    @classmethod
    def parse(cls, data: bytes, file_size: int) -> RunIndex:
        """The inverse of `to_bytes`; ValueError when it is no index of a file of `file_size` bytes."""
        try:
            body = json.loads(data)
            if body["hash"] != STATE_HASH:
                raise ValueError(f"its keys are found by the hash {body['hash']!r}, not {STATE_HASH!r}")
            blocks = tuple(BlockEntry(*_integers(entry, 8)) for entry in body["blocks"])
            size, crc32 = _integers(body["schema"], 2)
            floor, living = _integers([body["floor"], body["living"]], 2)
        except (KeyError, TypeError, RecursionError) as error:
            raise ValueError("its index is not one") from error
        found = cls(size, crc32, blocks, floor, living)
        found.check(file_size - len(data))
        return found

    def check(self, size: int) -> None:
        """Raises ValueError unless the blocks lie one after another behind the schema in `size` bytes."""
        end, last = self.schema_size, 0
        for block in self.blocks:
            is_in_order = block.start == end and block.size > 0 and block.rows > 0
            is_sorted = last <= block.first <= block.last <= _LAST_HASH
            if not (is_in_order and is_sorted and min(block.earliest, block.latest) >= AT_ONCE):
                raise ValueError("its index does not fit its blocks")
            if max(block.earliest, block.latest) > NEVER:
                raise ValueError("its index holds a time that is none")
            end, last = block.start + block.size, block.last
        if (
            self.schema_size < 0
            or end + len(END_OF_STREAM) != size
            or not AT_ONCE <= self.floor_us <= NEVER
            or self.living < 0
        ):
            raise ValueError("its index does not fit its size")


def index_of(data: memoryview, file: StateFile) -> RunIndex:
    """The index of a file that a commit names; ValueError when it is not the one that was committed."""
    if len(data) != file.size:
        raise ValueError(f"it has {len(data)} bytes instead of {file.size}")
    index = bytes(data[max(0, file.size - file.index_size) :])
    if zlib.crc32(index) != file.crc32:
        raise ValueError("the checksum of its index is not the committed one")
    return RunIndex.parse(index, file.size)


def check_blocks(data: memoryview, index: RunIndex) -> None:
    """Raises ValueError unless the schema and all blocks are, byte for byte, those that were written."""
    pieces = [(0, index.schema_size, index.schema_crc32)]
    pieces += [(block.start, block.size, block.crc32) for block in index.blocks]
    for start, size, crc32 in pieces:
        if zlib.crc32(data[start : start + size]) != crc32:
            raise ValueError(f"the checksum of {size} bytes from {start} on is not the one in its index")


def _integers(values: Sequence[Any], count: int) -> list[int]:
    if len(values) != count or not all(type(value) is int for value in values):
        raise TypeError(values)
    return list(values)
