"""CSV text taken apart into cells, and cells as columns."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from streamcore.duck.quoting import identifier, literal, string
from streamcore.duck.types import type_text
from streamcore.sources.files.formats.lines import open_bytes
from streamcore.spi.types import (
    BooleanType,
    ByteType,
    DataType,
    DateType,
    IntegerType,
    LongType,
    ShortType,
    StringType,
    StructField,
    TimestampType,
)

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS: Final = 50_000
_WHOLE: Final = r"^[+-]?\d+$"
_DATE: Final = r"^\d{4,7}-\d\d?-\d\d?$"
_HAS_ZONE: Final = r"(Z|[+-]\d\d(:?\d\d)?)$"
_MALFORMED: Final = "[MALFORMED_RECORD_IN_PARSING] a CSV record does not fit the schema (mode FAILFAST): "

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
                if record.strip() and not (self.comment and record.startswith(self.comment)):
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
        return "".join(parts), position + 1

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


def cell_sql(
    fields: Sequence[StructField], columns: Sequence[str], mode: str, corrupt: str | None, zone: str
) -> str:
    """The columns wanted of the table `cells`; in modes that judge records, all cells are looked at."""
    values = {field.name: cast_sql(f"c{i}", field.dataType, zone) for i, field in enumerate(fields)}
    misfits = [f"(c{i} IS NOT NULL AND {values[f.name]} IS NULL)" for i, f in enumerate(fields)]
    bad = " OR ".join([f"cells <> {len(fields)}", *misfits])
    items = [
        f"CASE WHEN {bad} THEN line END AS {identifier(name)}"
        if name == corrupt
        else f"{values[name]} AS {identifier(name)}"
        for name in columns
    ]
    condition = f" WHERE NOT ({bad})" if mode == "DROPMALFORMED" else ""
    if mode == "FAILFAST":
        condition = f" WHERE CASE WHEN {bad} THEN error({string(_MALFORMED)} || line) ELSE true END"
    return f'SELECT {", ".join(items) or "true AS _"} FROM "cells"{condition}'  # noqa: S608 - all parts are quoted


def cast_sql(cell: str, data_type: DataType, zone: str) -> str:
    """A cell's text as a value; null when it is no such value."""
    target = type_text(data_type)
    if isinstance(data_type, StringType):
        return cell
    attempt = f"TRY_CAST({cell} AS {target})"
    if isinstance(data_type, ByteType | ShortType | IntegerType | LongType):
        return f"CASE WHEN regexp_matches({cell}, {string(_WHOLE)}) THEN {attempt} END"
    if isinstance(data_type, BooleanType):
        return f"CASE lower({cell}) WHEN 'true' THEN true WHEN 'false' THEN false END"
    if isinstance(data_type, DateType):
        return f"CASE WHEN regexp_matches({cell}, {string(_DATE)}) THEN {attempt} END"
    if isinstance(data_type, TimestampType) and zone != "UTC":
        local = f"timezone({literal(zone)}, TRY_CAST({cell} AS TIMESTAMP))"
        return f"CASE WHEN regexp_matches({cell}, {string(_HAS_ZONE)}) THEN {attempt} ELSE {local} END"
    return attempt
