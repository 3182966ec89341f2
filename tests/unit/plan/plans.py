"""Small plans for the tests of analysis and code generation."""

from __future__ import annotations

from streamcore.plan.attributes import Attribute
from streamcore.plan.logical import Relation
from streamcore.spi.types import DataType, StructType


def relation(ddl: str, first_id: int, key: str = "t", qualifier: str | None = None) -> Relation:
    """A leaf with the columns of a DDL schema, under fixed ids."""
    schema = DataType.fromDDL(ddl)
    assert isinstance(schema, StructType)
    columns = tuple(
        Attribute(f.name, f.dataType, f.nullable, first_id + at, qualifier)
        for at, f in enumerate(schema.fields)
    )
    return Relation(key, columns, source=None)
