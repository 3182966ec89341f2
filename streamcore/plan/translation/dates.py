"""Dates and timestamps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from streamcore.duck.errors import raise_sql
from streamcore.duck.once import let
from streamcore.duck.quoting import string
from streamcore.duck.zones import first_instant, to_instant, to_local
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import (
    DATE,
    DOUBLE,
    INT,
    LONG,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    is_string,
)
from streamcore.plan.translation.core import (
    Call,
    Compiled,
    function,
)
from streamcore.plan.translation.date_parts import local_time
from streamcore.plan.translation.simple import simple
from streamcore.plan.translation.time_patterns import parsed, parsed_local, written
from streamcore.spi.types import DataType

simple("date_add dateadd", "Di", DATE, "({0} + {1})", shown="date_add({args})")
simple("date_sub", "Di", DATE, "({0} - {1})")
simple("date_diff datediff", "DD", INT, "CAST({0} - {1} AS INTEGER)")
simple("last_day", "D", DATE, "last_day({0})")
simple("add_months", "Di", DATE, "CAST({0} + to_months({1}) AS DATE)")
simple("date_from_unix_date", "i", DATE, "(DATE '1970-01-01' + {0})")
simple("unix_date", "D", INT, "CAST({0} - DATE '1970-01-01' AS INTEGER)")
simple("timestamp_seconds", "d", TIMESTAMP, "make_timestamptz(CAST(trunc({0} * 1e6) AS BIGINT))")
simple("timestamp_millis", "l", TIMESTAMP, "make_timestamptz({0} * 1000)")
simple("timestamp_micros", "l", TIMESTAMP, "make_timestamptz({0})")
simple("unix_seconds", "T", LONG, "CAST(floor(epoch_us({0}) / 1e6) AS BIGINT)")
simple("unix_millis", "T", LONG, "CAST(floor(epoch_us({0}) / 1e3) AS BIGINT)")
simple("unix_micros", "T", LONG, "epoch_us({0})")


@function("dayname", "monthname")
def _named(call: Call) -> Compiled:
    call.expect(1)
    value = call.arg(0)
    code = "%a" if call.name == "dayname" else "%b"
    return Compiled(f"strftime({local_time(value, call.context)}, '{code}')", STRING, value.nullable)


def _literal_time(value: dt.datetime) -> str:
    since_epoch = value - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return f"make_timestamptz({since_epoch // dt.timedelta(microseconds=1)})"


@function("current_timestamp", "now", "localtimestamp")
def _current_timestamp(call: Call) -> Compiled:
    now = _literal_time(call.context.now)
    if call.name == "localtimestamp":
        return Compiled(to_local(now, call.context.time_zone), TIMESTAMP_NTZ, nullable=False)
    return Compiled(now, TIMESTAMP, nullable=False)


@function("current_date")
@function("curdate", shown="current_date()")
def _current_date(call: Call) -> Compiled:
    local = to_local(_literal_time(call.context.now), call.context.time_zone)
    return Compiled(f"CAST({local} AS DATE)", DATE, nullable=False)


@function("current_timezone")
def _current_timezone(call: Call) -> Compiled:
    return Compiled(string(call.context.time_zone), STRING, nullable=False, value=call.context.time_zone)


@function("date_format")
def _date_format(call: Call) -> Compiled:
    call.expect(2)
    return written(call.arg(0), call.arg(1), call.context)


@function("to_timestamp", "try_to_timestamp", "to_timestamp_ltz", "to_timestamp_ntz")
def _to_timestamp(call: Call) -> Compiled:
    call.expect(1, 2)
    value, safe = call.arg(0), call.name.startswith("try_")
    target: DataType = TIMESTAMP_NTZ if call.name.endswith("_ntz") else TIMESTAMP
    if len(call.nodes) == 1 or not is_string(value.type):
        call.pass_over(1)
        return cast(value, target, call.context, safe=safe)
    read = parsed if target == TIMESTAMP else parsed_local
    return read(value, call.arg(1), call.context, safe=safe)


@function("to_date", "try_to_date")
@function("date", takes="expr", shown="{0}")
def _to_date(call: Call) -> Compiled:
    call.expect(1, 2)
    value, safe = call.arg(0), call.name.startswith("try_")
    if len(call.nodes) == 1 or not is_string(value.type):
        call.pass_over(1)
        return cast(value, DATE, call.context, safe=safe)
    return cast(parsed(value, call.arg(1), call.context, safe=safe), DATE, call.context)


@function("unix_timestamp", takes="timeExp = current_timestamp(), fmt = 'yyyy-MM-dd HH:mm:ss'")
@function("to_unix_timestamp", takes="timeExp, fmt = 'yyyy-MM-dd HH:mm:ss'")
def _unix_timestamp(call: Call) -> Compiled:
    call.expect(0, 2)
    if not call.nodes:
        seconds = int(call.context.now.timestamp() // 1)
        return Compiled(f"CAST({seconds} AS BIGINT)", LONG, nullable=False, value=seconds)
    value = call.arg(0)
    call.pass_over(1)
    if is_string(value.type):
        value = parsed(value, _pattern(call), call.context, safe=False)
    instant = cast(value, TIMESTAMP, call.context)
    return Compiled(f"(epoch_us({instant.sql}) // 1000000)", LONG, instant.nullable)


@function("from_unixtime", takes="unix_time, fmt = 'yyyy-MM-dd HH:mm:ss'")
def _from_unixtime(call: Call) -> Compiled:
    call.expect(1, 2)
    seconds = cast(call.arg(0), LONG, call.context)
    instant = Compiled(f"make_timestamptz({seconds.sql} * 1000000)", TIMESTAMP, seconds.nullable)
    return written(instant, _pattern(call), call.context)


def _pattern(call: Call) -> Compiled:
    """The second argument, or the pattern that Spark takes where there is none."""
    if len(call.nodes) > 1:
        return call.arg(1)
    usual = "yyyy-MM-dd HH:mm:ss"
    return Compiled(string(usual), STRING, nullable=False, value=usual)


@function("from_utc_timestamp", "to_utc_timestamp")
def _shifted_zone(call: Call) -> Compiled:
    call.expect(2)
    value, given = cast(call.arg(0), TIMESTAMP, call.context), call.arg(1)
    if not given.is_literal:
        return _shifted_by_column(call.name, value, cast(given, STRING, call.context))
    zone = str(given.value)
    if call.name == "from_utc_timestamp":
        sql = to_instant(to_local(value.sql, zone), "UTC")
    else:
        sql = to_instant(to_local(value.sql, "UTC"), zone)
    return Compiled(sql, TIMESTAMP, value.nullable)


def _shifted_by_column(name: str, value: Compiled, zone: Compiled) -> Compiled:
    if name == "from_utc_timestamp":
        sql = to_instant(f"timezone({zone.sql}, {value.sql})", "UTC")
    else:
        sql = first_instant(to_local(value.sql, "UTC"), zone.sql)
    return Compiled(sql, TIMESTAMP, value.nullable or zone.nullable)


@function("convert_timezone", shown={2: "convert_timezone(current_timezone(), {args})"})
def _convert(call: Call) -> Compiled:
    call.expect(2, 3)
    source = str(call.constant(0)) if len(call.nodes) == 3 else call.context.time_zone
    target = str(call.constant(len(call.nodes) - 2))
    value = cast(call.arg(len(call.nodes) - 1), TIMESTAMP_NTZ, call.context)
    return Compiled(to_local(to_instant(value.sql, source), target), TIMESTAMP_NTZ, value.nullable)


_TRUNC_UNITS = {
    "year": "year", "yyyy": "year", "yy": "year", "quarter": "quarter", "month": "month", "mm": "month",
    "mon": "month", "week": "week", "day": "day", "dd": "day", "hour": "hour", "minute": "minute",
    "second": "second", "millisecond": "milliseconds", "microsecond": "microseconds",
}  # fmt: skip


def _unit_of(call: Call, index: int, units: Mapping[str, str]) -> str:
    """SQL of DuckDB's name of a unit; null for an unknown one."""
    found = call.arg(index)
    if found.is_literal:
        unit = units.get(str(found.value).lower())
        return "NULL" if unit is None else string(unit)
    branches = " ".join(f"WHEN {string(name)} THEN {string(unit)}" for name, unit in units.items())
    return f"CASE lower({cast(found, STRING, call.context).sql}) {branches} END"


