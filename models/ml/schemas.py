"""What estimators and transformers ask of a dataset's columns, in Spark's words."""

from __future__ import annotations

from collections.abc import Sequence

from streamcore.errors import IllegalArgumentException
from streamcore.models.ml.linalg import VectorUDT
from streamcore.spi.types import DataType, NumericType, StructField, StructType

_VECTOR_CLASS = "org.apache.spark.ml.linalg.VectorUDT"


def field_of(schema: StructType, name: str) -> StructField:
    """The field of a name.

    >>> field_of(StructType().add("a", "int"), "b")
    Traceback (most recent call last):
    ...
    streamcore.errors.IllegalArgumentException: [FIELD_NOT_FOUND] No such struct field `b` in `a`. ...
    """
    for field in schema.fields:
        if field.name == name:
            return field
    names = ", ".join(f"`{known}`" for known in schema.names)
    raise IllegalArgumentException(
        f"[FIELD_NOT_FOUND] No such struct field `{name}` in {names}. SQLSTATE: 42704"
    )


def require_vector(schema: StructType, name: str) -> None:
    """A column of vectors."""
    require_type(schema, name, VectorUDT())


def require_type(schema: StructType, name: str, *allowed: DataType) -> None:
    """A column of one of these types."""
    found = field_of(schema, name).dataType
    if found in allowed:
        return
    if len(allowed) == 1:
        expected, actual = _described(allowed[0]), _described(found)
        raise IllegalArgumentException(
            f"requirement failed: Column {name} must be of type {expected} but was actually {actual}."
        )
    listed = ", ".join(kind.simpleString() for kind in allowed)
    raise IllegalArgumentException(
        f"requirement failed: Column {name} must be of type equal to one of the following types: [{listed}] "
        f"but was actually of type {found.simpleString()}."
    )


def require_numeric(schema: StructType, name: str) -> None:
    """A column of numbers."""
    found = field_of(schema, name).dataType
    if not isinstance(found, NumericType):
        raise IllegalArgumentException(
            f"requirement failed: Column {name} must be of type numeric but was actually of type "
            f"{found.simpleString()}."
        )


def require_new(schema: StructType, names: Sequence[str]) -> None:
    """No column has one of these names yet."""
    for name in names:
        if name in schema.names:
            raise IllegalArgumentException(f"requirement failed: Output column {name} already exists.")


def _described(kind: DataType) -> str:
    if isinstance(kind, VectorUDT):
        return f"class {_VECTOR_CLASS}:{kind.sqlType().simpleString()}"
    return f"class org.apache.spark.sql.types.{type(kind).__name__}$:{kind.simpleString()}"
