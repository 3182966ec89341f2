"""Arrow types as statements read them: a duration is a number of microseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def stored_schema(schema: pa.Schema) -> pa.Schema:
    """`schema` with 64-bit microseconds in the place of durations; the same object when it has none.

    DuckDB would read a duration as an INTERVAL, whose arithmetic, order and range are not those of Spark's
    day-time intervals.
    """
    import pyarrow as pa

    found = _with(schema, pa.int64())
    return schema if found.equals(schema) else found


def stored(reader: pa.RecordBatchReader) -> pa.RecordBatchReader:
    """The rows of a reader under its stored schema."""
    import pyarrow as pa

    return reader.cast(_with(reader.schema, pa.duration("us"))).cast(stored_schema(reader.schema))


def _with(schema: pa.Schema, durations: pa.DataType) -> pa.Schema:
    import pyarrow as pa

    return pa.schema([_field(field, durations) for field in schema], metadata=schema.metadata)


def _field(field: pa.Field, durations: pa.DataType) -> pa.Field:
    return field.with_type(_type(field.type, durations))


def _type(kind: pa.DataType, durations: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    if pa.types.is_duration(kind):
        return durations
    if pa.types.is_struct(kind):
        return pa.struct([_field(field, durations) for field in kind])
    if pa.types.is_map(kind):
        return pa.map_(_field(kind.key_field, durations), _field(kind.item_field, durations))
    if pa.types.is_list(kind):
        return pa.list_(_field(kind.value_field, durations))
    return kind
