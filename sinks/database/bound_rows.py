"""Arrow rows as Python values for a driver's parameters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from streamcore.duck.json_text import JsonText
from streamcore.duck.quoting import identifier
from streamcore.duck.time_text import ExactTimeText
from streamcore.errors import CommitFailed
from streamcore.spi.types import from_arrow_type

if TYPE_CHECKING:
    from collections.abc import Iterator


def bound_rows(table: pa.Table, *, sqlite: bool) -> Iterator[tuple[Any, ...]]:
    """The rows as tuples in the order of the columns.

    For `sqlite` values are as SQLAlchemy stores them there (times as text, decimals as text, JSON as text);
    for others they are Python objects that its column types take.
    """
    convert = _for_sqlite if sqlite else _for_core
    return zip(*(convert(table, number) for number in range(table.num_columns)), strict=True)


def _for_sqlite(table: pa.Table, number: int) -> list[Any]:
    column = table.column(number)
    kinds = pa.types
    if kinds.is_nested(column.type):
        return _json(table, number)
    if kinds.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us"))
    if kinds.is_temporal(column.type) or kinds.is_decimal(column.type):
        column = column.cast(pa.string())
    if kinds.is_floating(column.type) and pc.any(pc.is_nan(column)).as_py():
        raise CommitFailed(
            f"the column {table.schema.field(number).name!r} holds NaN, which SQLite would keep as null: "
            "give such rows another value before writing, F.nanvl(column, other) for instance. Nothing of "
            "the batch is visible"
        )
    values: list[Any] = column.to_pylist()
    return values


def _for_core(table: pa.Table, number: int) -> list[Any]:
    column = table.column(number)
    if pa.types.is_nested(column.type):
        return [None if text is None else json.loads(text) for text in _json(table, number)]
    values: list[Any] = column.to_pylist()
    return values


def _json(table: pa.Table, number: int) -> list[str | None]:
    from streamcore.sinks.duck_lines import render

    field = table.schema.field(number)
    text = JsonText(ignore_nulls=False, times=ExactTimeText())
    sql = text.value(identifier(field.name), from_arrow_type(field.type))
    select = f"SELECT {sql} FROM batch"  # noqa: S608 - the name is quoted
    texts: list[str | None] = render(table.select([number]), select).to_pylist()
    return texts
