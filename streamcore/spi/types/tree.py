"""The schema as an indented tree, as `printSchema` shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.spi.types.nested import ArrayType, MapType, StructType
from streamcore.spi.types.udt import UserDefinedType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamcore.spi.types.atomic import DataType


def tree_string(schema: StructType, max_depth: int | None = None) -> str:
    """The tree of `schema`, at most `max_depth` levels deep (None or 0: all of them)."""
    return "\n".join(["root", *_fields(schema, 1, max_depth or 0)]) + "\n"


def _fields(struct: StructType, depth: int, limit: int) -> Iterator[str]:
    for field in struct.fields:
        nullable = f"(nullable = {str(field.nullable).lower()})"
        yield from _entry(field.name, field.dataType, nullable, depth, limit)


def _entry(name: str, data_type: DataType, note: str, depth: int, limit: int) -> Iterator[str]:
    if limit and depth > limit:
        return
    yield f"{' |   ' * (depth - 1)} |-- {name}: {_type_label(data_type)} {note}".rstrip()
    yield from _children(data_type, depth + 1, limit)


def _children(data_type: DataType, depth: int, limit: int) -> Iterator[str]:
    if isinstance(data_type, StructType):
        yield from _fields(data_type, depth, limit)
    elif isinstance(data_type, ArrayType):
        note = f"(containsNull = {str(data_type.containsNull).lower()})"
        yield from _entry("element", data_type.elementType, note, depth, limit)
    elif isinstance(data_type, MapType):
        note = f"(valueContainsNull = {str(data_type.valueContainsNull).lower()})"
        yield from _entry("key", data_type.keyType, "", depth, limit)
        yield from _entry("value", data_type.valueType, note, depth, limit)


def _type_label(data_type: DataType) -> str:
    if isinstance(data_type, UserDefinedType):
        return data_type.simpleString()
    described = data_type.jsonValue()
    return described if isinstance(described, str) else data_type.typeName()
