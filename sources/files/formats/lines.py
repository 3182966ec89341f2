"""Text files as Arrow lines, without a Python object per line."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Final

from streamcore.errors import QueryExecutionException, UnsupportedOperationException

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK: Final = 32 << 20
_BATCH_ROWS: Final = 20_000
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_SURROGATE: Final = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_LARGEST_LINE: Final = (1 << 31) - 1
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


@contextmanager
def open_bytes(path: str) -> Iterator[IO[bytes]]:
    """The file's content, decompressed by its name.

    Raises QueryExecutionException naming the file, in the midst of reading, when it is damaged.
    """
    require_gzip([path])
    opening: Any = gzip.open if path.endswith(".gz") else open
    with opening(path, "rb") as stream:
        try:
            yield stream
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise QueryExecutionException(
                f"[FAILED_READ_FILE] {path} cannot be decompressed: the file is truncated or damaged, or no "
                f"gzip file ({error}). Put a whole one in its place, or take it out of the folder."
            ) from error


def line_schema() -> pa.Schema:
    """`line`, and `exact`: whether its bytes are UTF-8; if not, U+FFFD stands for those that are none."""
    import pyarrow as pa

    return pa.schema([("line", pa.string()), ("exact", pa.bool_())])


def line_batches(paths: Sequence[str], skips: Sequence[int]) -> Iterator[pa.RecordBatch]:
    r"""The lines of files, in batches of `line_schema`, without the first `skips` lines of each.

    Lines end with \n, \r\n or \r; the last one may lack its end.
    """
    for path, skip in zip(paths, skips, strict=True):
        left = skip
        for batch in _file_batches(path):
            kept = batch.slice(left)
            left = max(0, left - batch.num_rows)
            for at in range(0, kept.num_rows, _BATCH_ROWS):
                yield kept.slice(at, _BATCH_ROWS)


def document_batches(paths: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The whole texts of files, in batches of `line_schema`, each of one row."""
    for path in paths:
        with open_bytes(path) as stream:
            yield _batch([stream.read().removeprefix(_BYTE_ORDER_MARK)])


def read_lines(path: str) -> Iterator[pa.Array]:
    """The lines of a file as string arrays; bytes that are no UTF-8 are replaced."""
    return (batch.column(0) for batch in line_batches([path], [0]))


def read_whole(path: str) -> Iterator[pa.Array]:
    """The whole text of a file, as an array of one string."""
    return (batch.column(0) for batch in document_batches([path]))


def _file_batches(path: str) -> Iterator[pa.RecordBatch]:
    with open_bytes(path) as stream:
        rest = stream.read(len(_BYTE_ORDER_MARK)).removeprefix(_BYTE_ORDER_MARK)
        while block := stream.read(_BLOCK):
            whole, newline, rest = (rest + block).rpartition(b"\n")
            if newline:
                yield _split(whole + newline)
            elif len(rest) > _LARGEST_LINE:
                raise UnsupportedOperationException(
                    f"{path} has a line of more than 2 GiB; split it, or convert the file to parquet"
                )
        if rest:
            yield _split(rest if rest.endswith((b"\r", b"\n")) else rest + b"\n")


def _split(data: bytes) -> pa.RecordBatch:
    """The lines of `data`, the last of which has its end."""
    import numpy as np
    import pyarrow as pa

    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not _is_utf8(data):
        return _batch(data.removesuffix(b"\n").split(b"\n"))
    content = np.frombuffer(data, np.uint8)
    newline = content == 10
    ends = np.flatnonzero(newline)
    offsets = np.zeros(len(ends) + 1, np.int32)
    offsets[1:] = ends - np.arange(len(ends))  # as they lie once the newlines are taken out
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(content[~newline])]
    lines = pa.Array.from_buffers(pa.string(), len(ends), buffers)
    exact = pa.repeat(pa.scalar(value=True), len(ends))
    return pa.RecordBatch.from_arrays([lines, exact], schema=line_schema())


def _batch(texts: Sequence[bytes]) -> pa.RecordBatch:
    import pyarrow as pa

    # A surrogate on its own is one character that is none, to Python three bytes.
    lines = [_SURROGATE.sub(b"\xff", text).decode("utf-8", "replace") for text in texts]
    return pa.RecordBatch.from_arrays(
        [pa.array(lines, pa.string()), pa.array(map(_is_utf8, texts), pa.bool_())], schema=line_schema()
    )


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
