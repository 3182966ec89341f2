"""Storage in five verbs, all that the checkpoint and the file sink's manifest ask; two more for state.

The guarantee asked for: when a verb that puts a file returns, the bytes survive a crash of the machine
(fsync of the file and its folder where the place is a disk), and readers see a whole file or none.
`put_if_absent` is atomic: of any number of callers for one path exactly one gets True.  A place that
cannot promise this is refused when it is opened.

A verb that cannot be done raises StorageError with the file's name (StorageFull when no space is left)
and leaves nothing half-visible; the same call may be made again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, runtime_checkable


class Storage(Protocol):
    """A folder of small immutable files; paths are relative, with forward slashes."""

    @property
    def location(self) -> str:
        """The folder as the user named it, for messages."""

    def get(self, path: str) -> bytes:
        """The whole file; FileNotFoundError when there is none."""

    def put_if_absent(self, path: str, data: bytes) -> bool:
        """Writes a new file durably; False, with nothing changed, when the path exists."""

    def replace(self, path: str, data: bytes) -> None:
        """Writes a file durably, in the place of an older one if there is one."""

    def list(self, folder: str) -> list[str]:
        """The names of the files (not folders) directly in `folder`, sorted; [] when it does not exist."""

    def delete(self, path: str) -> None:
        """Removes a file; nothing happens when there is none.

        A crash of the machine may bring the file back, until something else is put into its folder.
        """


class LargeFileStorage(Storage, Protocol):
    """A storage whose files may be larger than memory: written in pieces, and read where they lie."""

    def put_pieces_if_absent(self, path: str, pieces: Iterable[bytes | memoryview]) -> bool:
        """As `put_if_absent`, of the bytes of all pieces; they are asked for one by one, at most once."""

    def map(self, path: str) -> memoryview:
        """The file's bytes, which on a disk take no memory until they are read; raises as `get` does.

        They stay readable when the file is removed, as long as the view lives.
        """


class Lock(Protocol):
    """Something held until it is released, or until its process has died in whatever way."""

    @property
    def held(self) -> bool:
        """Whether the process that took it still has it; False in a forked copy of that process."""

    def release(self) -> None:
        """Gives it up; nothing happens the second time."""


@runtime_checkable
class LockableStorage(Protocol):
    """A storage that can also tell whether a process that claimed it is still alive."""

    def try_lock(self, path: str) -> Lock | None:
        """The lock named `path`, or None while it is held by this or any other living process."""
