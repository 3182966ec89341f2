"""The JSON file format: one object per line, as Spark writes it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from streamcore.duck.json_text import JsonText
from streamcore.duck.quoting import string
from streamcore.sinks.duck_lines import render
from streamcore.sinks.files.formats import LineFormat, text_compression, unsupported_column
from streamcore.spi.types import from_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.spi.options import Options


@dataclass(frozen=True)
class _JsonLines:
    text: JsonText
    separator: str

    def __call__(self, table: pa.Table) -> pa.ChunkedArray:
        return render(
            table, f"SELECT {self.text.row(from_arrow_schema(table.schema))} || {self._end} FROM batch"
        )

    @cached_property
    def _end(self) -> str:
        return string(self.separator)


def json_format(options: Options) -> LineFormat:
    """The JSON format that the options ask for."""
    lines = _JsonLines(JsonText.of(options), options.get("lineSep", "\n"))
    return LineFormat("json", text_compression(options), lines, _check)


def _check(schema: pa.Schema) -> None:
    for field in schema:
        if "interval" in str(field.type) or "duration" in str(field.type):
            raise unsupported_column("JSON", field)
