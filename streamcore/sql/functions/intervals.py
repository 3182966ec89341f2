"""Functions that make intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from streamcore.sql.functions.building import ColumnOrName, expression, function

if TYPE_CHECKING:
    from streamcore.sql.column import Column


def _parts(*given: ColumnOrName | None) -> list[exp.Expression]:
    """The parts, 0 where they are left out."""
    return [exp.Literal.number(0) if part is None else expression(part) for part in given]


def make_dt_interval(
    days: ColumnOrName | None = None,
    hours: ColumnOrName | None = None,
    mins: ColumnOrName | None = None,
    secs: ColumnOrName | None = None,
) -> Column:
    """A day-time interval of parts."""
    return function("make_dt_interval", *_parts(days, hours, mins, secs))


def make_ym_interval(years: ColumnOrName | None = None, months: ColumnOrName | None = None) -> Column:
    """A year-month interval of parts."""
    return function("make_ym_interval", *_parts(years, months))


def make_interval(
    years: ColumnOrName | None = None,
    months: ColumnOrName | None = None,
    weeks: ColumnOrName | None = None,
    days: ColumnOrName | None = None,
    hours: ColumnOrName | None = None,
    mins: ColumnOrName | None = None,
    secs: ColumnOrName | None = None,
) -> Column:
    """A calendar interval of parts: its months, days and microseconds are counted apart."""
    parts = _parts(years, months, weeks, days, hours, mins, secs)
    return function("make_interval", *parts)


def try_make_interval(
    years: ColumnOrName | None = None,
    months: ColumnOrName | None = None,
    weeks: ColumnOrName | None = None,
    days: ColumnOrName | None = None,
    hours: ColumnOrName | None = None,
    mins: ColumnOrName | None = None,
    secs: ColumnOrName | None = None,
) -> Column:
    """As `make_interval`; null where the parts are too many."""
    parts = _parts(years, months, weeks, days, hours, mins, secs)
    return function("try_make_interval", *parts)
