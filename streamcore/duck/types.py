"""Data types as DuckDB type text."""

from __future__ import annotations

from streamcore.duck.quoting import identifier
from streamcore.errors import UnsupportedOperationException
from streamcore.spi.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    ByteType,
    CalendarIntervalType,
    CharType,
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
    UserDefinedType,
    VarcharType,
    YearMonthIntervalType,
)

_PLAIN: dict[type[DataType], str] = {
    NullType: '"NULL"', StringType: "VARCHAR", CharType: "VARCHAR", VarcharType: "VARCHAR",
    BinaryType: "BLOB", BooleanType: "BOOLEAN", ByteType: "TINYINT", ShortType: "SMALLINT",
    IntegerType: "INTEGER", LongType: "BIGINT", FloatType: "FLOAT", DoubleType: "DOUBLE", DateType: "DATE",
    TimestampType: "TIMESTAMPTZ", TimestampNTZType: "TIMESTAMP", TimeType: "TIME",
    DayTimeIntervalType: "BIGINT", YearMonthIntervalType: "INTEGER", CalendarIntervalType: "INTERVAL",
}  # fmt: skip


def type_text(data_type: DataType) -> str:
    """The DuckDB type that holds values of `data_type`.

    >>> type_text(DataType.fromDDL("struct<a: array<int>, m: map<string, decimal(9,2)>>"))
    'STRUCT("a" INTEGER[], "m" MAP(VARCHAR, DECIMAL(9,2)))'
    """
    plain = _PLAIN.get(type(data_type))
    if plain is not None:
        return plain
    if isinstance(data_type, DecimalType):
        return f"DECIMAL({data_type.precision},{data_type.scale})"
    if isinstance(data_type, ArrayType):
        return f"{type_text(data_type.elementType)}[]"
    if isinstance(data_type, MapType):
        return f"MAP({type_text(data_type.keyType)}, {type_text(data_type.valueType)})"
    if isinstance(data_type, StructType) and data_type.fields:
        fields = (f"{identifier(f.name)} {type_text(f.dataType)}" for f in data_type.fields)
        return f"STRUCT({', '.join(fields)})"
    if isinstance(data_type, UserDefinedType):
        return type_text(data_type.sqlType())
    raise UnsupportedOperationException(f"DuckDB has no type for {data_type.simpleString()}.")
