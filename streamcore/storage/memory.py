"""Storage in the memory of this process: the twin of a disk, for tests."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import NoReturn

from streamcore.storage.paths import parts_of


class MemoryStorage:
    """A folder in memory; safe for use from several threads.

    >>> storage = MemoryStorage("memory://example")
    >>> storage.put_if_absent("offsets/0", b"first"), storage.put_if_absent("offsets/0", b"second")
    (True, False)
    >>> storage.get("offsets/0")
    b'first'
    """

    def __init__(self, location: str = "memory://") -> None:
        self._location = location
        self._guard = threading.Lock()
        self._files: dict[tuple[str, ...], bytes] = {}
        self._locks: dict[tuple[str, ...], MemoryLock] = {}

    @property
    def location(self) -> str:
        """The name it was opened with."""
        return self._location

    def __repr__(self) -> str:
        return f"MemoryStorage({self._location!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{self._location!r} is in the memory of one process; choose a folder on a disk")

    def get(self, path: str) -> bytes:
        """See `Storage.get`."""
        with self._guard:
            try:
                return self._files[parts_of(path)]
            except KeyError:
                raise FileNotFoundError(f"{path} under {self._location}") from None

    def map(self, path: str) -> memoryview:
        """See `LargeFileStorage.map`."""
        return memoryview(self.get(path))

    def put_pieces_if_absent(self, path: str, pieces: Iterable[bytes | memoryview]) -> bool:
        """See `LargeFileStorage.put_pieces_if_absent`."""
        return self.put_if_absent(path, b"".join(pieces))

    def put_if_absent(self, path: str, data: bytes) -> bool:
        """See `Storage.put_if_absent`."""
        parts = parts_of(path)
        with self._guard:
            if parts in self._files:
                return False
            self._files[parts] = bytes(data)
            return True

    def replace(self, path: str, data: bytes) -> None:
        """See `Storage.replace`."""
        parts = parts_of(path)
        with self._guard:
            self._files[parts] = bytes(data)

    def list(self, folder: str) -> list[str]:
        """See `Storage.list`."""
        inside = parts_of(folder) if folder else ()
        with self._guard:
            return sorted(parts[-1] for parts in self._files if parts[:-1] == inside)

    def delete(self, path: str) -> None:
        """See `Storage.delete`."""
        with self._guard:
            self._files.pop(parts_of(path), None)

    def try_lock(self, path: str) -> MemoryLock | None:
        """See `LockableStorage.try_lock`."""
        parts = parts_of(path)
        with self._guard:
            holder = self._locks.get(parts)
            if holder is not None and holder.held:
                return None
            lock = self._locks[parts] = MemoryLock()
            return lock


class MemoryLock:
    """A lock on a path of a `MemoryStorage`; whoever plays the crashed process releases it."""

    def __init__(self) -> None:
        self._held = True

    @property
    def held(self) -> bool:
        """Whether it has not been released."""
        return self._held

    def release(self) -> None:
        """Gives the lock up."""
        self._held = False


_named: dict[str, MemoryStorage] = {}
_named_guard = threading.Lock()


def named_memory(name: str) -> MemoryStorage:
    """The one storage of this process that has this name."""
    with _named_guard:
        return _named.setdefault(name, MemoryStorage(f"memory://{name}"))
