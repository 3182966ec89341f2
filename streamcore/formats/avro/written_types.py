"""The Avro type that a Spark type is written in where no schema is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streamcore.errors import AnalysisException
from streamcore.formats.avro.schemas import Array, AvroType, Field, Fixed, Map, Primitive, Record, Union
from streamcore.formats.ddl import ddl
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    ByteType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    NullType,
    ShortType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    YearMonthIntervalType,
)

_NULL = Primitive("null")


def _logical(name: str, logical: str) -> Primitive:
    return Primitive(name, {"logicalType": logical})


_PLAIN: Mapping[type[DataType], Primitive] = {
    BooleanType: Primitive("boolean"), ByteType: Primitive("int"), ShortType: Primitive("int"),
    IntegerType: Primitive("int"), LongType: Primitive("long"), FloatType: Primitive("float"),
    DoubleType: Primitive("double"), StringType: Primitive("string"), BinaryType: Primitive("bytes"),
    NullType: _NULL, YearMonthIntervalType: Primitive("int"), DayTimeIntervalType: Primitive("long"),
    DateType: _logical("int", "date"), TimestampType: _logical("long", "timestamp-micros"),
    TimestampNTZType: _logical("long", "local-timestamp-micros"), TimeType: _logical("long", "time-micros"),
}  # fmt: skip


def written_type(sql: DataType, *, nullable: bool, name: str = "topLevelRecord") -> AvroType:
    """The Avro type of values of a Spark type.  Raises AnalysisException for a type that Avro has not."""
    kind = _written(sql, name)
    return Union((kind, _NULL)) if nullable and kind != _NULL else kind


def _written(sql: DataType, name: str) -> AvroType:
    plain = _PLAIN.get(type(sql))
    if plain is not None:
        return plain
    if isinstance(sql, DecimalType):
        notes: dict[str, Any] = {"logicalType": "decimal", "precision": sql.precision, "scale": sql.scale}
        return Fixed(f"{name}.fixed", fewest_bytes(sql.precision), notes)
    if isinstance(sql, ArrayType):
        return Array(written_type(sql.elementType, nullable=sql.containsNull, name=name))
    if isinstance(sql, MapType) and isinstance(sql.keyType, StringType):
        return Map(written_type(sql.valueType, nullable=sql.valueContainsNull, name=name))
    if isinstance(sql, StructType):
        fields = [
            Field(each.name, written_type(each.dataType, nullable=each.nullable, name=f"{name}.{each.name}"))
            for each in sql.fields
        ]
        return Record(name, tuple(fields))
    raise AnalysisException(f"Unexpected type {ddl(sql)}: Avro has none for it.")


def fewest_bytes(precision: int) -> int:
    """How many bytes hold every number of so many digits, with a sign.

    >>> fewest_bytes(9), fewest_bytes(10)
    (4, 5)
    """
    size = 1
    while 2 ** (8 * size - 1) < 10**precision:
        size += 1
    return size
