"""Functions over dates and timestamps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from streamcore.errors import IllegalArgumentException
from streamcore.sql.functions.building import (
    ColumnOrName,
    expression,
    function,
    given_columns,
    given_literals,
    literal,
    operand,
)

if TYPE_CHECKING:
    from streamcore.sql.column import Column


def current_date() -> Column:
    """The date of the query or of the micro-batch."""
    return function("current_date")


def curdate() -> Column:
    """The date of the query or of the micro-batch."""
    return function("curdate")


def current_timestamp() -> Column:
    """The time of the query or of the micro-batch."""
    return function("current_timestamp")


def now() -> Column:
    """The time of the query or of the micro-batch."""
    return function("now")


def localtimestamp() -> Column:
    """The time of the query or of the micro-batch, without a zone."""
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
    """The second, without a fraction."""
    return function("second", expression(col))


def dayname(col: ColumnOrName) -> Column:
    """The abbreviated name of the day."""
    return function("dayname", expression(col))


def monthname(col: ColumnOrName) -> Column:
    """The abbreviated name of the month."""
    return function("monthname", expression(col))


def last_day(date: ColumnOrName) -> Column:
    """The last day of the month."""
    return function("last_day", expression(date))


def datediff(end: ColumnOrName, start: ColumnOrName) -> Column:
    """Days from `start` to `end`."""
    return function("datediff", expression(end), expression(start))


def date_diff(end: ColumnOrName, start: ColumnOrName) -> Column:
    """Days from `start` to `end`."""
    return function("date_diff", expression(end), expression(start))


def date_add(start: ColumnOrName, days: ColumnOrName | int) -> Column:
    """Days later."""
    return function("date_add", expression(start), operand(days))


def dateadd(start: ColumnOrName, days: ColumnOrName | int) -> Column:
    """Days later."""
    return function("dateadd", expression(start), operand(days))


def date_sub(start: ColumnOrName, days: ColumnOrName | int) -> Column:
    """Days earlier."""
    return function("date_sub", expression(start), operand(days))


def add_months(start: ColumnOrName, months: ColumnOrName | int) -> Column:
    """Months later; the day is cut to the month's last."""
    return function("add_months", expression(start), operand(months))


def months_between(date1: ColumnOrName, date2: ColumnOrName, roundOff: bool = True) -> Column:
    """Months from `date2` to `date1`, with a fraction (of 8 digits with `roundOff`)."""
    return function("months_between", expression(date1), expression(date2), literal(roundOff))


def next_day(date: ColumnOrName, dayOfWeek: str) -> Column:
    """The first such weekday after the date."""
    return function("next_day", expression(date), literal(dayOfWeek))


def make_date(year: ColumnOrName, month: ColumnOrName, day: ColumnOrName) -> Column:
    """A date of parts."""
    return function("make_date", expression(year), expression(month), expression(day))


def make_timestamp_ltz(
    years: ColumnOrName,
    months: ColumnOrName,
    days: ColumnOrName,
    hours: ColumnOrName,
    mins: ColumnOrName,
    secs: ColumnOrName,
    timezone: ColumnOrName | None = None,
) -> Column:
    """A timestamp of parts, in the session's zone or the given one."""
    return function(
        "make_timestamp_ltz",
        expression(years),
        expression(months),
        expression(days),
        expression(hours),
        expression(mins),
        expression(secs),
        *given_columns(timezone),
    )


def try_make_timestamp_ltz(
    years: ColumnOrName,
    months: ColumnOrName,
    days: ColumnOrName,
    hours: ColumnOrName,
    mins: ColumnOrName,
    secs: ColumnOrName,
    timezone: ColumnOrName | None = None,
) -> Column:
    """As `make_timestamp_ltz`; null where the parts are none."""
    return function(
        "try_make_timestamp_ltz",
        expression(years),
        expression(months),
        expression(days),
        expression(hours),
        expression(mins),
        expression(secs),
        *given_columns(timezone),
    )


def date_part(field: ColumnOrName, source: ColumnOrName) -> Column:
    """A part of a date or timestamp, by its name."""
    return function("date_part", expression(field), expression(source))


def datepart(field: ColumnOrName, source: ColumnOrName) -> Column:
    """A part of a date or timestamp, by its name."""
    return function("datepart", expression(field), expression(source))


