"""Functions over times of day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.sql.functions.building import ColumnOrName, expression, function, given_columns, literal

if TYPE_CHECKING:
    from streamcore.sql.column import Column


def current_time(precision: int | None = None) -> Column:
    """The time of day of the query or of the micro-batch, with so many digits after the point."""
    return function("current_time", *([] if precision is None else [literal(precision)]))


def make_time(hour: ColumnOrName, minute: ColumnOrName, second: ColumnOrName) -> Column:
    """A time of day of parts."""
    return function("make_time", expression(hour), expression(minute), expression(second))


def time_diff(unit: ColumnOrName, start: ColumnOrName, end: ColumnOrName) -> Column:
    """Whole units from one time of day to another."""
    return function("time_diff", expression(unit), expression(start), expression(end))


def time_trunc(unit: ColumnOrName, time: ColumnOrName) -> Column:
    """The time of day at which its unit began."""
    return function("time_trunc", expression(unit), expression(time))


def to_time(str: ColumnOrName, format: ColumnOrName | None = None) -> Column:
    """The time of day in a text of hours, minutes and seconds; a `format` is refused."""
    return function("to_time", *given_columns(str, format))


def try_to_time(str: ColumnOrName, format: ColumnOrName | None = None) -> Column:
    """As `to_time`; null where there is none in the text."""
    return function("try_to_time", *given_columns(str, format))
