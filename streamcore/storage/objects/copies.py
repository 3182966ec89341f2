"""The bytes of an object on this machine: small ones in memory, others in a temporary file that is mapped.

A mapped file has no name any more where the system allows that: it takes space as long as somebody reads
it, and is gone when the process is, in whatever way.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

_IN_MEMORY: Final = 1 << 20
_AT_MOST: Final = 64
_serial = itertools.count()


def local_copy(pieces: Iterable[bytes | memoryview]) -> memoryview:
    """The bytes of all pieces, which are asked for one by one."""
    rest = iter(pieces)
    first: list[bytes | memoryview] = []
    size = 0
    for piece in rest:
        first.append(piece)
        size += len(piece)
        if size > _IN_MEMORY:
            return _mapped(itertools.chain(first, rest))
    return memoryview(b"".join(first))


def _mapped(pieces: Iterable[bytes | memoryview]) -> memoryview:
    import pyarrow as pa

    path = _folder() / str(next(_serial))
    try:
        with path.open("xb") as file:
            for piece in pieces:
                file.write(piece)
        with pa.memory_map(str(path)) as mapped:
            return memoryview(mapped.read_buffer())
    finally:
        # Windows removes a mapped file only with its folder, at the end of the process.
        with contextlib.suppress(PermissionError):
            path.unlink(missing_ok=True)


def _folder() -> Path:
    return _folder_of(os.getpid())


@cache
def _folder_of(_process: int) -> Path:
    made = tempfile.TemporaryDirectory(prefix="streamcore-objects-", ignore_cleanup_errors=True)
    _kept_alive.append(made)
    return Path(made.name)


_kept_alive: list[tempfile.TemporaryDirectory[str]] = []


class JustWritten:
    """What this process wrote and will read next: handed out once, so that it is not downloaded."""

    def __init__(self) -> None:
        self._copies: OrderedDict[str, memoryview] = OrderedDict()
        self._guard = threading.Lock()

    def keep(self, path: str, copy: memoryview) -> None:
        """Remembers the bytes of a new object, and forgets older ones."""
        with self._guard:
            self._copies[path] = copy
            while len(self._copies) > _AT_MOST:
                self._copies.popitem(last=False)

    def take(self, path: str) -> memoryview | None:
        """The bytes of an object, if it was written a moment ago and not asked for since."""
        with self._guard:
            return self._copies.pop(path, None)
