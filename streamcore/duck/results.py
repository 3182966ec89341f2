"""Query results in the exact Arrow schema that a plan promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """`table` under `schema`: columns by position, names and types from the schema.

    DuckDB's own types differ in places (an untyped NULL is an int32, day-time intervals are 64-bit
    microseconds).  Columns whose type already fits are not copied.  A null in a column that the schema
    calls not nullable is passed on: the schema tells readers what to expect, and is no check.
    """
    import pyarrow as pa

    if not schema.names:  # a query of no columns still has rows
        return table.select([])
    columns = [_column(column, field.type) for column, field in zip(table.columns, schema, strict=True)]
    return pa.Table.from_arrays(columns, schema=schema)


def conform_batches(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """`conform`, batch by batch."""
    import pyarrow as pa

    for batch in batches:
        yield from conform(pa.Table.from_batches([batch]), schema).to_batches()


def _column(column: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    import pyarrow as pa

    if column.type == wanted:
        return column
    return pa.chunked_array([_array(chunk, wanted) for chunk in column.chunks], type=wanted)


def _array(array: pa.Array, wanted: pa.DataType) -> pa.Array:
    import pyarrow as pa

    if pa.types.is_null(wanted):
        return pa.nulls(len(array))
    if array.null_count == len(array):
        return pa.nulls(len(array), wanted)
    if pa.types.is_struct(wanted) and wanted.num_fields:
        # A cast refuses a field that is never null in a struct that is null itself.
        fields = [_array(array.field(at), field.type) for at, field in enumerate(wanted)]
        return pa.StructArray.from_arrays(fields, fields=list(wanted), mask=array.is_null())
    if pa.types.is_map(wanted) and not array.type.equals(wanted):
        keys, items = _array(array.keys, wanted.key_type), _array(array.items, wanted.item_type)
        offsets = pa.array(array.offsets.to_numpy())
        return pa.MapArray.from_arrays(offsets, keys, items, type=wanted, mask=array.is_null())
    if pa.types.is_list(wanted):
        values, offsets = _array(array.values, wanted.value_type), pa.array(array.offsets.to_numpy())
        return pa.ListArray.from_arrays(offsets, values, type=wanted, mask=array.is_null())
    return array.cast(wanted)
