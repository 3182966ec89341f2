"""Reading and writing the state files of a checkpoint."""

from __future__ import annotations

import itertools
import zlib
from typing import TYPE_CHECKING

from streamcore.checkpoint.names import named
from streamcore.checkpoint.state_files import DEFAULT_STORE, Kind, StateFile
from streamcore.errors import CheckpointCorrupted, CheckpointFenced

if TYPE_CHECKING:
    from streamcore.storage import Storage


class StateAccess:
    """State files under names that no other attempt uses; safe for use from several threads."""

    def __init__(self, storage: Storage, epoch: int) -> None:
        self._storage = storage
        self._epoch = epoch
        self._serial = itertools.count(1)

    def write(
        self,
        operator: str,
        partition: int,
        kind: Kind,
        version: int,
        data: bytes,
        rows: int,
        since: int | None = None,
        store: str = DEFAULT_STORE,
    ) -> StateFile:
        """Writes `data` (Arrow IPC) durably; it counts only once a commit names the returned file.

        `since` is the first version that a merged delta covers; `version` when not given.
        """
        file = StateFile(
            operator=operator,
            partition=partition,
            since=version if since is None else since,
            version=version,
            attempt=f"{self._epoch}.{next(self._serial)}",
            kind=kind,
            rows=rows,
            size=len(data),
            crc32=zlib.crc32(data),
            store=store,
        )
        if not self._storage.put_if_absent(file.path, data):
            raise CheckpointFenced(
                f"{named(self._storage, file.path)} exists already: another driver writes to this checkpoint "
                "under the same epoch"
            )
        return file

    def read(self, file: StateFile) -> bytes:
        """The bytes of a file that a commit names; CheckpointCorrupted when they are not those."""
        return read_state(self._storage, file)


def read_state(storage: Storage, file: StateFile) -> bytes:
    """The bytes of a state file, checked against the commit that names it."""
    shown = named(storage, file.path)
    try:
        data = storage.get(file.path)
    except FileNotFoundError:
        raise CheckpointCorrupted(f"{shown} is missing, but a committed batch needs it. {_WAY_OUT}") from None
    if len(data) != file.size:
        raise CheckpointCorrupted(
            f"{shown} is damaged: it has {len(data)} bytes instead of {file.size}. {_WAY_OUT}"
        )
    if zlib.crc32(data) != file.crc32:
        raise CheckpointCorrupted(f"{shown} is damaged: its checksum is not the committed one. {_WAY_OUT}")
    return data


_WAY_OUT = (
    "Restore this file from a backup, or go back to a batch before its version with "
    "`streamcore rewind CHECKPOINT --to BATCH`"
)
