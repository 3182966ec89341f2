"""The columns that the Kafka sink writes, checked as Spark checks them; other columns are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from streamcore.errors import AnalysisException, QueryExecutionException
from streamcore.kafka.rows import COLUMNS, check_headers
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    CharType,
    DataType,
    IntegerType,
    StringType,
    StructField,
    StructType,
    VarcharType,
)

if TYPE_CHECKING:
    from streamcore.sinks.kafka.settings import KafkaSinkSettings

_HEADER: Final = StructType([StructField("key", StringType()), StructField("value", BinaryType())])
_TEXT_OR_BYTES: Final = (StringType(), BinaryType())
# In the order in which Spark looks at them, since the first fault is the one that is told.
_TYPES: Final[dict[str, tuple[DataType, ...]]] = {
    "topic": (StringType(),),
    "key": _TEXT_OR_BYTES,
    "value": _TEXT_OR_BYTES,
    "headers": (ArrayType(_HEADER),),
    "partition": (IntegerType(),),
}
_NULL_TOPIC: Final = (
    "The Kafka message data sent to the producer contains a null topic. Use the `topic` option for setting a "
    "default topic."
)


def sent_columns(schema: StructType, settings: KafkaSinkSettings) -> dict[str, int]:
    """Which columns of the schema are sent, and where they stand; raises AnalysisException as Spark does.

    Names are compared exactly. A topic in the options makes the column `topic` one of those left out.
    """
    at: dict[str, int] = {}
    for name, types in _TYPES.items():
        if name == "topic" and settings.topic is not None:
            continue
        if name not in schema.names:
            _refuse_missing(name)
            continue
        at[name] = schema.names.index(name)
        _check_type(schema.fields[at[name]], types)
    _check_headers_option(has_column="headers" in at, asked=settings.include_headers)
    return at


def _refuse_missing(name: str) -> None:
    if name == "topic":
        raise AnalysisException(
            "topic option required when no 'topic' attribute is present. Use the topic option for setting a "
            "topic."
        )
    if name == "value":
        raise AnalysisException("Required attribute 'value' not found")


def _check_type(field: StructField, types: tuple[DataType, ...]) -> None:
    given = _plain(field.dataType)
    if given not in types:
        desired = " or ".join(wanted.simpleString() for wanted in types)
        raise AnalysisException(
            f"{field.name} attribute unsupported type {field.dataType.simpleString()}. {field.name} must be "
            f"a(n) {desired}"
        )


def _plain(data_type: DataType) -> DataType:
    """The type without what makes no difference here: whether parts may be null, how long a text may be."""
    if isinstance(data_type, ArrayType):
        return ArrayType(_plain(data_type.elementType))
    if isinstance(data_type, StructType):
        return StructType([StructField(f.name, _plain(f.dataType)) for f in data_type.fields])
    return StringType() if isinstance(data_type, CharType | VarcharType) else data_type


def _check_headers_option(*, has_column: bool, asked: bool | None) -> None:
    if asked is True and not has_column:
        raise AnalysisException(
            "the option includeHeaders=true asks for headers, and the data has no column 'headers' "
            "(array<struct<key:string,value:binary>>): add it, or leave the option out"
        )
    if asked is False and has_column:
        raise AnalysisException(
            "the option includeHeaders=false asks for no headers, and Spark would write those of the column "
            "'headers' all the same: drop the column, or leave the option out"
        )


def sent_schema(at: dict[str, int]) -> pa.Schema:
    """The schema of rows on their way."""
    return pa.schema([(name, COLUMNS[name]) for name in at])


def sent_rows(batch: pa.RecordBatch, at: dict[str, int]) -> pa.RecordBatch:
    """The columns that are sent, with the types of `COLUMNS`.

    Raises QueryExecutionException for what no producer may be given: a null or empty topic, a negative
    partition, a header without a key.
    """
    arrays = {name: _as_sent(batch.column(position), COLUMNS[name]) for name, position in at.items()}
    _check_values(arrays)
    rows = pa.RecordBatch.from_arrays(list(arrays.values()), schema=sent_schema(at))
    check_headers(rows)
    return rows


def _as_sent(array: pa.Array, wanted: pa.DataType) -> pa.Array:
    return array if array.type == wanted else array.cast(wanted)


def _check_values(arrays: dict[str, pa.Array]) -> None:
    topics, partitions = arrays.get("topic"), arrays.get("partition")
    if topics is not None and topics.null_count:
        raise QueryExecutionException(_NULL_TOPIC)
    if topics is not None and pc.any(pc.equal(topics, "")).as_py():
        raise QueryExecutionException("a row has an empty topic: name one in the column or the option topic")
    if partitions is not None and (lowest := pc.min(partitions).as_py()) is not None and lowest < 0:
        raise QueryExecutionException(
            f"Invalid partition: {lowest}. Partition number should always be non-negative or null."
        )
