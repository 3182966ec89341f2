"""Functions over a window of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.plan.expressions import call
from streamcore.sql.functions.building import (
    ColumnOrName,
    expression,
    function,
    given_literals,
    ignoring_nulls,
    literal,
)

if TYPE_CHECKING:
    from streamcore.sql.column import Column


def row_number() -> Column:
    """1, 2, 3, ... within the window."""
    return function("row_number")


def rank() -> Column:
    """The rank, with gaps after ties."""
    return function("rank")


def dense_rank() -> Column:
    """The rank, without gaps."""
    return function("dense_rank")


def percent_rank() -> Column:
    """The rank between 0 and 1."""
    return function("percent_rank")


def cume_dist() -> Column:
    """The share of rows up to this one."""
    return function("cume_dist")


def ntile(n: int) -> Column:
    """The number of the part, when the window is cut into `n` parts."""
    return function("ntile", literal(n))


def lag(col: ColumnOrName, offset: int = 1, default: Any = None) -> Column:
    """The value `offset` rows before, or the default."""
    return function("lag", expression(col), literal(offset), *given_literals(default))


def lead(col: ColumnOrName, offset: int = 1, default: Any = None) -> Column:
    """The value `offset` rows after, or the default."""
    return function("lead", expression(col), literal(offset), *given_literals(default))


def nth_value(col: ColumnOrName, offset: int, ignoreNulls: bool | None = False) -> Column:
    """The value of the n-th row of the frame."""
    return ignoring_nulls(call("nth_value", expression(col), literal(offset)), ignoreNulls)
