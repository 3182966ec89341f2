"""Storage that only the rightful driver changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamcore.checkpoint.lease import Lease
    from streamcore.storage import Storage


class FencedStorage:
    """A folder of the checkpoint for somebody else's files: every change asks the lease first.

    Changing verbs raise CheckpointFenced when another driver has taken over.
    """

    def __init__(self, inner: Storage, lease: Lease) -> None:
        self._inner = inner
        self._lease = lease

    @property
    def location(self) -> str:
        """See `Storage.location`."""
        return self._inner.location

    def get(self, path: str) -> bytes:
        """See `Storage.get`."""
        return self._inner.get(path)

    def list(self, folder: str) -> list[str]:
        """See `Storage.list`."""
        return self._inner.list(folder)

    def put_if_absent(self, path: str, data: bytes) -> bool:
        """See `Storage.put_if_absent`."""
        self._lease.check()
        return self._inner.put_if_absent(path, data)

    def replace(self, path: str, data: bytes) -> None:
        """See `Storage.replace`."""
        self._lease.check()
        self._inner.replace(path, data)

    def delete(self, path: str) -> None:
        """See `Storage.delete`."""
        self._lease.check()
        self._inner.delete(path)
