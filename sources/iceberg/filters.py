"""The engine's filters as Iceberg's, to leave files out: never one that a row of the answer would fail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from streamcore.iceberg.conditions import condition
from streamcore.spi import filters as f
from streamcore.spi.datasource import Filter

if TYPE_CHECKING:
    from pyiceberg.expressions import BooleanExpression
    from pyiceberg.schema import Schema

_COMPARED: Final = (f.EqualTo, f.GreaterThan, f.GreaterThanOrEqual, f.LessThan, f.LessThanOrEqual)


def expression(filters: Iterable[Filter], schema: Schema) -> BooleanExpression:
    """All filters that Iceberg can tell from metrics and partitions; the others hold for every file."""
    from pyiceberg.expressions import AlwaysTrue, And

    found = [made for one in filters if (made := _made(one, schema)) is not None]
    result: BooleanExpression = AlwaysTrue()
    for made in found:
        result = made if isinstance(result, AlwaysTrue) else And(result, made)
    return result


def _made(one: Filter, schema: Schema) -> BooleanExpression | None:
    path = getattr(one, "attribute", None)
    kind = _kind(path, schema)
    if path is None or kind is None:
        return None
    name = path[0]
    if isinstance(one, f.IsNull):
        return condition("IsNull", name)
    if isinstance(one, f.IsNotNull):
        return condition("NotNull", name)
    if isinstance(one, f.In):
        values = [value for value in one.value if value is not None]
        return (
            condition("In", name, values)
            if values and all(_is_exact(value, kind) for value in values)
            else None
        )
    if isinstance(one, f.StringStartsWith) and kind == "string":
        return condition("StartsWith", name, one.value)
    if isinstance(one, _COMPARED) and _is_exact(one.value, kind):
        return condition(type(one).__name__, name, one.value)
    return None


def _kind(path: tuple[str, ...] | None, schema: Schema) -> str | None:
    """The type of a top-level column; None where files cannot be told apart by it.

    Floating columns are among those: NaN, which compares as the largest, lies outside of a file's bounds.
    """
    if path is None or len(path) != 1:
        return None
    field = next((field for field in schema.fields if field.name == path[0]), None)
    return None if field is None or not field.field_type.is_primitive else str(field.field_type)


def _is_exact(value: Any, kind: str) -> bool:
    """Whether a value of Python is one of a column's type, without conversion."""
    if kind in ("int", "long"):
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "date":
        return isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    if kind == "string":
        return isinstance(value, str)
    if kind == "timestamptz":
        return isinstance(value, dt.datetime) and value.tzinfo is not None
    if kind == "timestamp":
        return isinstance(value, dt.datetime) and value.tzinfo is None
    return kind.startswith("decimal") and isinstance(value, Decimal)
