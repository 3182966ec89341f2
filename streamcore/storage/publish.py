"""Making one file visible on a disk: synced, whole, and never over another one unless asked to."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NAMELESS: int = getattr(os, "O_TMPFILE", 0)
_OPEN_FILES = Path("/proc/self/fd")
# EISDIR: a kernel or file system that does not know the flag.
_NAMELESS_UNSUPPORTED = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOSYS)
_LINKS_UNSUPPORTED = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)

_serial = itertools.count()


class NoLinksError(OSError):
    """The file system has no hard links."""


def publish(target: Path, pieces: Iterable[bytes | memoryview]) -> bool:
    """Makes the bytes of `pieces` visible as a new file, durable but for its folder's entry.

    False when the path exists.
    """
    if _NAMELESS and _OPEN_FILES.is_dir():
        try:
            return _publish_nameless(target, pieces)
        except OSError as error:
            # Found out before the first piece is asked for.
            if error.errno not in _NAMELESS_UNSUPPORTED:
                raise
    with synced_temporary(target, pieces) as hidden:
        return _link(hidden, target)


def _publish_nameless(target: Path, pieces: Iterable[bytes | memoryview]) -> bool:
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        file = os.open(target.parent, _NAMELESS | os.O_WRONLY | os.O_CLOEXEC, 0o666)
        try:
            _write_synced(file, pieces)
            # The folder descriptors make Python call linkat, which follows /proc's link to the open file.
            source = f"{_OPEN_FILES}/{file}"
            os.link(source, target.name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=True)
            return True
        except FileExistsError:
            return False
        finally:
            os.close(file)
    finally:
        os.close(folder)


def _link(hidden: Path, target: Path) -> bool:
    try:
        if sys.platform == "win32":
            hidden.rename(target)  # refuses an existing name there, and needs no links
        else:
            os.link(hidden, target)
        return True
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno in _LINKS_UNSUPPORTED:
            raise NoLinksError(error.errno, error.strerror) from error
        raise


@contextlib.contextmanager
def synced_temporary(target: Path, pieces: Iterable[bytes | memoryview]) -> Iterator[Path]:
    """A hidden, synced file of `pieces` beside `target`; removed at the end if it is still there."""
    hidden = hidden_beside(target)
    try:
        file = os.open(hidden, _NEW_FILE, 0o666)
        try:
            _write_synced(file, pieces)
        finally:
            os.close(file)
        yield hidden
    finally:
        hidden.unlink(missing_ok=True)


def hidden_beside(target: Path) -> Path:
    """A name in `target`'s folder that no listing shows and no other writer uses."""
    return target.with_name(f".{target.name}.{os.getpid()}-{next(_serial)}.tmp")


def make_folder(folder: Path) -> None:
    """Makes a folder and what is missing above it, durably."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Makes the entries of a folder durable; Windows does so by itself."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _sync(descriptor)
    finally:
        os.close(descriptor)


def read_without_following(path: Path) -> bytes:
    """The whole file; OSError when the path is no regular file, a symbolic link for one."""
    with open(path, "rb", opener=_open_without_following) as file:
        return file.read()


def map_without_following(path: Path) -> memoryview:
    """The file's bytes where they lie; OSError when the path is no regular file, a symbolic link for one.

    The map lives as long as the view of it and its slices; no descriptor stays open for it, since a state
    is made of more files than a process may have open.
    """
    import pyarrow as pa

    with open(path, "rb", opener=_open_without_following) as file:
        if os.fstat(file.fileno()).st_size == 0:
            return memoryview(b"")  # there is nothing to map
        # `mmap.mmap` would keep a copy of the descriptor.
        with pa.memory_map(str(path)) as mapped:
            return memoryview(mapped.read_buffer())


def _open_without_following(path: str, flags: int) -> int:
    # A pipe in the place of a file would block for ever without O_NONBLOCK, which means nothing for files.
    for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK"):
        flags |= getattr(os, name, 0)
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no regular file")
    return descriptor


def _write_synced(descriptor: int, pieces: Iterable[bytes | memoryview]) -> None:
    for piece in pieces:
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    _sync(descriptor)


def _sync(descriptor: int) -> None:
    if sys.platform == "darwin":
        import fcntl

        # Only this reaches the platter there: fsync stops at the drive's own cache.
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)
