"""Text files as Arrow lines, without a Python object per line."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from streamcore.errors import UnsupportedOperationException

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK: Final = 32 << 20
_OTHER_COMPRESSION: Final = (".bz2", ".zst", ".lz4", ".snappy", ".xz", ".deflate")


def is_compressed(path: str) -> bool:
    """Whether a file is compressed by its name."""
    return path.endswith((".gz", *_OTHER_COMPRESSION))


def require_gzip(paths: Iterable[str]) -> None:
    """Raises for a file that is compressed in another way than by gzip."""
    for path in paths:
        if path.endswith(_OTHER_COMPRESSION):
            raise UnsupportedOperationException(
                f"{path}: of compressed text files .gz is read; decompress it, or compress it with gzip"
            )


def open_bytes(path: str) -> Any:
    """The file's content, decompressed by its name."""
    require_gzip([path])
    return gzip.open(path, "rb") if path.endswith(".gz") else Path(path).open("rb")


def read_lines(path: str) -> Iterator[pa.Array]:
    r"""The lines of a file as string arrays, some megabytes at a time.

    Lines end with \n or \r\n; the last one may lack its end.  Bytes that are no UTF-8 are replaced.
    """
    with open_bytes(path) as stream:
        rest = b""
        while block := stream.read(_BLOCK):
            whole, newline, rest = (rest + block).rpartition(b"\n")
            if newline:
                yield _split(whole + newline)
            elif len(rest) > (1 << 31) - 1:
                raise UnsupportedOperationException(f"{path} has a line of more than 2 GiB")
        if rest:
            yield _split(rest + b"\n")


def _split(data: bytes) -> pa.Array:
    """The lines of `data`, each of which ends with a newline."""
    import numpy as np
    import pyarrow as pa

    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not data.isascii():
        data = data.decode("utf-8", "replace").encode()
    content = np.frombuffer(data, np.uint8)
    newline = content == 10
    ends = np.flatnonzero(newline)
    offsets = np.zeros(len(ends) + 1, np.int32)
    offsets[1:] = ends - np.arange(len(ends))  # as they lie once the newlines are taken out
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(content[~newline])]
    return pa.Array.from_buffers(pa.string(), len(ends), buffers)


def read_whole(path: str) -> Iterator[pa.Array]:
    """The whole text of a file, as an array of one string."""
    import pyarrow as pa

    with open_bytes(path) as stream:
        yield pa.array([stream.read().decode("utf-8", "replace")], pa.string())
