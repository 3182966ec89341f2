"""CHAR(n) and VARCHAR(n) columns: text whose declared type stands in its field's metadata, as in Spark."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from streamcore.spi.types import (
    ArrayType,
    CharType,
    DataType,
    MapType,
    StringType,
    StructField,
    StructType,
    VarcharType,
    parse_data_type,
)

DECLARED: Final = "__CHAR_VARCHAR_TYPE_STRING"
_CHAR: Final = re.compile(r"char\((\d+)\)")


def as_text(field: StructField) -> StructField:
    """The field as it is read: a STRING that says what it was declared to be.

    >>> as_text(StructField("a", CharType(5))).metadata
    {'__CHAR_VARCHAR_TYPE_STRING': 'char(5)'}
    """
    if not isinstance(field.dataType, CharType | VarcharType):
        return field
    metadata = {**(field.metadata or {}), DECLARED: field.dataType.simpleString()}
    return StructField(field.name, StringType(), field.nullable, metadata)


def as_declared(field: StructField) -> StructField:
    """The field with the type that it was declared to have: the opposite of `as_text`.

    >>> as_declared(as_text(StructField("a", CharType(5)))).dataType
    CharType(5)
    """
    declared = (field.metadata or {}).get(DECLARED)
    if declared is None or not isinstance(field.dataType, StringType):
        return field
    metadata = {key: value for key, value in (field.metadata or {}).items() if key != DECLARED}
    return StructField(field.name, parse_data_type(str(declared)), field.nullable, metadata)


def char_length(metadata: Mapping[str, Any]) -> int | None:
    """The length to which the values of a CHAR column are padded; None for any other column.

    >>> char_length({"__CHAR_VARCHAR_TYPE_STRING": "char(5)"}), char_length({})
    (5, None)
    """
    found = _CHAR.fullmatch(str(metadata.get(DECLARED, "")))
    return None if found is None else int(found.group(1))


def has_sized_text_within(data_type: DataType) -> bool:
    """Whether an array, a map or a struct holds CHAR(n) or VARCHAR(n) at any depth."""
    if isinstance(data_type, ArrayType):
        parts = [data_type.elementType]
    elif isinstance(data_type, MapType):
        parts = [data_type.keyType, data_type.valueType]
    elif isinstance(data_type, StructType):
        parts = [field.dataType for field in data_type.fields]
    else:
        return False
    return any(isinstance(one, CharType | VarcharType) or has_sized_text_within(one) for one in parts)
