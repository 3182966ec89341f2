"""Data types to Arrow's and back.  pyarrow is imported when first needed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from streamcore.errors import UnsupportedOperationException
from streamcore.spi.types.atomic import (
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
    NullType,
    ShortType,
    StringType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    VarcharType,
    YearMonthIntervalType,
)
from streamcore.spi.types.nested import ArrayType, MapType, StructField, StructType
from streamcore.spi.types.udt import UserDefinedType, udt_named

if TYPE_CHECKING:
    import pyarrow as pa

_METADATA_KEY = b"SPARK::metadata::json"
_UDT_KEY = b"SPARK::udt::class"
"""Names the user-defined type of a field, whose Arrow type is that of what is stored."""
_INTERVAL_KEY = b"SPARK::interval::type"
"""Names the type of an interval, whose Arrow type tells nothing of its units."""

_TO_ARROW: dict[type[DataType], str] = {
    NullType: "null", StringType: "string", CharType: "string", VarcharType: "string", BinaryType: "binary",
    BooleanType: "bool_", ByteType: "int8", ShortType: "int16", IntegerType: "int32", LongType: "int64",
    FloatType: "float32", DoubleType: "float64", DateType: "date32",
    YearMonthIntervalType: "int32", CalendarIntervalType: "month_day_nano_interval",
}  # fmt: skip

_FROM_ARROW: dict[str, DataType] = {
    "null": NullType(), "string": StringType(), "large_string": StringType(), "string_view": StringType(),
    "binary": BinaryType(), "large_binary": BinaryType(), "binary_view": BinaryType(),
    "bool": BooleanType(), "int8": ByteType(), "int16": ShortType(), "int32": IntegerType(),
    "int64": LongType(), "halffloat": FloatType(), "float": FloatType(), "double": DoubleType(),
    "date32[day]": DateType(), "date64[ms]": DateType(),
    "month_day_nano_interval": CalendarIntervalType(),
    # An unsigned number takes the next wider signed type, as Spark reads Parquet.
    "uint8": ShortType(), "uint16": IntegerType(), "uint32": LongType(), "uint64": DecimalType(20, 0),
}  # fmt: skip


_INTERVALS: dict[str, DataType] = {
    kind.simpleString(): kind
    for kind in (
        *(DayTimeIntervalType(start, end) for start in range(4) for end in range(start, 4)),
        *(YearMonthIntervalType(start, end) for start in range(2) for end in range(start, 2)),
    )
}


def to_arrow_schema(schema: StructType) -> pa.Schema:
    """The Arrow schema of `schema`; a field's metadata travels along."""
    import pyarrow as pa

    return pa.schema([_to_arrow_field(field) for field in schema.fields])


def to_arrow_type(data_type: DataType) -> pa.DataType:
    """The Arrow type of `data_type`; timestamps are microseconds, in UTC unless they are NTZ.

    Of a user-defined type it is that of what is stored; a field around it tells which type it is.
    """
    import pyarrow as pa

    plain = _TO_ARROW.get(type(data_type))
    if plain is not None:
        return getattr(pa, plain)()
    if isinstance(data_type, TimestampType):
        return pa.timestamp("us", tz="UTC")
    if isinstance(data_type, TimestampNTZType):
        return pa.timestamp("us")
    if isinstance(data_type, DecimalType):
        return pa.decimal128(data_type.precision, data_type.scale)
    if isinstance(data_type, DayTimeIntervalType):
        return pa.duration("us")
    if isinstance(data_type, TimeType):
        return pa.time64("us")
    return _to_arrow_nested(data_type)


def _to_arrow_nested(data_type: DataType) -> pa.DataType:
    import pyarrow as pa

    if isinstance(data_type, ArrayType):
        return pa.list_(_arrow_field("element", data_type.elementType, data_type.containsNull))
    if isinstance(data_type, MapType):
        # Arrow has no keys that are always null: the map, which has none, bears keys of text.
        is_empty = isinstance(data_type.keyType, NullType)
        key = _arrow_field("key", StringType() if is_empty else data_type.keyType, nullable=False)
        return pa.map_(key, _arrow_field("value", data_type.valueType, data_type.valueContainsNull))
    if isinstance(data_type, StructType):
        return pa.struct([_to_arrow_field(field) for field in data_type.fields])
    if isinstance(data_type, UserDefinedType):
        return _all_nullable(to_arrow_type(data_type.sqlType()))
    raise UnsupportedOperationException(f"The type {data_type.simpleString()} has no Arrow form.")


