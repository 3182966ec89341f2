"""Choosing between values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from streamcore.errors import AnalysisException, IllegalArgumentException
from streamcore.sql.column import Column
from streamcore.sql.functions.building import (
    ColumnOrName,
    expression,
    function,
    given_literals,
    literal,
    many,
)


def coalesce(*cols: ColumnOrName | Sequence[ColumnOrName]) -> Column:
    """The first value that is not null."""
    return function("coalesce", *many(cols))


def isnan(col: ColumnOrName) -> Column:
    """Whether the value is NaN; false for null."""
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
    """Equality that is never null: two nulls are equal."""
    return function("equal_null", expression(col1), expression(col2))


def typeof(col: ColumnOrName) -> Column:
    """The type's name."""
    return function("typeof", expression(col))


def assert_true(col: ColumnOrName, errMsg: Any = None) -> Column:
    """Null where the condition holds; an error, with the message, where not."""
    return function("assert_true", expression(col), *given_literals(errMsg))


def raise_error(errMsg: Any) -> Column:
    """An error with the message."""
    return function("raise_error", literal(errMsg))


def when(condition: Column, value: Any) -> Column:
    """The first branch of a CASE; go on with `.when(...)` and `.otherwise(...)`.

    >>> when(Column(expression("a")) > 1, "big").otherwise("small")
    Column<'CASE WHEN (a > 1) THEN big ELSE small END'>
    """
    if not isinstance(condition, Column):
        raise AnalysisException(
            f"[NOT_COLUMN] Argument `condition` should be a Column, got {type(condition).__name__}."
        )
    return Column(exp.Case(ifs=[exp.If(this=condition.expression, true=literal(value))]))


def greatest(*cols: ColumnOrName | Sequence[ColumnOrName]) -> Column:
    """The largest of two or more values, nulls left out."""
    return _of_several("greatest", cols)


def least(*cols: ColumnOrName | Sequence[ColumnOrName]) -> Column:
    """The smallest of two or more values, nulls left out."""
    return _of_several("least", cols)


def _of_several(name: str, cols: Sequence[Any]) -> Column:
    arguments = many(cols)
    if len(arguments) < 2:
        raise IllegalArgumentException(
            f"[WRONG_NUM_COLUMNS] Function `{name}` should take at least 2 columns."
        )
    return function(name, *arguments)
