"""Reading and writing the state files of a checkpoint."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from streamcore.checkpoint.names import named
from streamcore.checkpoint.run_index import check_blocks, index_of
from streamcore.checkpoint.state_files import DEFAULT_STORE, StateFile
from streamcore.errors import CheckpointCorrupted, CheckpointFenced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamcore.storage import LargeFileStorage


_SERIAL_BITS = 62


class FileContent(Protocol):
    """The bytes of a state file; what is known of them stands when all pieces have been asked for."""

    rows: int
    size: int
    index_size: int
    index_crc32: int

    def pieces(self) -> Iterator[bytes | memoryview]:
        """To be asked for once."""


class StateAccess:
    """State files under names that no other attempt uses; safe for use from several threads."""

    def __init__(self, storage: LargeFileStorage, epoch: int) -> None:
        self._storage = storage
        self._epoch = epoch
        self._serial = itertools.count(1)

    def __getstate__(self) -> dict[str, Any]:
        return {"_storage": self._storage, "_epoch": self._epoch}

    def __setstate__(self, state: dict[str, Any]) -> None:
        # A copy in another process numbers its files from somewhere else: two of one name would be refused.
        self.__dict__.update(state, _serial=itertools.count(secrets.randbits(_SERIAL_BITS)))

    def partition(self, operator: str, partition: int, store: str = DEFAULT_STORE) -> PartitionFiles:
        """The files of one partition of a store."""
        return PartitionFiles(self, operator, partition, store)

    def write(
        self, operator: str, store: str, partition: int, since: int, version: int, content: FileContent
    ) -> StateFile:
        """Writes a file durably; it counts only once a commit names it.

        `since` and `version` are the first and the last batch that it covers.
        """
        attempt = f"{self._epoch}.{next(self._serial)}"
        unwritten = StateFile(operator, partition, since, version, attempt, 0, 0, 0, 0, store)
        if not self._storage.put_pieces_if_absent(unwritten.path, content.pieces()):
            raise CheckpointFenced(
                f"{named(self._storage, unwritten.path)} exists already: another driver writes to this "
                "checkpoint under the same epoch"
            )
        return replace(
            unwritten,
            rows=content.rows,
            size=content.size,
            index_size=content.index_size,
            crc32=content.index_crc32,
        )

    def map(self, file: StateFile) -> memoryview:
        """The bytes of a file that a commit names; CheckpointCorrupted when it is gone."""
        return mapped(self._storage, file)

    def remove(self, file: StateFile) -> None:
        """Removes a file that no commit names."""
        self._storage.delete(file.path)


class PartitionFiles:
    """The files of one partition of a store; see `streamcore.execution.stores.run_file.RunFiles`."""

    def __init__(self, files: StateAccess, operator: str, partition: int, store: str) -> None:
        self._files = files
        self._place = (operator, store, partition)

    def write(self, since: int, version: int, content: FileContent) -> StateFile:
        """See `StateAccess.write`."""
        return self._files.write(*self._place, since, version, content)

    def map(self, file: StateFile) -> memoryview:
        """See `StateAccess.map`."""
        return self._files.map(file)

    def remove(self, file: StateFile) -> None:
        """See `StateAccess.remove`."""
        self._files.remove(file)


def check_state(storage: LargeFileStorage, file: StateFile) -> None:
    """Raises CheckpointCorrupted unless a state file is, byte for byte, the one that was committed."""
    data = mapped(storage, file)
    try:
        check_blocks(data, index_of(data, file))
    except ValueError as error:
        shown = named(storage, file.path)
        raise CheckpointCorrupted(f"{shown} is damaged: {error}. {WAY_OUT}") from error


def mapped(storage: LargeFileStorage, file: StateFile) -> memoryview:
    """The bytes of a file that a commit names; CheckpointCorrupted when it is gone."""
    try:
        return storage.map(file.path)
    except FileNotFoundError:
        shown = named(storage, file.path)
        raise CheckpointCorrupted(f"{shown} is missing, but a committed batch needs it. {WAY_OUT}") from None


WAY_OUT = (
    "Restore this file from a backup, or go back to a batch before its version with "
    "`streamcore rewind CHECKPOINT --to BATCH`"
)
