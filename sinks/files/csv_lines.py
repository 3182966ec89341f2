"""The CSV file format, quoted and escaped as Spark writes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from streamcore.duck.quoting import string
from streamcore.duck.time_text import ExactTimeText, TimeText
from streamcore.errors import IllegalArgumentException
from streamcore.sinks.duck_lines import render
from streamcore.sinks.files.formats import LineFormat, text_compression, unsupported_column

if TYPE_CHECKING:
    from streamcore.spi.options import Options

_BLANKS = "".join(map(chr, range(1, 33)))


@dataclass(frozen=True)
class CsvText:
    """One dialect of CSV; `select` gives the query that writes it."""

    separator: str
    quote: str
    escape: str
    quote_all: bool
    null_value: str
    empty_value: str
    trim_left: bool
    trim_right: bool
    times: TimeText
    line_end: str

    def select(self, schema: pa.Schema) -> str:
        """The query that gives each row of `batch` as its line, the end included."""
        fields = list(enumerate(schema))
        # Texts are named in an inner query, because each is looked at several times.
        texts = [f"{self._text_of(f'c{number}', field.type)} AS t{number}" for number, field in fields]
        columns = [self._column(f"t{number}", field, first=number == 0) for number, field in fields]
        line = f" || {string(self.separator)} || ".join(columns)
        return (
            f"SELECT {line} || {string(self.line_end)} FROM (SELECT {', '.join(texts)} FROM {_batch(schema)})"
        )

    def _text_of(self, column: str, kind: pa.DataType) -> str:
        text = self._text(column, kind)
        return text if _is_plain(kind) else self._trimmed(text)

    def _column(self, text: str, field: pa.Field, *, first: bool) -> str:
        null = self._literal("" if self.quote_all else self.null_value, first=first)
        if _is_plain(field.type) and not self.quote_all:
            return f"coalesce({text}, {string(null)})"
        empty = self.quote * 2 if self.quote_all else self.empty_value
        return (
            f"CASE WHEN {text} IS NULL THEN {string(null)} WHEN {text} = '' THEN {string(empty)} "
            f"WHEN {self._needs_quotes(text, first=first)} THEN {self._quoted(text)} ELSE {text} END"
        )

    def header(self, schema: pa.Schema) -> str:
        """The line of column names."""
        names = [self._literal(field.name, first=number == 0) for number, field in enumerate(schema)]
        return self.separator.join(names) + self.line_end

    def _literal(self, text: str, *, first: bool) -> str:
        marks = (self.separator, self.quote, "\n", "\r")
        if self.quote_all or any(mark in text for mark in marks) or (first and text.startswith("#")):
            escaped = text if self.escape == self.quote else text.replace(self.escape, self.escape * 2)
            return self.quote + escaped.replace(self.quote, self.escape + self.quote) + self.quote
        return text

    def _needs_quotes(self, text: str, *, first: bool) -> str:
        if self.quote_all:
            return "true"
        marks = (self.separator, self.quote, "\n", "\r")
        tests = [f"contains({text}, {string(mark)})" for mark in marks]
        return " OR ".join([*tests, f"starts_with({text}, '#')"] if first else tests)

    def _quoted(self, text: str) -> str:
        inner = text
        if self.escape != self.quote:
            inner = f"replace({inner}, {string(self.escape)}, {string(self.escape * 2)})"
        inner = f"replace({inner}, {string(self.quote)}, {string(self.escape + self.quote)})"
        return f"{string(self.quote)} || {inner} || {string(self.quote)}"

    def _trimmed(self, text: str) -> str:
        trims = {(True, True): "trim", (True, False): "ltrim", (False, True): "rtrim"}
        trim = trims.get((self.trim_left, self.trim_right))
        if trim is None:
            return text
        # Trimming by a set of characters is slow, and hardly any value needs it.
        blank_at_an_end = f"({text})[1] <= ' ' OR ({text})[-1] <= ' '"
        return f"CASE WHEN {blank_at_an_end} THEN {trim}({text}, {string(_BLANKS)}) ELSE {text} END"

    def _text(self, sql: str, arrow_type: pa.DataType) -> str:
        if pa.types.is_floating(arrow_type):
            infinite = f"CASE WHEN {sql} > 0 THEN 'Infinity' ELSE '-Infinity' END"
            return (
                f"CASE WHEN isnan({sql}) THEN 'NaN' WHEN isinf({sql}) THEN {infinite} ELSE {sql}::VARCHAR END"
            )
        if pa.types.is_timestamp(arrow_type):
            return self.times.timestamp_ntz(sql) if arrow_type.tz is None else self.times.timestamp(sql)
        if pa.types.is_date(arrow_type):
            return self.times.date(sql)
        if pa.types.is_binary(arrow_type) or pa.types.is_large_binary(arrow_type):
            return f"('[' || array_to_string(regexp_extract_all(hex({sql}), '..'), ' ') || ']')"
        return f"{sql}::VARCHAR"


def _batch(schema: pa.Schema) -> str:
    """The rows under the columns' places: SQL does not tell names apart that differ in case alone."""
    return f"batch AS batch({', '.join(f'c{number}' for number in range(len(schema)))})"


@dataclass(frozen=True)
class _CsvLines:
    text: CsvText

    def __call__(self, table: pa.Table) -> pa.ChunkedArray:
        return render(table, self.text.select(table.schema))


@dataclass(frozen=True)
class _CsvHeader:
    text: CsvText
    written: bool

    def __call__(self, schema: pa.Schema) -> str:
        return self.text.header(schema) if self.written else ""


def csv_format(options: Options) -> LineFormat:
    """The CSV format that the options ask for."""
    text = CsvText(
        separator=options.get("sep") or options.get("delimiter") or ",",
        quote=_one_character(options, "quote", '"'),
        escape=_one_character(options, "escape", "\\"),
        quote_all=options.boolean("quoteAll", default=False),
        null_value=options.get("nullValue", ""),
        empty_value=options.get("emptyValue", '""'),
        trim_left=options.boolean("ignoreLeadingWhiteSpace", default=True),
        trim_right=options.boolean("ignoreTrailingWhiteSpace", default=True),
        times=ExactTimeText.of(options),
        line_end=options.get("lineSep", "\n"),
    )
    header = _CsvHeader(text, options.boolean("header", default=False))
    return LineFormat("csv", text_compression(options), _CsvLines(text), _check, header)


def _one_character(options: Options, name: str, default: str) -> str:
    value = options.get(name, default)
    if len(value) != 1:
        raise IllegalArgumentException(f"option {name}={value!r} must be one character")
    return value


def _is_plain(arrow_type: pa.DataType) -> bool:
    """Whether the text of a value can never need quotes."""
    kinds = pa.types
    return bool(kinds.is_integer(arrow_type) or kinds.is_boolean(arrow_type) or kinds.is_decimal(arrow_type))


def _check(schema: pa.Schema) -> None:
    for field in schema:
        unfit = pa.types.is_nested(field.type) or pa.types.is_null(field.type)
        if unfit or "interval" in str(field.type) or "duration" in str(field.type):
            raise unsupported_column("CSV", field)
