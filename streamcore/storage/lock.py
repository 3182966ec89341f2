"""A lock that lives exactly as long as the process that took it, kill -9 included.

On POSIX it is a record lock: unlike flock's, it is not shared with forked children, so that a worker
which outlives its driver cannot keep the lock.  Record locks do not tell two holders in one process
apart, and closing any descriptor of the file drops them; both are covered by a table of this process.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)

_guard = threading.Lock()
_held: dict[tuple[int, int], int] = {}
"""(device, inode) of each lock file held by this process -> the process id that took it."""


class FileLock:
    """A lock that is held; `release` gives it up."""

    def __init__(self, descriptor: int, identity: tuple[int, int]) -> None:
        self._descriptor: int | None = descriptor
        self._identity = identity
        self._pid = os.getpid()

    @classmethod
    def try_take(cls, path: Path) -> FileLock | None:
        """The lock on `path` (made when missing), or None while a living holder has it."""
        with _guard:
            identity = _identity_of(path)
            if identity is not None and _held.get(identity) == os.getpid():
                return None  # opening the file again would drop this process's own lock
            descriptor = os.open(path, _FLAGS, 0o666)
            try:
                taken = _lock(descriptor)
            except BaseException:
                os.close(descriptor)
                raise
            if not taken:
                os.close(descriptor)
                return None
            status = os.fstat(descriptor)
            lock = cls(descriptor, (status.st_dev, status.st_ino))
            _held[lock._identity] = lock._pid
            return lock

    @property
    def held(self) -> bool:
        """Whether this process (and not a forked copy of it) still has the lock."""
        return self._descriptor is not None and self._pid == os.getpid()

    def release(self) -> None:
        """Gives the lock up; nothing happens the second time, or in a forked copy of the holder."""
        with _guard:
            if self._descriptor is None:
                return
            descriptor, self._descriptor = self._descriptor, None
            if self._pid == os.getpid():
                _held.pop(self._identity, None)
            os.close(descriptor)


def _identity_of(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return (status.st_dev, status.st_ino)


if sys.platform == "win32":

    def _lock(descriptor: int) -> bool:
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:

    def _lock(descriptor: int) -> bool:
        import fcntl

        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        return True