def _all_nullable(kind: pa.DataType) -> pa.DataType:
    """The type with nothing required in it: of a struct that is null, DuckDB leaves every field null."""
    import pyarrow as pa

    if pa.types.is_struct(kind):
        return pa.struct([pa.field(f.name, _all_nullable(f.type), metadata=f.metadata) for f in kind])
    if pa.types.is_list(kind):
        item = kind.value_field
        return pa.list_(pa.field(item.name, _all_nullable(item.type), metadata=item.metadata))
    return kind


def _to_arrow_field(field: StructField) -> pa.Field:
    metadata = {_METADATA_KEY: json.dumps(field.metadata).encode()} if field.metadata else {}
    return _arrow_field(field.name, field.dataType, field.nullable, metadata)


def _arrow_field(
    name: str, data_type: DataType, nullable: bool, metadata: dict[bytes, bytes] | None = None
) -> pa.Field:
    import pyarrow as pa

    told = dict(metadata or {})
    if isinstance(data_type, UserDefinedType):
        told[_UDT_KEY] = data_type.fullName().encode()
    if isinstance(data_type, YearMonthIntervalType) or (
        isinstance(data_type, DayTimeIntervalType) and data_type != DayTimeIntervalType()
    ):
        told[_INTERVAL_KEY] = data_type.simpleString().encode()
    # What is always null is nullable whatever a type says of its elements: an empty array has none.
    nullable = nullable or isinstance(data_type, NullType)
    return pa.field(name, to_arrow_type(data_type), nullable, told or None)


def from_arrow_schema(schema: pa.Schema) -> StructType:
    """The schema of an Arrow schema; raises UnsupportedOperationException naming a type that has none."""
    return StructType([_from_arrow_field(field) for field in schema])


def from_arrow_type(arrow_type: pa.DataType) -> DataType:
    """The data type of an Arrow type: timestamps with any zone are instants, without one NTZ."""
    import pyarrow.types as kinds

    plain = _FROM_ARROW.get(str(arrow_type))
    if plain is not None:
        return plain
    if kinds.is_timestamp(arrow_type):
        return TimestampNTZType() if arrow_type.tz is None else TimestampType()
    if kinds.is_decimal(arrow_type):
        return DecimalType(arrow_type.precision, arrow_type.scale)
    if kinds.is_duration(arrow_type):
        return DayTimeIntervalType()
    if kinds.is_time(arrow_type):
        return TimeType()
    if kinds.is_fixed_size_binary(arrow_type):
        return BinaryType()
    return _from_arrow_nested(arrow_type)


def _from_arrow_nested(arrow_type: pa.DataType) -> DataType:
    import pyarrow.types as kinds

    if kinds.is_dictionary(arrow_type):
        return from_arrow_type(arrow_type.value_type)
    if kinds.is_map(arrow_type):
        key, value = _type_of(arrow_type.key_field), _type_of(arrow_type.item_field)
        return MapType(key, value, arrow_type.item_field.nullable)
    if kinds.is_list(arrow_type) or kinds.is_large_list(arrow_type) or kinds.is_fixed_size_list(arrow_type):
        return ArrayType(_type_of(arrow_type.value_field), arrow_type.value_field.nullable)
    if kinds.is_struct(arrow_type):
        return StructType([_from_arrow_field(field) for field in arrow_type])
    raise UnsupportedOperationException(f"The Arrow type {arrow_type} has no counterpart in Spark's types.")


def _from_arrow_field(field: pa.Field) -> StructField:
    metadata: dict[str, Any] = {}
    if field.metadata and _METADATA_KEY in field.metadata:
        metadata = json.loads(field.metadata[_METADATA_KEY])
    return StructField(field.name, _type_of(field), field.nullable, metadata)


def _type_of(field: pa.Field) -> DataType:
    """The type of a field: the user-defined one that it names if that is known here, or what is stored."""
    if field.metadata and _UDT_KEY in field.metadata:
        udt = udt_named(field.metadata[_UDT_KEY].decode())
        if udt is not None:
            return udt
    if field.metadata and _INTERVAL_KEY in field.metadata:
        return _INTERVALS[field.metadata[_INTERVAL_KEY].decode()]
    return from_arrow_type(field.type)
