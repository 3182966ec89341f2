"""Large buffers that many readers get as their own: shared until somebody writes."""

from __future__ import annotations

import mmap
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_PAGE = mmap.ALLOCATIONGRANULARITY
_WORTH_A_FILE = 1 << 16


class SharedBuffers:
    """Some buffers, kept as they are now.

    Where the system has anonymous files, `read` maps them privately: a page is copied when its reader
    writes to it, and not before.  Elsewhere, and for few bytes, each reader gets a copy.
    """

    def __init__(self, buffers: Sequence[memoryview]) -> None:
        self.size = sum(buffer.nbytes for buffer in buffers)
        self._file = _anonymous_file() if self.size >= _WORTH_A_FILE else None
        self._spans: list[tuple[int, int]] = []
        self._copies: list[bytes] = []
        if self._file is None:
            self._copies = [bytes(buffer) for buffer in buffers]
        else:
            self._write(self._file, buffers)

    def read(self) -> list[memoryview]:
        """Return the buffers for one reader, who may write to them."""
        if self._file is None:
            return [memoryview(bytearray(copy)) for copy in self._copies]
        mapped = memoryview(mmap.mmap(self._file, self._end, flags=mmap.MAP_PRIVATE))
        return [mapped[start:end] for start, end in self._spans]

    def __del__(self) -> None:
        if self._file is not None:
            os.close(self._file)

    def _write(self, file: int, buffers: Sequence[memoryview]) -> None:
        at = 0
        with open(file, "wb", closefd=False) as out:
            for buffer in buffers:
                out.seek(at)
                out.write(buffer)
                self._spans.append((at, at + buffer.nbytes))
                at += -(-buffer.nbytes // _PAGE) * _PAGE
            out.truncate(at)
        self._end = at


def _anonymous_file() -> int | None:
    if not hasattr(os, "memfd_create"):
        return None
    try:
        return os.memfd_create("streamcore")
    except OSError:  # too many open files
        return None
