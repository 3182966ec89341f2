"""Text files as a relation of lines, by DuckDB's reader on all cores."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from streamcore.duck.quoting import string
from streamcore.errors import QueryExecutionException
from streamcore.sources.files.formats.file_text import file_text
from streamcore.sources.files.formats.lines import is_compressed

_LARGEST_LINE: Final = 16 << 20
# Threads share a file by buffers; the reader takes them 16 lines large unless told.
_BUFFER: Final = 32 << 20
_BLOCK: Final = 64 << 10
# A line is one cell: no text holds these control characters in this order.
_NEVER: Final = "\x01\x02\x03\x04"


def lines_of(paths: Sequence[str], skips: Sequence[int] = ()) -> str:
    """A query for the column `line`: the lines of files in their order, a blank one as null.

    `skips` are the numbers of lines to leave out at the start of each file; none by default.  A line of
    more than 16 MiB is an error, of this function or of the query.
    """
    kinds = [(skip, is_compressed(path)) for path, skip in zip(paths, skips or [0] * len(paths), strict=True)]
    runs = groupby(zip(kinds, paths, strict=True), key=lambda pair: pair[0])
    return " UNION ALL ".join(_lines([path for _, path in run], *kind) for kind, run in runs)


def documents_of(paths: Sequence[str]) -> str:
    """A query for the column `line`: the whole text of each file."""
    return f"SELECT content AS line FROM read_text([{', '.join(map(file_text, paths))}])"  # noqa: S608 - quoted


def _lines(paths: Sequence[str], skip: int, compressed: bool) -> str:
    if not compressed:
        for path in paths:
            _require_short_ends(path)
    how = "parallel = false" if compressed else f"buffer_size = {_BUFFER}"
    return (
        f"SELECT line FROM read_csv([{', '.join(map(file_text, paths))}], "  # noqa: S608 - quoted
        "columns = {'line': 'VARCHAR'}, auto_detect = false, "
        f"delim = {string(_NEVER)}, quote = '', escape = '', header = false, strict_mode = false, "
        f"skip = {skip}, max_line_size = {_LARGEST_LINE}, {how}, hive_partitioning = false)"
    )


def _require_short_ends(path: str) -> None:
    """Raises for a file whose first or last line is too long.

    Of such a line, if it is larger than a buffer, DuckDB's parallel reader says nothing and gives no row;
    of one between others it tells.
    """
    size = Path(path).stat().st_size
    if size <= _LARGEST_LINE:
        return
    # The line end of the last line itself is left out.
    last = size - 2
    with Path(path).open("rb") as file:
        forth = (start for start in range(0, _LARGEST_LINE, _BLOCK))
        back = (max(0, last - end) for end in range(_BLOCK, _LARGEST_LINE + _BLOCK, _BLOCK))
        for starts in (forth, back):
            if not any(_has_line_end(os.pread(file.fileno(), min(_BLOCK, last - at), at)) for at in starts):
                raise QueryExecutionException(
                    f"[RECORD_TOO_LARGE] {path} has a record of more than 16 MiB, the most that is read at "
                    "once; split the record, or convert the file to parquet."
                )


def _has_line_end(block: bytes) -> bool:
    return b"\n" in block or b"\r" in block
