"""Schemas from Spark's JSON form."""

from __future__ import annotations

import json
import re
from typing import Any

from streamcore.errors import IllegalArgumentException
from streamcore.spi.types.atomic import (
    BinaryType,
    BooleanType,
    ByteType,
    CalendarIntervalType,
    DataType,
    DateType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    NullType,
    ShortType,
    StringType,
    TimestampNTZType,
    TimestampType,
)
from streamcore.spi.types.nested import ArrayType, MapType, StructType
from streamcore.spi.types.udt import udt_from_json
from streamcore.spi.types.variant import VariantType

_PLAIN: dict[str, type[DataType]] = {
    type_.typeName(): type_
    for type_ in (
        NullType, StringType, BinaryType, BooleanType, DateType, TimestampType, TimestampNTZType,
        ByteType, ShortType, IntegerType, LongType, FloatType, DoubleType,
        CalendarIntervalType, VariantType,
    )
}  # fmt: skip
_PARAMETRIC = re.compile(r"(decimal|char|varchar|time)\(|interval ")


def schema_from_json(text: str) -> StructType:
    """The schema that `StructType.json()` wrote; raises IllegalArgumentException for anything else."""
    try:
        found = type_from_json(json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise IllegalArgumentException(f"Not a schema in Spark's JSON form: {text[:200]!r}.") from error
    if not isinstance(found, StructType):
        raise IllegalArgumentException(f"A table's schema must be a struct, not {found.simpleString()}.")
    return found


def type_from_json(value: str | dict[str, Any]) -> DataType:
    """The type that a `jsonValue()` describes."""
    if isinstance(value, str):
        return _atomic(value)
    kind = value.get("type")
    if kind == "array":
        return ArrayType.fromJson(value)
    if kind == "map":
        return MapType.fromJson(value)
    if kind == "struct":
        return StructType.fromJson(value)
    if kind == "udt":
        return udt_from_json(value)
    raise IllegalArgumentException(f"Unknown data type {kind!r} in a JSON schema.")


def _atomic(name: str) -> DataType:
    if name in _PLAIN:
        return _PLAIN[name]()
    if name in ("null", "decimal") or _PARAMETRIC.match(name):
        from streamcore.spi.types.ddl import parse_data_type

        return NullType() if name == "null" else parse_data_type(name)
    raise IllegalArgumentException(f"Unknown data type {name!r} in a JSON schema.")
