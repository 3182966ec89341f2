"""Choosing between values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from streamcore.sql.functions.building import ColumnOrName, expression, function, many

if TYPE_CHECKING:
    from streamcore.sql.column import Column


def coalesce(*cols: ColumnOrName | Sequence[ColumnOrName]) -> Column:
    """The first value that is not null."""
    return function("coalesce", *many(cols))


def isnan(col: ColumnOrName) -> Column:
    """Whether the value is NaN."""
    return function("isnan", expression(col))


def isnull(col: ColumnOrName) -> Column:
    """Whether the value is null."""
    return function("isnull", expression(col))


def isnotnull(col: ColumnOrName) -> Column:
    """Whether the value is not null."""
    return function("isnotnull", expression(col))


def nanvl(col1: ColumnOrName, col2: ColumnOrName) -> Column:
    """The first, or the second where the first is NaN."""
    return function("nanvl", expression(col1), expression(col2))


def ifnull(col1: ColumnOrName, col2: ColumnOrName) -> Column:
    """The first, or the second where the first is null."""
    return function("ifnull", expression(col1), expression(col2))


def nvl(col1: ColumnOrName, col2: ColumnOrName) -> Column:
    """The first, or the second where the first is null."""
    return function("nvl", expression(col1), expression(col2))


def nvl2(col1: ColumnOrName, col2: ColumnOrName, col3: ColumnOrName) -> Column:
    """The second where the first is not null, else the third."""
    return function("nvl2", expression(col1), expression(col2), expression(col3))


def nullif(col1: ColumnOrName, col2: ColumnOrName) -> Column:
    """Null where both are equal, else the first."""
    return function("nullif", expression(col1), expression(col2))


def nullifzero(col: ColumnOrName) -> Column:
    """Null for zero."""
    return function("nullifzero", expression(col))


def zeroifnull(col: ColumnOrName) -> Column:
    """Zero for null."""
    return function("zeroifnull", expression(col))


def equal_null(col1: ColumnOrName, col2: ColumnOrName) -> Column:
    """Equality that is never null."""
    return function("equal_null", expression(col1), expression(col2))


def greatest(*cols: ColumnOrName | Sequence[ColumnOrName]) -> Column:
    """The largest value, nulls left out."""
    return function("greatest", *many(cols))


def least(*cols: ColumnOrName | Sequence[ColumnOrName]) -> Column:
    """The smallest value, nulls left out."""
    return function("least", *many(cols))


def typeof(col: ColumnOrName) -> Column:
    """The type's name."""
    return function("typeof", expression(col))
