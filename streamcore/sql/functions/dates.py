"""Functions over dates and timestamps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamcore.sql.functions.building import ColumnOrName, expression, function, value

if TYPE_CHECKING:
    from streamcore.sql.column import Column


def current_date() -> Column:
    """The date of the query or of the micro-batch."""
    return function("current_date")


def current_timestamp() -> Column:
    """The time of the query or of the micro-batch."""
    return function("current_timestamp")


def now() -> Column:
    """The time of the query or of the micro-batch."""
    return function("now")


def localtimestamp() -> Column:
    """The time without a zone."""
    return function("localtimestamp")


def current_timezone() -> Column:
    """The session's time zone."""
    return function("current_timezone")


def year(col: ColumnOrName) -> Column:
    """The year."""
    return function("year", expression(col))


def quarter(col: ColumnOrName) -> Column:
    """The quarter."""
    return function("quarter", expression(col))


def month(col: ColumnOrName) -> Column:
    """The month."""
    return function("month", expression(col))


def day(col: ColumnOrName) -> Column:
    """The day of the month."""
    return function("day", expression(col))


def dayofmonth(col: ColumnOrName) -> Column:
    """The day of the month."""
    return function("dayofmonth", expression(col))


def dayofweek(col: ColumnOrName) -> Column:
    """The day of the week, 1 for Sunday."""
    return function("dayofweek", expression(col))


def dayofyear(col: ColumnOrName) -> Column:
    """The day of the year."""
    return function("dayofyear", expression(col))


def weekday(col: ColumnOrName) -> Column:
    """The day of the week, 0 for Monday."""
    return function("weekday", expression(col))


def weekofyear(col: ColumnOrName) -> Column:
    """The ISO week."""
    return function("weekofyear", expression(col))


def hour(col: ColumnOrName) -> Column:
    """The hour."""
    return function("hour", expression(col))


def minute(col: ColumnOrName) -> Column:
    """The minute."""
    return function("minute", expression(col))


def second(col: ColumnOrName) -> Column:
    """The second."""
    return function("second", expression(col))


def dayname(col: ColumnOrName) -> Column:
    """The abbreviated name of the day."""
    return function("dayname", expression(col))


def monthname(col: ColumnOrName) -> Column:
    """The abbreviated name of the month."""
    return function("monthname", expression(col))


def last_day(col: ColumnOrName) -> Column:
    """The last day of the month."""
    return function("last_day", expression(col))


def datediff(end: ColumnOrName, start: ColumnOrName) -> Column:
    """Days from `start` to `end`."""
    return function("datediff", expression(end), expression(start))


def date_diff(end: ColumnOrName, start: ColumnOrName) -> Column:
    """Days from `start` to `end`."""
    return function("date_diff", expression(end), expression(start))


def date_add(start: ColumnOrName, days: Any) -> Column:
    """Days later."""
    return function("date_add", expression(start), value(days))


def dateadd(start: ColumnOrName, days: Any) -> Column:
    """Days later."""
    return function("dateadd", expression(start), value(days))


def date_sub(start: ColumnOrName, days: Any) -> Column:
    """Days earlier."""
    return function("date_sub", expression(start), value(days))


def add_months(start: ColumnOrName, months: Any) -> Column:
    """Months later."""
    return function("add_months", expression(start), value(months))


def next_day(col: ColumnOrName, dayOfWeek: str) -> Column:
    """The next such weekday."""
    return function("next_day", expression(col), value(dayOfWeek))


def make_date(year: ColumnOrName, month: ColumnOrName, day: ColumnOrName) -> Column:
    """A date of parts."""
    return function("make_date", expression(year), expression(month), expression(day))


def timestamp_seconds(col: ColumnOrName) -> Column:
    """Seconds since 1970 as a timestamp."""
    return function("timestamp_seconds", expression(col))


def timestamp_millis(col: ColumnOrName) -> Column:
    """Milliseconds since 1970 as a timestamp."""
    return function("timestamp_millis", expression(col))


def timestamp_micros(col: ColumnOrName) -> Column:
    """Microseconds since 1970 as a timestamp."""
    return function("timestamp_micros", expression(col))


def unix_seconds(col: ColumnOrName) -> Column:
    """Seconds since 1970."""
    return function("unix_seconds", expression(col))


def unix_millis(col: ColumnOrName) -> Column:
    """Milliseconds since 1970."""
    return function("unix_millis", expression(col))


def unix_micros(col: ColumnOrName) -> Column:
    """Microseconds since 1970."""
    return function("unix_micros", expression(col))


def unix_date(col: ColumnOrName) -> Column:
    """Days since 1970-01-01."""
    return function("unix_date", expression(col))


def date_from_unix_date(days: ColumnOrName) -> Column:
    """The date that many days after 1970-01-01."""
    return function("date_from_unix_date", expression(days))


def date_format(date: ColumnOrName, format: str) -> Column:
    """Text by a pattern such as `yyyy-MM-dd`."""
    return function("date_format", expression(date), value(format))


def trunc(date: ColumnOrName, format: str) -> Column:
    """The first day of the year, quarter, month or week."""
    return function("trunc", expression(date), value(format))


def date_trunc(format: str, timestamp: ColumnOrName) -> Column:
    """The timestamp cut to a unit."""
    return function("date_trunc", value(format), expression(timestamp))


def from_utc_timestamp(timestamp: ColumnOrName, tz: Any) -> Column:
    """UTC read as a time of a zone."""
    return function("from_utc_timestamp", expression(timestamp), value(tz))


def to_utc_timestamp(timestamp: ColumnOrName, tz: Any) -> Column:
    """The time of a zone as UTC."""
    return function("to_utc_timestamp", expression(timestamp), value(tz))


def window_time(windowColumn: ColumnOrName) -> Column:
    """The event time of a window: its end less one microsecond."""
    return function("window_time", expression(windowColumn))
