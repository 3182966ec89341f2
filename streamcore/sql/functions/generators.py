"""Functions that make rows of a value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from streamcore.errors import IllegalArgumentException
from streamcore.sql.functions.building import ColumnOrName, expression, function, literal, many

if TYPE_CHECKING:
    from streamcore.sql.column import Column


def explode(col: ColumnOrName) -> Column:
    """One row per element of an array, or entry of a map."""
    return function("explode", expression(col))


def explode_outer(col: ColumnOrName) -> Column:
    """One row per element; one with null where there is none."""
    return function("explode_outer", expression(col))


def posexplode(col: ColumnOrName) -> Column:
    """One row per element, with its place."""
    return function("posexplode", expression(col))


def posexplode_outer(col: ColumnOrName) -> Column:
    """One row per element, with its place; one with nulls where there is none."""
    return function("posexplode_outer", expression(col))


def inline(col: ColumnOrName) -> Column:
    """One row per struct of an array."""
    return function("inline", expression(col))


def inline_outer(col: ColumnOrName) -> Column:
    """One row per struct of an array; one with nulls where there is none."""
    return function("inline_outer", expression(col))


def stack(*cols: ColumnOrName | Sequence[ColumnOrName]) -> Column:
    """The values behind the first argument, cut into that many rows."""
    return function("stack", *many(cols))


def json_tuple(col: ColumnOrName, *fields: str) -> Column:
    """A column for each of these fields of a JSON object."""
    if not fields:
        raise IllegalArgumentException("[CANNOT_BE_EMPTY] At least one field must be specified.")
    return function("json_tuple", expression(col), *map(literal, fields))
