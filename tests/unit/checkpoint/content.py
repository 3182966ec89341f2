"""State files of bytes: what the checkpoint asks of a file's content, without Arrow."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from streamcore.checkpoint.run_index import AT_ONCE, END_OF_STREAM, BlockEntry, RunIndex, index_of
from streamcore.checkpoint.state_access import check_state
from streamcore.checkpoint.state_files import DEFAULT_STORE, StateFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamcore.checkpoint import Checkpoint


class BytesContent:
    """One block of bytes."""

    def __init__(self, data: bytes, rows: int) -> None:
        block = BlockEntry(0, len(data), rows, 0, 0, AT_ONCE, AT_ONCE, zlib.crc32(data))
        index = RunIndex(0, 0, (block,), AT_ONCE, rows).to_bytes()
        self._pieces = [data, END_OF_STREAM, index]
        self.rows, self.size = rows, sum(map(len, self._pieces))
        self.index_size, self.index_crc32 = len(index), zlib.crc32(index)

    def pieces(self) -> Iterator[bytes]:
        yield from self._pieces


def write_bytes(
    checkpoint: Checkpoint,
    operator: str,
    version: int,
    data: bytes,
    rows: int = 1,
    since: int | None = None,
    store: str = DEFAULT_STORE,
) -> StateFile:
    first = version if since is None else since
    return checkpoint.state.partition(operator, 0, store).write(first, version, BytesContent(data, rows))


def read_bytes(checkpoint: Checkpoint, file: StateFile) -> bytes:
    check_state(checkpoint.storage, file)
    data = checkpoint.state.map(file)
    (block,) = index_of(data, file).blocks
    return bytes(data[block.start : block.start + block.size])
