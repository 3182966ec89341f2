"""Rows rendered as text by DuckDB: a SELECT of one string per row, over an Arrow table named `batch`."""

from __future__ import annotations

import hashlib

import pyarrow as pa

from streamcore.duck.slot import engine_here


def render(table: pa.Table, sql: str) -> pa.ChunkedArray:
    """The single column that `sql` selects from `batch`, in the order of the table's rows."""
    plain = without_zones(table)
    # The engine takes it that what has one name has one schema.
    name = "batch_" + hashlib.sha256(plain.schema.serialize()).hexdigest()[:16]
    with engine_here() as engine:
        return engine.run(f"WITH batch AS (FROM {name}) {sql}", {name: plain}).column(0)


def text_of(lines: pa.StringArray) -> pa.Buffer:
    """All strings of an array one after the other; no byte is copied."""
    wide = pa.types.is_large_string(lines.type)
    offsets = memoryview(lines.buffers()[1]).cast("q" if wide else "i")
    start, end = offsets[lines.offset], offsets[lines.offset + len(lines)]
    data = lines.buffers()[2]
    return data.slice(start, end - start) if data is not None else pa.py_buffer(b"")


def without_zones(table: pa.Table) -> pa.Table:
    """The table with every instant as the same UTC wall-clock time, so that DuckDB needs no time zones."""
    schema = pa.schema([field.with_type(_without_zone(field.type)) for field in table.schema])
    return table if schema.equals(table.schema) else table.cast(schema)


def _without_zone(arrow_type: pa.DataType) -> pa.DataType:
    if pa.types.is_timestamp(arrow_type):
        return pa.timestamp(arrow_type.unit)
    if pa.types.is_map(arrow_type):
        return pa.map_(_without_zone(arrow_type.key_type), _without_zone(arrow_type.item_type))
    if pa.types.is_list(arrow_type):
        return pa.list_(arrow_type.value_field.with_type(_without_zone(arrow_type.value_type)))
    if pa.types.is_struct(arrow_type):
        return pa.struct([field.with_type(_without_zone(field.type)) for field in arrow_type])
    return arrow_type
