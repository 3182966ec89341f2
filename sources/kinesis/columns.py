"""Records as Arrow: the columns of the connector for Spark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from streamcore.spi.types import BinaryType, StringType, StructField, StructType, TimestampType

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.sources.kinesis.stream import Record

SCHEMA: Final = StructType([
    StructField("data", BinaryType()),
    StructField("streamName", StringType()),
    StructField("partitionKey", StringType()),
    StructField("sequenceNumber", StringType()),
    StructField("approximateArrivalTimestamp", TimestampType()),
])  # fmt: skip


def record_batch(records: Sequence[Record], stream: str, columns: Sequence[str]) -> pa.RecordBatch:
    """The records, of which only `columns` are made, in the schema's order."""
    import pyarrow as pa

    from streamcore.spi.types import to_arrow_schema

    whole = to_arrow_schema(SCHEMA)
    schema = pa.schema([field for field in whole if field.name in columns])
    arrays = [_column(field, records, stream) for field in schema]
    if not arrays:
        return pa.RecordBatch.from_struct_array(pa.array([{}] * len(records), pa.struct([])))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _column(field: pa.Field, records: Sequence[Record], stream: str) -> pa.Array:
    import pyarrow as pa

    if field.name == "data":
        return pa.array([one.data for one in records], field.type)
    if field.name == "streamName":
        return pa.repeat(pa.scalar(stream, field.type), len(records))
    if field.name == "partitionKey":
        return pa.array([one.key for one in records], field.type)
    if field.name == "sequenceNumber":
        return pa.array([one.number for one in records], field.type)
    return pa.array([one.arrived_ms * 1000 for one in records], pa.int64()).cast(field.type)
