"""Storage that fails, or whose driver dies, at a chosen verb."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from streamcore.storage import Lock
    from streamcore.storage.local import LocalStorage
    from streamcore.storage.memory import MemoryStorage

_T = TypeVar("_T")


class SimulatedCrash(BaseException):
    """The driver has died here; nothing in it may catch this."""


class FaultyStorage:
    """One driver's view of `inner`; several drivers share `inner` through views of their own.

    Verbs are counted from 1.  At the chosen one the view either raises an error once (`fail_at`) or dies
    for good (`crash_at`): every later verb raises SimulatedCrash, and its locks are free.  `applied` says
    whether the verb took effect first, which a driver cannot know.

    >>> from streamcore.storage.memory import MemoryStorage
    >>> inner = MemoryStorage()
    >>> view = FaultyStorage(inner)
    >>> view.fail_at(1, OSError("unplugged"))
    >>> view.put_if_absent("offsets/0", b"")
    Traceback (most recent call last):
    ...
    OSError: unplugged
    >>> view.put_if_absent("offsets/0", b""), view.verbs
    (True, [('put_if_absent', 'offsets/0'), ('put_if_absent', 'offsets/0')])
    """

    def __init__(self, inner: MemoryStorage | LocalStorage) -> None:
        self._inner = inner
        self._fault: tuple[int, BaseException, bool] | None = None
        self._dead = False
        self._locks: list[Lock] = []
        self.verbs: list[tuple[str, str]] = []

    @property
    def location(self) -> str:
        """That of the storage behind."""
        return self._inner.location

    def fail_at(self, verb: int, error: Exception, applied: bool = False) -> None:
        """Raises `error` at the verb with this number."""
        self._fault = (verb, error, applied)

    def crash_at(self, verb: int, applied: bool = False) -> None:
        """Dies at the verb with this number."""
        self._fault = (verb, SimulatedCrash(), applied)

    def crash(self) -> None:
        """Dies now."""
        self._dead = True
        for lock in self._locks:
            lock.release()

    def get(self, path: str) -> bytes:
        """See `Storage.get`."""
        return self._do("get", path, lambda: self._inner.get(path))

    def put_if_absent(self, path: str, data: bytes) -> bool:
        """See `Storage.put_if_absent`."""
        return self._do("put_if_absent", path, lambda: self._inner.put_if_absent(path, data))

    def map(self, path: str) -> memoryview:
        """See `LargeFileStorage.map`."""
        return self._do("map", path, lambda: self._inner.map(path))

    def put_pieces_if_absent(self, path: str, pieces: Iterable[bytes | memoryview]) -> bool:
        """See `LargeFileStorage.put_pieces_if_absent`."""
        return self._do("put_pieces_if_absent", path, lambda: self._inner.put_pieces_if_absent(path, pieces))

    def replace(self, path: str, data: bytes) -> None:
        """See `Storage.replace`."""
        self._do("replace", path, lambda: self._inner.replace(path, data))

    def list(self, folder: str) -> list[str]:
        """See `Storage.list`."""
        return self._do("list", folder, lambda: self._inner.list(folder))

    def delete(self, path: str) -> None:
        """See `Storage.delete`."""
        self._do("delete", path, lambda: self._inner.delete(path))

    def try_lock(self, path: str) -> Lock | None:
        """See `LockableStorage.try_lock`; not counted as a verb."""
        if self._dead:
            raise SimulatedCrash
        lock = self._inner.try_lock(path)
        if lock is not None:
            self._locks.append(lock)
        return lock

    def _do(self, verb: str, path: str, act: Callable[[], _T]) -> _T:
        if self._dead:
            raise SimulatedCrash
        self.verbs.append((verb, path))
        if self._fault is None or self._fault[0] != len(self.verbs):
            return act()
        _, error, applied = self._fault
        if applied:
            with contextlib.suppress(FileNotFoundError):
                act()
        if isinstance(error, SimulatedCrash):
            self.crash()
        raise error
