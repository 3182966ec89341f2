"""Functions over JSON text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from streamcore.plan.expressions import call
from streamcore.spi.types import DataType
from streamcore.sql.column import Column
from streamcore.sql.functions.building import ColumnOrName, expression, function, literal

if TYPE_CHECKING:
    from sqlglot import exp


def get_json_object(col: ColumnOrName, path: str) -> Column:
    """The value at a JSON path, as text."""
    return function("get_json_object", expression(col), literal(path))


def json_array_length(col: ColumnOrName) -> Column:
    """The number of elements of a JSON array."""
    return function("json_array_length", expression(col))


def json_object_keys(col: ColumnOrName) -> Column:
    """The keys of a JSON object."""
    return function("json_object_keys", expression(col))


def from_json(
    col: ColumnOrName, schema: DataType | Column | str, options: Mapping[str, str] | None = None
) -> Column:
    """JSON text as a struct, array or map of the schema (a type, or DDL text).

    Malformed text gives null (mode PERMISSIVE), or an error (option mode=FAILFAST).
    """
    shape = schema.expression if isinstance(schema, Column) else literal(_schema_text(schema))
    return function("from_json", expression(col), shape, *_options(options))


def _schema_text(schema: DataType | str) -> str:
    return schema if isinstance(schema, str) else schema.json()


def to_json(col: ColumnOrName, options: Mapping[str, str] | None = None) -> Column:
    """A struct, array or map as JSON text, as the JSON file format writes it and with its options.

    Times have milliseconds, and instants the offset of the session's zone.
    """
    return function("to_json", expression(col), *_options(options))


def _options(options: Mapping[str, str] | None) -> list[exp.Expression]:
    if not options:
        return []
    return [call("map", *(literal(str(part)) for pair in options.items() for part in pair))]
