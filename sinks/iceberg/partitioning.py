"""Rows divided by the partitions of a table, by every transform that Iceberg has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from streamcore.errors import AnalysisException
from streamcore.iceberg.rows import SortKey

if TYPE_CHECKING:
    from pyiceberg.partitioning import PartitionField, PartitionKey
    from pyiceberg.schema import Schema
    from pyiceberg.table.metadata import TableMetadata

_MICROS_A_DAY = 86_400_000_000
_MICROS_AN_HOUR = 3_600_000_000


def divided(table: pa.Table, metadata: TableMetadata) -> Iterator[tuple[PartitionKey | None, pa.Table]]:
    """The rows of each partition, in the order of their first rows; one part when there are none."""
    from pyiceberg.partitioning import PartitionFieldValue, PartitionKey

    spec, schema = metadata.spec(), metadata.schema()
    if spec.is_unpartitioned():
        yield None, table
        return
    names = [f"key {number}" for number in range(len(spec.fields))]
    keys = [partition_values(table, field, schema) for field in spec.fields]
    numbered = pa.table([*keys, pa.array(range(table.num_rows), pa.int64())], names=[*names, "row"])
    groups = numbered.group_by(names, use_threads=False).aggregate([("row", "list")])
    for group in range(groups.num_rows):
        values = [_plain(groups.column(name)[group]) for name in names]
        named = [PartitionFieldValue(f, v) for f, v in zip(spec.fields, values, strict=True)]
        rows = groups.column("row_list")[group].values
        yield PartitionKey(named, spec, schema), table.take(rows)


def partition_values(table: pa.Table, field: PartitionField, schema: Schema) -> pa.Array:
    """What the transform of a partition field makes of every row, in Iceberg's own representation."""
    from pyiceberg import transforms as t

    column = _physical(_source(table, schema, field.source_id))
    transform = field.transform
    if isinstance(transform, t.IdentityTransform):
        return column
    if isinstance(transform, t.VoidTransform):
        return pa.nulls(table.num_rows, pa.int32())
    kind = schema.find_type(field.source_id)
    if isinstance(transform, t.DayTransform | t.HourTransform):
        return _counted(column, str(transform), is_date=str(kind) == "date", is_nanos="_ns" in str(kind))
    return _by_value(column, transform.transform(kind))


def _counted(column: pa.Array, unit: str, *, is_date: bool, is_nanos: bool) -> pa.Array:
    if is_date:
        return column
    size = (_MICROS_A_DAY if unit == "day" else _MICROS_AN_HOUR) * (1000 if is_nanos else 1)
    values = column.to_numpy(zero_copy_only=False) if column.null_count == 0 else None
    if values is not None:
        return pa.array(values // size).cast(pa.int32())
    return pa.array([None if v is None else v // size for v in column.to_pylist()], pa.int32())


def _by_value(column: pa.Array, transform: Any) -> pa.Array:
    """A transform in Python, once for every distinct value."""
    encoded = column.dictionary_encode()
    made = pa.array([transform(value) for value in encoded.dictionary.to_pylist()])
    return made.take(encoded.indices)


def _physical(column: pa.Array) -> pa.Array:
    """Dates as days, times as microseconds, UUIDs as bytes: what Iceberg's transforms take."""
    if isinstance(column.type, pa.UuidType):
        return column.storage
    if pa.types.is_date32(column.type):
        return column.cast(pa.int32())
    if pa.types.is_timestamp(column.type) or pa.types.is_time64(column.type):
        return column.cast(pa.int64())
    return column


def _plain(value: pa.Scalar) -> Any:
    return value.as_py()


def _source(table: pa.Table, schema: Schema, field_id: int) -> pa.Array:
    name = schema.find_column_name(field_id)
    if name is None:
        raise AnalysisException(
            f"the table is divided by the column number {field_id}, which it no longer has"
        )
    if name in table.schema.names:
        return table.column(name).combine_chunks()
    first, *rest = name.split(".")
    return pc.struct_field(table.column(first).combine_chunks(), rest)


def sort_keys(metadata: TableMetadata) -> list[SortKey]:
    """The table's sort order; AnalysisException for one by a transform or by a field of a struct."""
    from pyiceberg.table.sorting import NullOrder, SortDirection
    from pyiceberg.transforms import IdentityTransform

    order = metadata.sort_order_by_id(metadata.default_sort_order_id)
    keys = []
    for field in order.fields if order is not None else ():
        name = metadata.schema().find_column_name(field.source_id)
        top = {column.field_id for column in metadata.schema().fields}
        if name is None or field.source_id not in top or not isinstance(field.transform, IdentityTransform):
            raise AnalysisException(
                f"the table is sorted by {field.transform}({name}), and only orders by whole columns can be "
                "kept: change the order (ALTER TABLE ... WRITE ORDERED BY) to columns"
            )
        descending = field.direction == SortDirection.DESC
        keys.append(SortKey(name, descending, field.null_order == NullOrder.NULLS_FIRST))
    return keys
