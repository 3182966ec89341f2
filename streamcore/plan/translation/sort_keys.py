"""Values as keys that the engine sorts as Spark sorts the values.

Spark takes a null inside an array or a struct for the least value, DuckDB for the greatest; and a column of
doubles by which DuckDB sorts comes out with 0.0 where it had -0.0.
"""

from __future__ import annotations

from streamcore.duck.quoting import identifier, string
from streamcore.errors import AnalysisException
from streamcore.plan.translation.core import Compiled
from streamcore.spi.types import (
    ArrayType,
    DataType,
    DoubleType,
    FloatType,
    MapType,
    StructType,
    VariantType,
)


def sort_key(value: Compiled) -> str:
    """SQL of what ORDER BY names for the value; raises AnalysisException for maps, which are in no order."""
    if isinstance(value.type, (DoubleType, FloatType)):
        return f"({value.sql} + 0)"
    return nested_key(value)


def nested_key(value: Compiled) -> str:
    """SQL that compares as the value does, for arrays and structs with nulls inside; others as they are."""
    require_order(value.type)
    return _key(value.sql, value.type, depth=0)


def require_order(data_type: DataType) -> None:
    """Raises AnalysisException for values that are in no order."""
    if _holds_map(data_type):
        raise AnalysisException(
            "[DATATYPE_MISMATCH.INVALID_ORDERING_TYPE] Cannot sort or compare values of the type "
            f'"{data_type.simpleString().upper()}": maps and variants are in no order. SQLSTATE: 42K09'
        )


def _holds_map(data_type: DataType) -> bool:
    if isinstance(data_type, ArrayType):
        return _holds_map(data_type.elementType)
    if isinstance(data_type, StructType):
        return any(_holds_map(field.dataType) for field in data_type.fields)
    return isinstance(data_type, (MapType, VariantType))


def _key(sql: str, data_type: DataType, depth: int) -> str:
    if isinstance(data_type, ArrayType):
        item = f"k{depth}"
        inner = _key(item, data_type.elementType, depth + 1)
        if data_type.containsNull:
            inner = f"struct_pack(known := {item} IS NOT NULL, k := {inner})"
        return sql if inner == item else f"list_transform({sql}, lambda {item}: {inner})"
    if isinstance(data_type, StructType):
        return _key_of_struct(sql, data_type, depth)
    return sql


def _key_of_struct(sql: str, data_type: StructType, depth: int) -> str:
    parts, is_plain = [], True
    for at, field in enumerate(data_type.fields):
        taken = f"({sql})[{string(field.name)}]"
        inner = _key(taken, field.dataType, depth)
        is_plain = is_plain and inner == taken and not field.nullable
        known = f"{identifier(f'known{at}')} := {taken} IS NOT NULL, " if field.nullable else ""
        parts.append(f"{known}{identifier(f'k{at}')} := {inner}")
    return sql if is_plain else f"CASE WHEN {sql} IS NOT NULL THEN struct_pack({', '.join(parts)}) END"