def extract(field: ColumnOrName, source: ColumnOrName) -> Column:
    """A part of a date or timestamp, by its name."""
    return function("extract", expression(field), expression(source))


def timestamp_seconds(col: ColumnOrName) -> Column:
    """The timestamp that many seconds after 1970."""
    return function("timestamp_seconds", expression(col))


def timestamp_millis(col: ColumnOrName) -> Column:
    """The timestamp that many milliseconds after 1970."""
    return function("timestamp_millis", expression(col))


def timestamp_micros(col: ColumnOrName) -> Column:
    """The timestamp that many microseconds after 1970."""
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
    return function("date_format", expression(date), literal(format))


def from_unixtime(timestamp: ColumnOrName, format: str = "yyyy-MM-dd HH:mm:ss") -> Column:
    """Seconds since 1970 as text, in the session's zone."""
    return function("from_unixtime", expression(timestamp), literal(format))


def to_unix_timestamp(timestamp: ColumnOrName, format: ColumnOrName | None = None) -> Column:
    """Text, a date or a timestamp as seconds since 1970."""
    return function("to_unix_timestamp", expression(timestamp), *given_columns(format))


def to_date(col: ColumnOrName, format: str | None = None) -> Column:
    """Text as a date, by a pattern when given."""
    return function("to_date", expression(col), *given_literals(format))


def try_to_date(col: ColumnOrName, format: str | None = None) -> Column:
    """As `to_date`; null where that fails."""
    return function("try_to_date", expression(col), *given_literals(format))


def to_timestamp(col: ColumnOrName, format: str | None = None) -> Column:
    """Text as a timestamp, by a pattern when given."""
    return function("to_timestamp", expression(col), *given_literals(format))


def try_to_timestamp(col: ColumnOrName, format: ColumnOrName | None = None) -> Column:
    """As `to_timestamp`; null where that fails."""
    return function("try_to_timestamp", expression(col), *given_columns(format))


def to_timestamp_ltz(timestamp: ColumnOrName, format: ColumnOrName | None = None) -> Column:
    """Text as a timestamp, by a pattern when given."""
    return function("to_timestamp_ltz", expression(timestamp), *given_columns(format))


def to_timestamp_ntz(timestamp: ColumnOrName, format: ColumnOrName | None = None) -> Column:
    """Text as a timestamp without a zone, by a pattern when given."""
    return function("to_timestamp_ntz", expression(timestamp), *given_columns(format))


def trunc(date: ColumnOrName, format: str) -> Column:
    """The first day of the year, quarter, month or week."""
    return function("trunc", expression(date), literal(format))


def date_trunc(format: str, timestamp: ColumnOrName) -> Column:
    """The timestamp cut to a unit."""
    return function("date_trunc", literal(format), expression(timestamp))


def timestamp_add(unit: str, quantity: ColumnOrName, ts: ColumnOrName) -> Column:
    """The timestamp some units later."""
    return function("timestampadd", exp.var(unit), expression(quantity), expression(ts))


def timestamp_diff(unit: str, start: ColumnOrName, end: ColumnOrName) -> Column:
    """Whole units from `start` to `end`."""
    return function("timestampdiff", exp.var(unit), expression(start), expression(end))


def from_utc_timestamp(timestamp: ColumnOrName, tz: Any) -> Column:
    """A time in UTC as the clock of a zone shows it."""
    return function("from_utc_timestamp", expression(timestamp), literal(tz))


def to_utc_timestamp(timestamp: ColumnOrName, tz: Any) -> Column:
    """The time of a zone's clock in UTC."""
    return function("to_utc_timestamp", expression(timestamp), literal(tz))


def convert_timezone(sourceTz: ColumnOrName | None, targetTz: ColumnOrName, sourceTs: ColumnOrName) -> Column:
    """The clock's time in another zone, as a timestamp without a zone."""
    return function("convert_timezone", *given_columns(sourceTz), expression(targetTz), expression(sourceTs))


def window_time(windowColumn: ColumnOrName) -> Column:
    """The event time of a window: its end less one microsecond."""
    return function("window_time", expression(windowColumn))


def session_window(timeColumn: ColumnOrName, gapDuration: Column | str) -> Column:
    """Windows that end after a gap without rows, as a struct of `start` (included) and `end` (not included).

    In `groupBy` rows of equal other keys share a session as long as each comes within the gap of the one
    before.  `gapDuration` is a text such as "5 minutes", or a column of such texts; a row whose gap is not
    above zero belongs to no session.

    >>> session_window("ts", "5 minutes")
    Column<'session_window(ts, 5 minutes) AS session_window'>
    """
    gap = literal(gapDuration) if isinstance(gapDuration, str) else expression(gapDuration)
    return function("session_window", expression(timeColumn), gap).alias("session_window")


