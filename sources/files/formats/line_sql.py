"""Text files as a relation of lines, by DuckDB's reader on all cores."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from streamcore.duck.quoting import string
from streamcore.sources.files.formats.file_text import file_text

_LARGEST_LINE: Final = 16 << 20
# The reader takes buffers of 16 lines' size unless told; threads share a file by buffers.
_BUFFER: Final = 32 << 20
# A line is one cell: no text holds these control characters in this order.
_NEVER: Final = "\x01\x02\x03\x04"


def lines_of(paths: Sequence[str], skips: Sequence[int] = ()) -> str:
    """A query for the column `line`: the lines of files in their order, a blank one as null.

    `skips` are the numbers of lines to leave out at the start of each file; none by default.
    """
    pairs = list(zip(skips or [0] * len(paths), paths, strict=True))
    runs = [(skip, [path for _, path in run]) for skip, run in groupby(pairs, key=lambda pair: pair[0])]
    return " UNION ALL ".join(_lines(run, skip) for skip, run in runs)


def documents_of(paths: Sequence[str]) -> str:
    """A query for the column `line`: the whole text of each file."""
    return f"SELECT content AS line FROM read_text([{', '.join(map(file_text, paths))}])"  # noqa: S608 - quoted


def _lines(paths: Sequence[str], skip: int) -> str:
    return (
        f"SELECT line FROM read_csv([{', '.join(map(file_text, paths))}], "  # noqa: S608 - quoted
        "columns = {'line': 'VARCHAR'}, auto_detect = false, "
        f"delim = {string(_NEVER)}, quote = '', escape = '', header = false, strict_mode = false, "
        f"skip = {skip}, max_line_size = {_LARGEST_LINE}, buffer_size = {_BUFFER}, hive_partitioning = false)"
    )
