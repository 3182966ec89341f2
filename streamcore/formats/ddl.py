"""Types in DDL with what is required, as Spark's messages and `schema_of_avro` write them."""

from __future__ import annotations

import re

from streamcore.formats.malformed import OnMalformed
from streamcore.spi.types import ArrayType, DataType, MapType, StructField, StructType


def ddl(kind: DataType) -> str:
    """A type in DDL.

    >>> ddl(StructType().add("a", "int", nullable=False).add("b", "string"))
    'STRUCT<a: INT NOT NULL, b: STRING>'
    """
    if isinstance(kind, ArrayType):
        return f"ARRAY<{ddl(kind.elementType)}>"
    if isinstance(kind, MapType):
        return f"MAP<{ddl(kind.keyType)}, {ddl(kind.valueType)}>"
    if isinstance(kind, StructType):
        return f"STRUCT<{', '.join(_field(field) for field in kind.fields)}>"
    return kind.simpleString().upper()


def _field(field: StructField) -> str:
    name = field.name if re.fullmatch(r"[A-Za-z_]\w*", field.name) else f"`{field.name.replace('`', '``')}`"
    return f"{name}: {ddl(field.dataType)}{'' if field.nullable else ' NOT NULL'}"


def result_type(kind: DataType, on_malformed: OnMalformed) -> DataType:
    """The type of what is read; only a struct of nulls for what is malformed requires nothing."""
    return as_nullable(kind) if on_malformed is OnMalformed.NULL_FIELDS else kind


def as_nullable(kind: DataType) -> DataType:
    """The type with nothing required in it."""
    if isinstance(kind, ArrayType):
        return ArrayType(as_nullable(kind.elementType), containsNull=True)
    if isinstance(kind, MapType):
        return MapType(as_nullable(kind.keyType), as_nullable(kind.valueType), valueContainsNull=True)
    if isinstance(kind, StructType):
        return StructType([StructField(f.name, as_nullable(f.dataType), nullable=True) for f in kind.fields])
    return kind
