"""CAST from variants and to them."""

from __future__ import annotations

from streamcore.duck.native.calls import call_sql
from streamcore.duck.types import type_text
from streamcore.errors import AnalysisException
from streamcore.plan.translation.core import Compiled, TranslationContext
from streamcore.spi.types import (
    ArrayType,
    AtomicType,
    BinaryType,
    BooleanType,
    CharType,
    DataType,
    DateType,
    MapType,
    NullType,
    NumericType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    VariantType,
    stored_type,
)

VARIANT = VariantType()
_LEAVES = (BooleanType, NumericType, StringType, BinaryType, DateType, TimestampType, TimestampNTZType)


def cast_variant(value: Compiled, to: DataType, context: TranslationContext, *, safe: bool) -> Compiled:
    """A cast of which one side is a variant.  Raises AnalysisException for types that have no such cast."""
    if isinstance(value.type, NullType):
        return Compiled(f"CAST(NULL AS {type_text(to)})", to, nullable=True, value=None)
    if isinstance(to, VariantType):
        if value.type == to:
            return value
        if not _is_taken(value.type):
            raise _cannot(value.type, to)
        return made(value)
    require_target(to)
    return Compiled(cast_sql(value, to, context, fails=not safe), to, nullable=True)


def require_target(to: DataType) -> None:
    """Raises AnalysisException for a type to which no variant is cast."""
    if not _is_target(to):
        raise _cannot(VARIANT, to)


def _cannot(source: DataType, to: DataType) -> AnalysisException:
    return AnalysisException(
        "[DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION] Cannot cast "
        f'"{source.simpleString().upper()}" to "{to.simpleString().upper()}". SQLSTATE: 42K09'
    )


def _is_target(to: DataType) -> bool:
    if isinstance(to, ArrayType):
        return _is_target(to.elementType)
    if isinstance(to, MapType):
        return type(to.keyType) is StringType and _is_target(to.valueType)
    if isinstance(to, StructType):
        return all(_is_target(field.dataType) for field in to.fields)
    return isinstance(to, (*_LEAVES, VariantType)) and not isinstance(to, CharType)


def _is_taken(source: DataType) -> bool:
    """Whether CAST(... AS VARIANT) takes a type: structs and maps are for to_variant_object()."""
    if isinstance(source, ArrayType):
        return _is_taken(source.elementType)
    return isinstance(source, AtomicType) and isinstance(source, (*_LEAVES, VariantType))


def is_object(source: DataType) -> bool:
    """Whether to_variant_object() takes a type within its argument."""
    if isinstance(source, ArrayType):
        return is_object(source.elementType)
    if isinstance(source, MapType):
        return isinstance(source.keyType, StringType) and is_object(source.valueType)
    if isinstance(source, StructType):
        return all(is_object(field.dataType) for field in source.fields)
    return not isinstance(source, NullType) and _is_taken(source)


def made(value: Compiled) -> Compiled:
    """A value as a variant."""
    given = [(value.sql, stored_type(value.type))]
    sql = call_sql("variants.of_value", given, stored_type(VARIANT), {"kind": value.type.jsonValue()})
    is_text = isinstance(value.type, StringType)
    return Compiled(sql, VARIANT, value.nullable or is_text)


def cast_sql(value: Compiled, to: DataType, context: TranslationContext, *, fails: bool) -> str:
    """SQL of a variant as the type."""
    settings = {"kind": to.jsonValue(), "zone": context.time_zone, "fails": fails}
    return call_sql("variants.cast", [(value.sql, stored_type(VARIANT))], stored_type(to), settings)


def text_sql(sql: str, context: TranslationContext) -> str:
    """SQL of a variant's text."""
    return cast_sql(Compiled(sql, VARIANT), StringType(), context, fails=True)
