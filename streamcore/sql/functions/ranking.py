"""Functions over a window of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.sql.functions.building import function, value

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
    """The number of the n-th part."""
    return function("ntile", value(n))
