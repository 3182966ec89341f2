"""Run files: an Arrow IPC stream of blocks sorted by hash, and an index behind it.

The commit that names a file gives its size, that of its index, and the index's checksum; the index gives
the checksum of each block.  So opening a file reads its index alone, and a block is checked, whole, before
its first row is looked at.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa

from streamcore.checkpoint.run_index import END_OF_STREAM, BlockEntry, RunIndex, index_of
from streamcore.checkpoint.state_access import WAY_OUT
from streamcore.errors import CheckpointCorrupted, CheckpointMismatch
from streamcore.execution.stores.blocks import Block
from streamcore.execution.stores.layout import DUE, HASH, REMOVED

if TYPE_CHECKING:
    from streamcore.checkpoint.state_files import StateFile
    from streamcore.execution.stores.layout import StoreLayout

_UNREADABLE = (pa.ArrowException, ValueError, TypeError, EOFError, MemoryError, OSError)
"""What Arrow raises for bytes that are not what they should be."""


class RunFiles(Protocol):
    """The folder of one partition of a store; safe for use from several threads."""

    def write(self, since: int, version: int, content: RunContent) -> StateFile:
        """Writes a file durably under a name that no one else uses; it counts only once a commit names it."""

    def map(self, file: StateFile) -> memoryview:
        """The bytes of a file that a commit names; CheckpointCorrupted when it is gone."""

    def remove(self, file: StateFile) -> None:
        """Removes a file that no commit names."""


class RunContent:
    """The bytes of a run, piece by piece; what is known of them stands when all have been asked for.

    `living` are the rows of the whole partition; None when they are those of the run.
    """

    def __init__(
        self, layout: StoreLayout, blocks: Iterable[Block], floor_us: int, living: int | None = None
    ) -> None:
        self._layout = layout
        self._blocks = blocks
        self._floor_us = floor_us
        self._living = living
        self.rows = self.size = self.index_size = self.index_crc32 = 0

    def pieces(self) -> Iterator[bytes | memoryview]:
        """To be asked for once."""
        schema = self._layout.schema_message
        yield schema
        self.size = len(schema)
        entries: list[BlockEntry] = []
        for block in self._blocks:
            data = memoryview(block.batch.serialize())
            yield data
            entries.append(block.entry(self.size, len(data), zlib.crc32(data)))
            self.rows += len(block)
            self.size += len(data)
        living = self.rows if self._living is None else self._living
        found = RunIndex(len(schema), zlib.crc32(schema), tuple(entries), self._floor_us, living)
        index = found.to_bytes()
        yield END_OF_STREAM
        yield index
        self.size += len(END_OF_STREAM) + len(index)
        self.index_size, self.index_crc32 = len(index), zlib.crc32(index)


class RunData:
    """The bytes of a run file, read block by block."""

    def __init__(self, file: StateFile, data: memoryview, layout: StoreLayout, *, is_known: bool) -> None:
        """`is_known` when this process wrote the bytes: they are not checked again.

        Raises CheckpointCorrupted for a damaged index or schema, and CheckpointMismatch for rows that do
        not have the layout.
        """
        self.file = file
        self._data = data
        self._layout = layout
        self._is_known = is_known
        self.index = self._read_index()
        self._check_schema()

    @property
    def memory_bytes(self) -> int:
        """The size of the file where it is not mapped from a disk."""
        return len(self._data) if isinstance(self._data.obj, bytes) else 0

    def block(self, number: int) -> Block:
        """Raises CheckpointCorrupted when its bytes are not those that were written, or make no sense."""
        entry = self.index.blocks[number]
        data = self._data[entry.start : entry.start + entry.size]
        if not self._is_known and zlib.crc32(data) != entry.crc32:
            raise self._damaged("the checksum of a block is not the one in its index")
        try:
            batch = pa.ipc.read_record_batch(pa.py_buffer(data), self._layout.file_schema)
            if self._is_known:
                return Block(batch, self._layout)
            batch.validate(full=True)
            block = Block(batch, self._layout)
            _check(block, entry)
        except _UNREADABLE as error:
            raise self._damaged(f"a block is not what its index says ({error})") from error
        return block

    def _read_index(self) -> RunIndex:
        try:
            return index_of(self._data, self.file)
        except ValueError as error:
            raise self._damaged(str(error)) from error

    def _check_schema(self) -> None:
        data = self._data[: self.index.schema_size]
        if zlib.crc32(data) != self.index.schema_crc32:
            raise self._damaged("the checksum of its schema is not the one in its index")
        if data == self._layout.schema_message:
            return
        try:
            found = pa.ipc.read_schema(pa.py_buffer(data))
            columns = _columns(found)
        except _UNREADABLE as error:
            raise self._damaged(f"its schema cannot be read ({error})") from error
        if not found.equals(self._layout.file_schema):
            raise CheckpointMismatch(
                f"the state of {self.file.operator} has the columns {columns}, but the query now "
                f"needs {_columns(self._layout.file_schema)}: what it keeps has changed. Start "
                "the changed query with a new checkpoint, or restore the query as it was"
            )

    def _damaged(self, what: str) -> CheckpointCorrupted:
        return CheckpointCorrupted(f"{self.file.path} is damaged: {what}. {WAY_OUT}")


def stored_columns(file: StateFile, data: memoryview) -> pa.Schema:
    """The columns of the rows of a run, as its file says; `_check_schema` of `RunData` still has to pass.

    Raises CheckpointCorrupted when they cannot be read.
    """
    try:
        size = index_of(data, file).schema_size
        found = pa.ipc.read_schema(pa.py_buffer(data[:size]))
    except _UNREADABLE as error:
        raise CheckpointCorrupted(f"{file.path} is damaged: its schema cannot be read. {WAY_OUT}") from error
    return pa.schema([field for field in found if field.name not in (HASH, REMOVED, DUE)])


def _columns(schema: pa.Schema) -> str:
    return ", ".join(f"{f.name} {f.type}" for f in schema if not f.name.startswith("__"))


def _check(block: Block, entry: BlockEntry) -> None:
    """Raises ValueError unless the block is sorted and spans what its entry says."""
    marks = [
        column
        for field, column in zip(block.batch.schema, block.batch.columns, strict=True)
        if not field.nullable
    ]
    if any(column.null_count for column in marks):
        raise ValueError("a hash, a mark of removal or a place is missing")
    if len(block) != entry.rows or block.entry(entry.start, entry.size, entry.crc32) != entry:
        raise ValueError("other rows")
    if (block.hashes[1:] < block.hashes[:-1]).any():
        raise ValueError("not sorted by hash")
    if block.expiry is None:
        return
    if (block.due >= len(block)).any():
        raise ValueError("no order of expiry")
    in_order = block.expiry[block.due]
    if (in_order[1:] < in_order[:-1]).any() or len(np.unique(block.due)) != len(block):
        raise ValueError("not in order of expiry")
