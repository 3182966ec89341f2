"""Arrow rows as the text that PostgreSQL's COPY ... (FORMAT csv) reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from streamcore.duck.json_text import JsonText
from streamcore.duck.quoting import identifier
from streamcore.duck.time_text import ExactTimeText
from streamcore.spi.types import from_arrow_type

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE_BYTES = 1 << 20


def copy_select(schema: pa.Schema) -> str:
    """The query that gives each row of `batch` as its line; null is an empty value without quotes."""
    columns = [f"coalesce({_value(identifier(field.name), field.type)}, '')" for field in schema]
    return f"SELECT {' || chr(44) || '.join(columns)} || chr(10) FROM batch"  # noqa: S608 - names are quoted


def copy_pieces(table: pa.Table) -> Iterator[memoryview]:
    """The text of the rows in pieces of about a megabyte."""
    from streamcore.sinks.duck_lines import render, text_of

    for chunk in render(table, copy_select(table.schema)).chunks:
        text = memoryview(text_of(chunk))
        for start in range(0, len(text), _PIECE_BYTES):
            yield text[start : start + _PIECE_BYTES]


def _value(sql: str, arrow_type: pa.DataType) -> str:
    kinds = pa.types
    if kinds.is_string(arrow_type) or kinds.is_large_string(arrow_type):
        return _quoted(sql)
    if kinds.is_nested(arrow_type):
        text = JsonText(ignore_nulls=False, times=ExactTimeText())
        return _quoted(text.value(sql, from_arrow_type(arrow_type)))
    if kinds.is_binary(arrow_type) or kinds.is_large_binary(arrow_type):
        return f"'\\x' || hex({sql})"
    if kinds.is_timestamp(arrow_type) and arrow_type.tz is not None:
        return f"{sql}::VARCHAR || '+00'"
    return f"{sql}::VARCHAR"


def _quoted(sql: str) -> str:
    return f"'\"' || replace({sql}, '\"', '\"\"') || '\"'"