def unix_timestamp(timestamp: ColumnOrName | None = None, format: str = "yyyy-MM-dd HH:mm:ss") -> Column:
    """Seconds since 1970 of text, a date or a timestamp; of now without an argument."""
    if timestamp is None:
        return function("unix_timestamp")
    return function("unix_timestamp", expression(timestamp), literal(format))


def make_timestamp(
    years: ColumnOrName | None = None,
    months: ColumnOrName | None = None,
    days: ColumnOrName | None = None,
    hours: ColumnOrName | None = None,
    mins: ColumnOrName | None = None,
    secs: ColumnOrName | None = None,
    timezone: ColumnOrName | None = None,
    date: ColumnOrName | None = None,
    time: ColumnOrName | None = None,
) -> Column:
    """A timestamp of parts, in the session's zone or the given one."""
    return _of_day_or_parts(
        "make_timestamp", (date, time), (years, months, days, hours, mins, secs), timezone
    )


def try_make_timestamp(
    years: ColumnOrName | None = None,
    months: ColumnOrName | None = None,
    days: ColumnOrName | None = None,
    hours: ColumnOrName | None = None,
    mins: ColumnOrName | None = None,
    secs: ColumnOrName | None = None,
    timezone: ColumnOrName | None = None,
    date: ColumnOrName | None = None,
    time: ColumnOrName | None = None,
) -> Column:
    """As `make_timestamp`; null where the parts are none."""
    return _of_day_or_parts(
        "try_make_timestamp", (date, time), (years, months, days, hours, mins, secs), timezone
    )


def make_timestamp_ntz(
    years: ColumnOrName | None = None,
    months: ColumnOrName | None = None,
    days: ColumnOrName | None = None,
    hours: ColumnOrName | None = None,
    mins: ColumnOrName | None = None,
    secs: ColumnOrName | None = None,
    date: ColumnOrName | None = None,
    time: ColumnOrName | None = None,
) -> Column:
    """A timestamp without a zone, of parts."""
    return _of_day_or_parts("make_timestamp_ntz", (date, time), (years, months, days, hours, mins, secs))


def try_make_timestamp_ntz(
    years: ColumnOrName | None = None,
    months: ColumnOrName | None = None,
    days: ColumnOrName | None = None,
    hours: ColumnOrName | None = None,
    mins: ColumnOrName | None = None,
    secs: ColumnOrName | None = None,
    date: ColumnOrName | None = None,
    time: ColumnOrName | None = None,
) -> Column:
    """As `make_timestamp_ntz`; null where the parts are none."""
    return _of_day_or_parts("try_make_timestamp_ntz", (date, time), (years, months, days, hours, mins, secs))


def _of_day_or_parts(
    name: str,
    day: tuple[ColumnOrName | None, ColumnOrName | None],
    parts: tuple[ColumnOrName | None, ...],
    timezone: ColumnOrName | None = None,
) -> Column:
    """A timestamp of a date and a time, or of six parts."""
    if all(part is None for part in day):
        return function(name, *given_columns(*parts, timezone))
    if any(part is not None for part in parts):
        raise IllegalArgumentException(
            "[CANNOT_SET_TOGETHER] years|months|days|hours|mins|secs and date|time should not be set "
            "together."
        )
    return function(name, *given_columns(*day, timezone))


def window(
    timeColumn: ColumnOrName,
    windowDuration: str,
    slideDuration: str | None = None,
    startTime: str | None = None,
) -> Column:
    """Windows of event time, as a struct of `start` (included) and `end` (not included).

    Tumbling without `slideDuration`; with it, a row falls into every window that covers its time.
    `startTime` shifts the windows from 1970-01-01 00:00 UTC.

    >>> window("ts", "10 minutes", "5 minutes")
    Column<'window(ts, 10 minutes, 5 minutes) AS window'>
    """
    slide = windowDuration if slideDuration is None and startTime is not None else slideDuration
    arguments = [expression(timeColumn), literal(windowDuration), *given_literals(slide, startTime)]
    return function("window", *arguments).alias("window")
