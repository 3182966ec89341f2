"""Iceberg's schemas as ours, and ours as Iceberg's."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException
from streamcore.spi import types as t

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyiceberg.schema import Schema
    from pyiceberg.types import IcebergType, NestedField

_TO_OURS: dict[str, t.DataType] = {
    "BooleanType": t.BooleanType(), "IntegerType": t.IntegerType(), "LongType": t.LongType(),
    "FloatType": t.FloatType(), "DoubleType": t.DoubleType(), "DateType": t.DateType(),
    "TimeType": t.TimeType(), "TimestampType": t.TimestampNTZType(), "TimestamptzType": t.TimestampType(),
    "TimestampNanoType": t.TimestampNTZType(), "TimestamptzNanoType": t.TimestampType(),
    "StringType": t.StringType(), "UUIDType": t.StringType(), "FixedType": t.BinaryType(),
    "BinaryType": t.BinaryType(),
}  # fmt: skip
_TO_ICEBERG: dict[type[t.DataType], str] = {
    t.BooleanType: "BooleanType", t.ByteType: "IntegerType", t.ShortType: "IntegerType",
    t.IntegerType: "IntegerType", t.LongType: "LongType", t.FloatType: "FloatType",
    t.DoubleType: "DoubleType", t.DateType: "DateType", t.TimeType: "TimeType",
    t.TimestampType: "TimestamptzType", t.TimestampNTZType: "TimestampType", t.StringType: "StringType",
    t.CharType: "StringType", t.VarcharType: "StringType", t.BinaryType: "BinaryType",
}  # fmt: skip


def struct_of(schema: Schema) -> t.StructType:
    """The schema of a table's rows: uuid is text, fixed is binary, nanoseconds are read as microseconds.

    Raises AnalysisException naming a column whose type has no counterpart.
    """
    return t.StructType([_field(field) for field in schema.fields])


def _field(field: NestedField) -> t.StructField:
    metadata = {"comment": field.doc} if field.doc else {}
    return t.StructField(field.name, _type(field.field_type, field.name), not field.required, metadata)


def _type(kind: IcebergType, column: str) -> t.DataType:
    from pyiceberg import types as iceberg

    plain = _TO_OURS.get(type(kind).__name__)
    if plain is not None:
        return plain
    if isinstance(kind, iceberg.DecimalType):
        return t.DecimalType(kind.precision, kind.scale)
    if isinstance(kind, iceberg.StructType):
        return t.StructType([_field(field) for field in kind.fields])
    if isinstance(kind, iceberg.ListType):
        return t.ArrayType(_type(kind.element_type, column), not kind.element_required)
    if isinstance(kind, iceberg.MapType):
        value = _type(kind.value_type, column)
        return t.MapType(_type(kind.key_type, column), value, not kind.value_required)
    raise AnalysisException(
        f"the Iceberg column {column!r} of type {kind} has no counterpart here; leave it out"
    )


def iceberg_schema_of(schema: t.StructType) -> Schema:
    """The schema of a new table, its columns numbered from 1."""
    from pyiceberg.schema import Schema

    return Schema(*_fields(schema, itertools.count(1)))


def iceberg_type_of(data_type: t.DataType, column: str) -> IcebergType:
    """The type of a column that is added to a table; the numbers inside it are given by the table."""
    return _made(data_type, column, itertools.count(1))


def _fields(schema: t.StructType, numbers: Iterator[int]) -> list[NestedField]:
    from pyiceberg.types import NestedField

    numbered = [(field, next(numbers)) for field in schema.fields]
    return [
        NestedField(
            field_id=number,
            name=field.name,
            field_type=_made(field.dataType, field.name, numbers),
            required=False,
            doc=field.metadata.get("comment"),
        )
        for field, number in numbered
    ]


def _made(data_type: t.DataType, column: str, numbers: Iterator[int]) -> IcebergType:
    from pyiceberg import types as iceberg

    plain = _TO_ICEBERG.get(type(data_type))
    if plain is not None:
        made: Any = getattr(iceberg, plain)
        kind: IcebergType = made()
        return kind
    if isinstance(data_type, t.DecimalType):
        return iceberg.DecimalType(data_type.precision, data_type.scale)
    if isinstance(data_type, t.StructType):
        return iceberg.StructType(*_fields(data_type, numbers))
    if isinstance(data_type, t.ArrayType):
        number = next(numbers)
        return iceberg.ListType(number, _made(data_type.elementType, column, numbers), element_required=False)
    if isinstance(data_type, t.MapType):
        key, value = next(numbers), next(numbers)
        key_type = _made(data_type.keyType, column, numbers)
        return iceberg.MapType(
            key, key_type, value, _made(data_type.valueType, column, numbers), value_required=False
        )
    raise AnalysisException(
        f"an Iceberg table cannot hold the column {column!r} of type {data_type.simpleString()}; cast it (to "
        "a string, for instance) before writing"
    )
