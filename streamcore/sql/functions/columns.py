"""Columns, literals, SQL text, calls by name and the order of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.plan.expressions import parse_expression
from streamcore.sql.column import Column
from streamcore.sql.expressions import dotted
from streamcore.sql.functions.building import ColumnOrName, expression, function, literal, many

if TYPE_CHECKING:
    from streamcore.sql.dataframe import DataFrame


def col(col: str) -> Column:
    """A column by name: `a`, `t.a`, `struct.field`, `*`.

    >>> col("a")
    Column<'a'>
    """
    return Column(dotted(col))


def lit(col: Any) -> Column:
    """A literal; a Column is returned as it is.

    >>> lit("a"), lit([1, 2])
    (Column<'a'>, Column<'array(1, 2)'>)
    """
    return Column(literal(col))


column = col


def expr(str: str) -> Column:
    """A SQL expression.

    >>> expr("upper(name) AS name")
    Column<'upper(name) AS name'>
    """
    return Column(parse_expression(str))


def broadcast(df: DataFrame) -> DataFrame:
    """The DataFrame as it is: every static side of a join is in memory already."""
    return df


def call_udf(udfName: str, *cols: ColumnOrName) -> Column:
    """The call of a function that was registered by `session.udf.register`."""
    return call_function(udfName, *cols)


def call_function(funcName: str, *cols: ColumnOrName) -> Column:
    """A built-in function by its SQL name."""
    return function(funcName, *many(cols))


def asc(col: ColumnOrName) -> Column:
    """Ascending, nulls first."""
    return Column(expression(col)).asc()


def desc(col: ColumnOrName) -> Column:
    """Descending, nulls last."""
    return Column(expression(col)).desc()


def asc_nulls_first(col: ColumnOrName) -> Column:
    """Ascending, nulls first."""
    return Column(expression(col)).asc_nulls_first()


def asc_nulls_last(col: ColumnOrName) -> Column:
    """Ascending, nulls last."""
    return Column(expression(col)).asc_nulls_last()


def desc_nulls_first(col: ColumnOrName) -> Column:
    """Descending, nulls first."""
    return Column(expression(col)).desc_nulls_first()


def desc_nulls_last(col: ColumnOrName) -> Column:
    """Descending, nulls last."""
    return Column(expression(col)).desc_nulls_last()
