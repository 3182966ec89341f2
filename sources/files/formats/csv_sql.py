"""CSV lines as DuckDB SQL: taken apart into cells, and cells as columns in Spark's three modes.

A line without quotes is split at the separators.  One whose quotes hold neither separators nor escapes is
split as well; any other is taken apart by a regular expression, for what Spark makes of quotes within
cells, escapes and quotes that never end is no dialect of DuckDB's reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from streamcore.duck.quoting import identifier, string
from streamcore.duck.time_forms import TimeForms
from streamcore.sources.files.formats.csv_cells import Cells
from streamcore.sources.files.formats.csv_values import value_sql
from streamcore.spi.types import StringType, StructField, StructType

PERMISSIVE, DROPMALFORMED, FAILFAST = "PERMISSIVE", "DROPMALFORMED", "FAILFAST"
_MALFORMED: Final = "[MALFORMED_RECORD_IN_PARSING] a CSV record does not fit the schema (mode FAILFAST): "
_BLANKS: Final = " \t\v\f"
_CORRUPT_TEXT: Final = 'CASE WHEN " bad" THEN " line" END'


@dataclass(frozen=True)
class CsvRead:
    """What is wanted of CSV records; `corrupt` is the column for malformed text, None without one."""

    schema: StructType
    columns: tuple[str, ...]
    mode: str
    corrupt: str | None
    times: TimeForms

    @property
    def fields(self) -> list[StructField]:
        """The fields that stand in the files, in their order."""
        return [field for field in self.schema.fields if field.name != self.corrupt]

    @property
    def judged(self) -> list[tuple[int, StructField]]:
        """The fields looked at, with their positions: as in Spark only those that the query needs."""
        every = list(enumerate(self.fields))
        wanted = [(i, field) for i, field in every if field.name in self.columns]
        return every if not wanted and self.corrupt in self.columns else wanted

    @property
    def counts_cells(self) -> bool:
        """Whether a record of another length is malformed; not when some columns are left out."""
        return len(self.judged) == len(self.fields)


def cells_from_lines(cells: Cells, lines: str, positions: Sequence[int]) -> str:
    """A query for `line`, `cells` (how many there are) and the cells c0, c1, ... at `positions`.

    `lines` is a query for the column `line`; blank lines and comments are left out.
    """
    # Text that does not start with a blank or control character comes after '!': trimming costs far more.
    is_record = f"(line >= '!' OR trim(line, {_characters(_BLANKS)}) <> '')"
    no_comment = f" AND NOT starts_with(line, {string(cells.comment)})" if cells.comment else ""
    split = f"SELECT line, {_split(cells)} AS parts FROM ({lines}) WHERE {is_record}{no_comment}"  # noqa: S608 - quoted
    start = f"ltrim(%s, {_characters(_BLANKS)})" if cells.strip_left else "%s"
    raw = "".join(f", {start % f'parts[{i + 1}]'} AS c{i}" for i in positions)
    found = "".join(f", {_content(cells, f'c{i}')} AS c{i}" for i in positions)
    return f"SELECT line, cells{found} FROM (SELECT line, len(parts) AS cells{raw} FROM ({split}))"  # noqa: S608


def rows_from_cells(read: CsvRead, relation: str) -> str:
    """The rows of `relation`, which has the columns of `cells_from_lines`."""
    values = {i: value_sql(f"c{i}", field.dataType, read.times) for i, field in read.judged}
    bad = _malformed(read, values)
    # A name with a blank in front keeps clear of the names of fields, which are given last.
    judged = "".join(f', {value} AS " {i}"' for i, value in values.items())
    inner = f'SELECT line AS " line", {bad} AS " bad"{judged} FROM ({relation})'  # noqa: S608 - quoted
    place = {field.name: i for i, field in read.judged}
    items = [
        f"{_CORRUPT_TEXT if name == read.corrupt else identifier(f' {place[name]}')} AS {identifier(name)}"
        for name in read.columns
    ]
    conditions = {
        DROPMALFORMED: ' WHERE NOT " bad"',
        FAILFAST: f' WHERE CASE WHEN " bad" THEN error({string(_MALFORMED)} || " line") ELSE true END',
    }
    return f"SELECT {', '.join(items) or 'true AS _'} FROM ({inner}){conditions.get(read.mode, '')}"  # noqa: S608


def _malformed(read: CsvRead, values: dict[int, str]) -> str:
    tests = [
        f"(c{i} IS NOT NULL AND {values[i]} IS NULL)"
        for i, field in read.judged
        if not isinstance(field.dataType, StringType)
    ]
    if read.counts_cells:
        tests.append(f"cells <> {len(read.fields)}")
    return f"({' OR '.join(tests) or 'false'})"


def _split(cells: Cells) -> str:
    """The raw cells of `line`, as a list."""
    sep = string(cells.sep)
    if not cells.quote:
        return f"string_split(line, {sep})"
    quote, other = _coded(cells.quote), _coded(cells.sep)
    escape = _coded(cells.escape) if cells.escape != cells.quote else ""
    inside = f"{quote}[^{quote}{escape}{other}]*{quote}"
    plain = f"({inside}|[^{quote}{other}]*)"
    blanks = f"{_blanks(cells)}*" if cells.strip_left else ""
    opened = f"{blanks}{quote}{_quoted(cells)}"
    # A cell: from a quote to the separator after its end, from a quote without end, or to the separator.
    cell = f"{other}({opened}{quote}[^{other}]*|{opened}{escape}?$|[^{other}]*)"
    return (
        f"CASE WHEN NOT contains(line, {string(cells.quote)}) "
        f"OR regexp_full_match(line, {string(f'{plain}({other}{plain})*')}) THEN string_split(line, {sep}) "
        f"ELSE regexp_extract_all({sep} || line, {string(cell)}, 1) END"
    )


def _quoted(cells: Cells) -> str:
    """The regular expression of what stands between quotes: anything, and quotes that are escaped."""
    quote, escape = _coded(cells.quote), _coded(cells.escape)
    if not cells.escape:
        return f"[^{quote}]*"
    if cells.escape == cells.quote:
        return f"(?:{quote}{quote}|[^{quote}])*"
    return f"(?:{escape}[{quote}{escape}]|[^{quote}{escape}]|{escape}[^{quote}{escape}])*"


def _content(cells: Cells, cell: str) -> str:
    """The text of the raw cell in column `cell`, null for an empty one."""
    null = string(cells.null)
    text = f"rtrim({cell}, {_characters(_BLANKS)})" if cells.strip_right else cell
    plain = f"CASE WHEN {text} NOT IN ('', {null}) THEN {text} END" if cells.null else f"nullif({text}, '')"
    if not cells.quote:
        return plain
    content = f"coalesce(nullif({_unquoted(cells, cell)}, ''), {string(cells.empty)})"
    is_quoted = f"starts_with({cell}, {string(cells.quote)})"
    return f"CASE WHEN {is_quoted} THEN nullif({content}, {null}) ELSE {plain} END"


def _unquoted(cells: Cells, cell: str) -> str:
    """The text of a raw cell that starts with a quote; one that goes on after its end keeps its quotes."""
    quote, escape, inside = _coded(cells.quote), _coded(cells.escape), f"{cell}[2:-2]"
    special = [character for character in (cells.quote, cells.escape.replace(cells.quote, "")) if character]
    is_plain = " AND ".join(f"NOT contains({inside}, {string(character)})" for character in special)
    whole = f"{quote}({_quoted(cells)})({quote}{_blanks(cells)}*|{escape}?)"
    taken = f"regexp_extract({cell}, {string(f'^{whole}$')}, 1)"
    if cells.escape:
        taken = f"regexp_replace({taken}, {string(f'{escape}([{quote}{escape}])')}, '\\1', 'g')"
    return (
        f"CASE WHEN ends_with({cell}, {string(cells.quote)}) AND {is_plain} THEN {inside} "
        f"WHEN regexp_full_match({cell}, {string(whole)}) THEN {taken} ELSE {cell} END"
    )


def _blanks(cells: Cells) -> str:
    return f"[{''.join(_coded(blank) for blank in _BLANKS if blank != cells.sep)}]"


def _coded(character: str) -> str:
    """A character (or none) as a regular expression takes it, within brackets and without."""
    return f"\\x{{{ord(character):x}}}" if character else ""


def _characters(text: str) -> str:
    return " || ".join(f"chr({ord(character)})" for character in text)
