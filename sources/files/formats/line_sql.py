"""Text files as a relation of lines: by DuckDB's reader on all cores, and as a stream for any content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from streamcore.duck.quoting import identifier, string
from streamcore.duck.statements import Statement
from streamcore.sources.files.formats.file_text import file_text
from streamcore.sources.files.formats.lines import document_batches, is_compressed, line_batches, line_schema
from streamcore.spi.scan import CarefulScan

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.duck.engine import SlotEngine
    from streamcore.duck.streams import BatchStream
    from streamcore.spi.scan import SqlScan

LARGEST_LINE: Final = 16 << 20
"""The most that DuckDB's readers are asked to take as one record; a stream takes more."""

# Threads share a file by buffers; the reader takes them 16 lines large unless told.
_BUFFER: Final = 32 << 20
_BLOCK: Final = 64 << 10
# A line is one cell: no text holds these control characters in this order.
_NEVER: Final = "\x01\x02\x03\x04"


@dataclass(frozen=True)
class LineScan:
    """A query for the columns `line` and `exact` (see `lines.line_schema`), and the streams that it reads."""

    sql: str
    inputs: Mapping[str, BatchStream] = field(default_factory=dict)


@dataclass(frozen=True)
class TextScan:
    """Lines or documents: `fast` fails on some content, `careful` on none but damage; maybe the same."""

    fast: LineScan
    careful: LineScan

    @property
    def is_sql(self) -> bool:
        """Whether DuckDB reads the files by itself."""
        return self.fast is not self.careful

    def carefully(self, query: Callable[[str], str]) -> Callable[[], CarefulScan]:
        """What makes the scan for any content of `query`, which is made for the SQL of the lines."""
        return lambda: CarefulScan(query(self.careful.sql), self.careful.inputs)

    def run(self, engine: SlotEngine, query: Callable[[str], str]) -> pa.Table:
        """The rows of `query`, which is made for the SQL of the lines."""
        return engine.run(query(self.fast.sql), self.fast.inputs, _statement(self.carefully(query)))


def run_scan(engine: SlotEngine, scan: SqlScan) -> pa.Table:
    """The rows of a scan."""
    return engine.run(scan.sql, {}, None if scan.careful is None else _statement(scan.careful))


def _statement(careful: Callable[[], CarefulScan]) -> Callable[[], Statement]:
    def made() -> Statement:
        scan = careful()
        return Statement(scan.sql, scan.inputs)

    return made


def text_lines(paths: Sequence[str], heads: Sequence[Sequence[str]] = ()) -> TextScan:
    """The lines of files without their `heads`, the lines (with their ends) to leave out at the start."""
    left = heads or [()] * len(paths)
    careful = line_stream(paths, [len(head) for head in left])
    if any(map(is_compressed, paths)) or not has_short_ends(paths):
        return TextScan(careful, careful)
    return TextScan(LineScan(lines_of(paths, [_line_ends(head) for head in left])), careful)


def text_documents(paths: Sequence[str]) -> TextScan:
    """The whole texts of files."""
    careful = document_stream(paths)
    if any(map(is_compressed, paths)):
        return TextScan(careful, careful)
    return TextScan(LineScan(documents_of(paths)), careful)


def _line_ends(lines: Sequence[str]) -> int:
    return sum(2 if line.endswith("\r\n") else 1 for line in lines)


def lines_of(paths: Sequence[str], skips: Sequence[int] = ()) -> str:
    r"""A query for `line` and `exact`: the lines of files in their order, with more blank ones.

    `skips` are the numbers of line ends (each of \r and \n is one) to leave out at the start of each file.
    Fails on a line of more than 16 MiB between others, and on bytes that are no UTF-8; a first or last line
    of that size must not be asked for (`has_short_ends`).
    """
    runs = groupby(zip(skips or [0] * len(paths), paths, strict=True), key=lambda pair: pair[0])
    return " UNION ALL ".join(_lines([path for _, path in run], skip) for skip, run in runs)


def documents_of(paths: Sequence[str]) -> str:
    """A query for `line` and `exact`: the whole text of each file; fails on bytes that are no UTF-8."""
    return f"SELECT content AS line, true AS exact FROM read_text([{', '.join(map(file_text, paths))}])"  # noqa: S608 - quoted


def line_stream(paths: Sequence[str], skips: Sequence[int] = ()) -> LineScan:
    """The lines of files, whatever is in them; `skips` are numbers of lines, none by default."""
    left = tuple(skips) or (0,) * len(paths)
    return _stream("lines", (tuple(paths), left), lambda: line_batches(paths, left))


def document_stream(paths: Sequence[str]) -> LineScan:
    """The whole text of each file, whatever is in it."""
    return _stream("documents", tuple(paths), lambda: document_batches(paths))


def has_short_ends(paths: Sequence[str]) -> bool:
    """Whether the first and the last line of every file are short.

    Of such a line, if it is larger than a buffer, DuckDB's parallel reader says nothing and gives no row;
    of one between others it tells.
    """
    return all(_has_short_ends(path) for path in paths)


def _stream(kind: str, what: object, batches: Callable[[], Iterator[pa.RecordBatch]]) -> LineScan:
    from streamcore.duck.streams import BatchStream

    name = f"{kind} {hashlib.sha256(repr(what).encode()).hexdigest()[:20]}"
    return LineScan(
        f"SELECT line, exact FROM {identifier(name)}",  # noqa: S608 - quoted
        {name: BatchStream(line_schema(), batches)},
    )


def _lines(paths: Sequence[str], skip: int) -> str:
    # Told of \n alone the reader takes every \r for an end as well, as Spark does: \r\n gives a blank line
    # more.  What it finds out by itself, \r\n, costs the character after a lone \r.
    return (
        f"SELECT line, true AS exact FROM read_csv([{', '.join(map(file_text, paths))}], "  # noqa: S608 - quoted
        "columns = {'line': 'VARCHAR'}, auto_detect = false, new_line = '\\n', "
        f"delim = {string(_NEVER)}, quote = '', escape = '', header = false, strict_mode = false, "
        f"skip = {skip}, max_line_size = {LARGEST_LINE}, buffer_size = {_BUFFER}, hive_partitioning = false)"
    )


def _has_short_ends(path: str) -> bool:
    size = Path(path).stat().st_size
    if size <= LARGEST_LINE:
        return True
    # The line end of the last line itself is left out.
    last = size - 2
    forth = range(0, LARGEST_LINE, _BLOCK)
    back = [max(0, last - end) for end in range(_BLOCK, LARGEST_LINE + _BLOCK, _BLOCK)]
    with Path(path).open("rb") as file:
        return all(any(_has_line_end(file, at, last) for at in starts) for starts in (forth, back))


def _has_line_end(file: BinaryIO, at: int, last: int) -> bool:
    file.seek(at)
    block = file.read(min(_BLOCK, last - at))
    return b"\n" in block or b"\r" in block
