"""Query results in the exact Arrow schema that a plan promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """`table` under `schema`: columns by position, names and types from the schema.

    DuckDB's own types differ in places (an untyped NULL is an int32, intervals count months, days and
    nanoseconds).  Columns whose type already fits are not copied.  A null in a column that the schema
    calls not nullable is passed on: the schema tells readers what to expect, and is no check.
    """
    import pyarrow as pa

    columns = [_column(column, field.type) for column, field in zip(table.columns, schema, strict=True)]
    return pa.Table.from_arrays(columns, schema=schema)


def _column(column: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    import pyarrow as pa

    if column.type == wanted:
        return column
    if pa.types.is_null(wanted):
        return pa.chunked_array([pa.nulls(len(column))])
    if pa.types.is_duration(wanted) and not pa.types.is_duration(column.type):
        return _durations(column)
    return column.cast(wanted)


def _durations(column: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa

    per_day = 86_400_000_000
    values = [
        None if value is None else value.days * per_day + value.nanoseconds // 1000
        for value in column.to_pylist()
    ]
    return pa.chunked_array([pa.array(values, pa.duration("us"))])