@function("date_trunc")
def _date_trunc(call: Call) -> Compiled:
    call.expect(2)
    unit = _unit_of(call, 0, _TRUNC_UNITS)
    value = cast(call.arg(1), TIMESTAMP, call.context)
    if unit == "NULL":
        return Compiled("CAST(NULL AS TIMESTAMPTZ)", TIMESTAMP, nullable=True)
    local = f"date_trunc({unit}, {to_local(value.sql, call.context.time_zone)})"
    sql = to_instant(f"CAST({local} AS TIMESTAMP)", call.context.time_zone)
    return Compiled(sql, TIMESTAMP, value.nullable or not call.arg(0).is_literal)


_DATE_UNITS = {
    name: unit for name, unit in _TRUNC_UNITS.items() if unit in ("year", "quarter", "month", "week")
}


@function("trunc")
def _trunc(call: Call) -> Compiled:
    call.expect(2)
    unit = _unit_of(call, 1, _DATE_UNITS)
    value = cast(call.arg(0), DATE, call.context)
    if unit == "NULL":
        return Compiled("CAST(NULL AS DATE)", DATE, nullable=True)
    sql = f"CAST(date_trunc({unit}, {value.sql}) AS DATE)"
    return Compiled(sql, DATE, value.nullable or not call.arg(1).is_literal)


