"""The private folder of one application: gone when it stops, or when the next one starts after a crash."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

_PREFIX = "streamcore-app-"
_LOCK = "owner.lock"
_HALF_MADE_SECONDS = 60.0


class AppFolder:
    """A new folder that only this user may enter, below `parent` (default: the system's).

    Its owner holds a lock on a file in it, which the operating system frees when the owner dies; so a
    folder whose lock is free has no owner any more, and is deleted by the next application that starts.
    """

    def __init__(self, parent: str | None = None) -> None:
        base = Path(parent or tempfile.gettempdir())
        base.mkdir(parents=True, exist_ok=True)
        collect_abandoned(base)
        self.path, self._lock = _make(base)

    def remove(self) -> None:
        """Delete the folder and all that is in it."""
        self._lock.close()
        shutil.rmtree(self.path, ignore_errors=True)


def _make(base: Path) -> tuple[Path, IO[bytes]]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
        lock = (path / _LOCK).open("wb")
        # Another application that starts right now may have taken the folder for an abandoned one.
        if _try_lock(lock) and (path / _LOCK).exists():
            return path, lock
        lock.close()


def collect_abandoned(base: Path) -> list[Path]:
    """Delete the folders below `base` whose owner died; return them."""
    abandoned = [folder for folder in base.glob(_PREFIX + "*") if _is_abandoned(folder)]
    for folder in abandoned:
        shutil.rmtree(folder, ignore_errors=True)
    return abandoned


def _is_abandoned(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
            return False
        if not (folder / _LOCK).exists():
            # Just being made, or half deleted by workers that lost their driver and were then killed.
            return time.time() - folder.stat().st_mtime > _HALF_MADE_SECONDS
        with (folder / _LOCK).open("rb+") as lock:
            return _try_lock(lock)
    return False


def _try_lock(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
