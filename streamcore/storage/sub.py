"""A folder of a storage as a storage of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.storage.paths import parts_of

if TYPE_CHECKING:
    from streamcore.storage.contract import Storage


class SubStorage:
    """What is under `folder` of `storage`, under paths relative to it.

    >>> from streamcore.storage.memory import MemoryStorage
    >>> whole = MemoryStorage()
    >>> SubStorage(whole, "sources/clicks").put_if_absent("0", b"{}")
    True
    >>> whole.get("sources/clicks/0")
    b'{}'
    """

    def __init__(self, storage: Storage, folder: str) -> None:
        self._storage = storage
        self._prefix = "/".join(parts_of(folder)) + "/"

    @property
    def location(self) -> str:
        """The folder, for messages."""
        return f"{self._storage.location}/{self._prefix.rstrip('/')}"

    def __repr__(self) -> str:
        return f"SubStorage({self.location!r})"

    def get(self, path: str) -> bytes:
        """See `Storage.get`."""
        return self._storage.get(self._prefix + path)

    def put_if_absent(self, path: str, data: bytes) -> bool:
        """See `Storage.put_if_absent`."""
        return self._storage.put_if_absent(self._prefix + path, data)

    def replace(self, path: str, data: bytes) -> None:
        """See `Storage.replace`."""
        self._storage.replace(self._prefix + path, data)

    def list(self, folder: str) -> list[str]:
        """See `Storage.list`."""
        return self._storage.list((self._prefix + folder).rstrip("/"))

    def delete(self, path: str) -> None:
        """See `Storage.delete`."""
        self._storage.delete(self._prefix + path)
