"""A lock among the processes of this machine for something that lies elsewhere."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from pathlib import Path

from streamcore.storage.errors import StorageRefused
from streamcore.storage.lock import FileLock


def try_machine_lock(name: str) -> FileLock | None:
    """The lock of this name, or None while a living process of this user and machine holds it."""
    return FileLock.try_take(_folder() / hashlib.sha256(name.encode()).hexdigest())


def _folder() -> Path:
    """The user's own folder for locks: nobody else may put files there, or take locks."""
    if sys.platform == "win32":
        folder = Path(tempfile.gettempdir()) / "streamcore-locks"
        folder.mkdir(exist_ok=True)
        return folder
    folder = Path(tempfile.gettempdir()) / f"streamcore-locks-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise StorageRefused(
            f"{folder} belongs to somebody else; remove it, or set TMPDIR to a folder of your own"
        )
    return folder
