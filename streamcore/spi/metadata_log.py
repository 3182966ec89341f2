"""An optional addition to the connector contract: a durable place of a source's own in the checkpoint.

A source whose offsets cannot carry all that a replay needs (which files belong to which micro-batch)
writes that here, before it returns an offset that depends on it.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable


class MetadataStorage(Protocol):
    """What a source may ask of its place; a `streamcore.storage` Storage has it.  Paths are relative."""

    @property
    def location(self) -> str:
        """The folder, for messages."""

    def get(self, path: str) -> bytes:
        """The whole file; FileNotFoundError when there is none."""

    def put_if_absent(self, path: str, data: bytes) -> bool:
        """Writes a new file durably and as a whole; False, with nothing changed, when the path exists."""

    def list(self, folder: str) -> list[str]:
        """The names of the files directly in `folder`, sorted; [] when it does not exist."""

    def delete(self, path: str) -> None:
        """Removes a file; nothing happens when there is none."""


@runtime_checkable
class SupportsMetadataLog(Protocol):
    """A stream reader that keeps a log of its own.

    The engine calls `set_metadata` once, before any other method, with a folder of the checkpoint that
    belongs to this source alone and outlives restarts.  Without the call (a reader used by hand) the
    reader keeps its log in memory and cannot be replayed by another process.
    """

    def set_metadata(self, storage: MetadataStorage) -> None:
        """Takes the folder, and loads what an earlier run left there."""
