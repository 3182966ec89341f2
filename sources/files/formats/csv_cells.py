"""CSV text taken apart into cells, and cells as columns."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from streamcore.sources.files.formats.lines import open_bytes

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS: Final = 50_000
Row = list[str | None]


@dataclass(frozen=True)
class Cells:
    """How cells are written; `quote`, `escape` and `comment` may be empty, the rest is one character."""

    sep: str
    quote: str
    escape: str
    header: bool
    null: str
    empty: str
    comment: str
    multi_line: bool
    strip_left: bool
    strip_right: bool

    def records(self, path: str) -> Iterator[tuple[str, Row]]:
        """The text and the cells of each record; the header is one of them, blank lines are none."""
        with open_bytes(path) as stream:
            text = io.TextIOWrapper(stream, "utf-8", "replace", newline="")
            lines = (line.rstrip("\r\n") for line in text)
            for record in self._whole(lines) if self.multi_line else lines:
                if self._is_record(record):
                    yield record, self.split(record)

    def _whole(self, lines: Iterator[str]) -> Iterator[str]:
        """Records that go on over line ends within quotes."""
        for line in lines:
            record = line
            while self.quote and self._is_open(record):
                following = next(lines, None)
                if following is None:
                    break
                record = f"{record}\n{following}"
            yield record

    def _is_open(self, record: str) -> bool:
        inside = escaped = False
        for character in record:
            if escaped:
                escaped = False
            elif inside and character == self.escape != self.quote:
                escaped = True
            elif character == self.quote:
                inside = not inside
        return inside

    def split(self, record: str) -> Row:
        """The cells of one record."""
        if not self.quote or self.quote not in record:
            return [self._plain(cell) for cell in record.split(self.sep)]
        row: Row = []
        position = 0
        while position <= len(record):
            if record[position : position + 1] == self.quote:
                cell, position = self._quoted(record, position)
                row.append(None if (cell or self.empty) == self.null else cell or self.empty)
            else:
                end = record.find(self.sep, position)
                end = len(record) if end < 0 else end
                row.append(self._plain(record[position:end]))
                position = end + 1
        return row

    def _plain(self, cell: str) -> str | None:
        cell = cell.lstrip() if self.strip_left else cell
        cell = cell.rstrip() if self.strip_right else cell
        return None if cell in ("", self.null) else cell

    def _quoted(self, record: str, start: int) -> tuple[str, int]:
        """The cell whose opening quote is at `start`, and where the next cell begins.

        A quote within that is neither escaped nor the end makes the whole cell unquoted, as in Spark.
        """
        parts: list[str] = []
        position = start + 1
        while position < len(record):
            character, following = record[position], record[position + 1 : position + 2]
            if character == self.escape and following and following in (self.quote, self.escape):
                parts.append(following)
                position += 2
            elif character == self.quote:
                end = record.find(self.sep, position)
                end = len(record) if end < 0 else end
                closes = not record[position + 1 : end].strip()
                return "".join(parts) if closes else record[start:end], end + 1
            else:
                parts.append(character)
                position += 1
        if self.escape != self.quote and parts and record.endswith(self.escape):
            parts.pop()
        return "".join(parts), position + 1

    def lines_before_records(self, path: str) -> list[str]:
        """The lines at the start of a file that hold the header, and blanks and comments before it."""
        if not self.header:
            return []
        with open_bytes(path) as stream:
            before: list[str] = []
            for line in io.TextIOWrapper(stream, "utf-8", "replace", newline=""):
                before.append(line)
                if self._is_record(line):
                    break
            return before

    def header_of(self, lines: Sequence[str]) -> Row | None:
        """The cells of the header that ends what `lines_before_records` found; None when none came."""
        if not lines or not self._is_record(lines[-1]):
            return None
        return self.split(lines[-1].rstrip("\r\n"))

    def _is_record(self, line: str) -> bool:
        return bool(line.strip()) and not (self.comment and line.startswith(self.comment))

    def tables(self, path: str, width: int) -> Iterator[pa.Table]:
        """The records without the header: `line`, the number of cells, and cells c0, c1, ..."""
        import pyarrow as pa

        names = [f"c{i}" for i in range(width)]
        schema = pa.schema([("line", pa.string()), ("cells", pa.int32()), *((n, pa.string()) for n in names)])
        records = self.records(path)
        if self.header:
            next(records, None)
        while some := list(islice(records, _ROWS)):
            lines = [line for line, _ in some]
            counts = [len(row) for _, row in some]
            padded = [[*row, *[None] * (width - len(row))][:width] for _, row in some]
            columns = [list(column) for column in zip(*padded, strict=True)] if width else []
            yield pa.table([lines, counts, *columns], schema=schema)