@function("next_day")
def _next_day(call: Call) -> Compiled:
    call.expect(2)
    value = cast(call.arg(0), DATE, call.context)
    day = _weekday(call)
    sql = let(value.sql, lambda d: f"({d} + CAST((({day} - isodow({d}) + 6) % 7) + 1 AS INTEGER))")
    return Compiled(sql, DATE, value.nullable or call.arg(1).nullable)


_WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")


def _weekday(call: Call) -> str:
    """SQL of the number of the day that the second argument names; Monday is 1."""
    found = call.arg(1)
    if found.is_literal and found.value is not None:
        wanted = str(found.value).lower()[:2]
        if wanted not in _WEEKDAYS:
            raise call.error(f"unknown day of the week {found.value!r}")
        return str(_WEEKDAYS.index(wanted) + 1)
    name = cast(found, STRING, call.context).sql
    branches = " ".join(f"WHEN {string(day)} THEN {at}" for at, day in enumerate(_WEEKDAYS, 1))
    unknown = raise_sql("ILLEGAL_DAY_OF_WEEK", f"'Illegal input for day of week: ' || {name}")
    return (
        f"CASE WHEN {name} IS NOT NULL THEN CASE left(lower({name}), 2) {branches} "
        f"ELSE CAST({unknown} AS INTEGER) END END"
    )


@function("months_between", takes="timestamp1, timestamp2, roundOff = true")
def _months_between(call: Call) -> Compiled:
    call.expect(2, 3)
    one, other = (f"CAST({local_time(call.arg(at), call.context)} AS TIMESTAMP)" for at in (0, 1))
    nullable = call.arg(0).nullable or call.arg(1).nullable
    months = f"((year({one}) - year({other})) * 12 + month({one}) - month({other}))"
    seconds = f"({_seconds_of_month(one)} - {_seconds_of_month(other)})"
    last_days = " AND ".join(f"last_day({t}) = CAST({t} AS DATE)" for t in (one, other))
    whole = f"day({one}) = day({other}) OR ({last_days})"
    exact = f"({months} + {seconds} / 2678400.0)"
    rounded = f"round({exact}, 8)" if call.constant(2, default=True) else exact
    return Compiled(f"CAST(CASE WHEN {whole} THEN {months} ELSE {rounded} END AS DOUBLE)", DOUBLE, nullable)


def _seconds_of_month(local: str) -> str:
    """SQL of the whole seconds since the month began."""
    return f"((epoch_us({local}) - epoch_us(date_trunc('month', {local}))) // 1000000)"


@function("make_date")
def _make_date(call: Call) -> Compiled:
    call.expect(3)
    parts = [cast(value, INT, call.context) for value in call.args]
    sql = f"make_date({', '.join(part.sql for part in parts)})"
    return Compiled(sql, DATE, any(part.nullable for part in parts))
