"""Functions that make and take apart times of day."""

from __future__ import annotations

from streamcore.duck.errors import raise_sql
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import INT, LONG, STRING
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.plan.translation.times_of_day import (
    at_precision,
    local_clock,
    micros_of,
    refuse_precision,
    time_of,
)
from streamcore.spi.types import DecimalType, TimestampType, TimeType

_TIME = TimeType()
_SECONDS = DecimalType(16, 6)
_UNITS = {
    "HOUR": 3_600_000_000, "MINUTE": 60_000_000, "SECOND": 1_000_000, "MILLISECOND": 1_000, "MICROSECOND": 1,
}  # fmt: skip


def _time(call: Call, index: int) -> Compiled:
    return cast(call.arg(index), _TIME, call.context)


@function("current_time", "localtime", takes="precision = 6", shown="current_time({args})")
def _current_time(call: Call) -> Compiled:
    precision = int(call.constant(0, 6))
    refuse_precision(precision)
    micros = round(call.context.now.timestamp() * 1_000_000)
    now = Compiled(f"make_timestamptz({micros})", TimestampType(), nullable=False)
    kind = TimeType(precision)
    return Compiled(local_clock(now, kind, call.context), kind, nullable=False)


@function("make_time", takes="hour, minute, second")
def _make_time(call: Call) -> Compiled:
    hour, minute = (cast(call.arg(at), INT, call.context) for at in (0, 1))
    second = cast(call.arg(2), _SECONDS, call.context)
    minutes = f"(CAST({hour.sql} AS BIGINT) * 60 + {minute.sql})"
    micros = f"({minutes} * 60000000 + CAST({second.sql} * 1000000 AS BIGINT))"
    inside = (
        f"{hour.sql} BETWEEN 0 AND 23 AND {minute.sql} BETWEEN 0 AND 59 "
        f"AND {second.sql} >= 0 AND {second.sql} < 60"
    )
    parts = (hour, minute, second)
    known = " AND ".join(f"{part.sql} IS NOT NULL" for part in parts)
    failing = raise_sql("DATETIME_FIELD_OUT_OF_BOUNDS", "'Invalid value for a part of a time of day'")
    sql = f"CASE WHEN {inside} THEN {time_of(micros)} WHEN {known} THEN CAST({failing} AS TIME) END"
    return Compiled(sql, _TIME, any(part.nullable for part in parts))


def _unit_size(call: Call) -> int:
    unit = str(call.constant(0)).upper()
    if unit not in _UNITS:
        raise call.error(f"unknown unit {unit!r}: use one of {', '.join(_UNITS)}")
    return _UNITS[unit]


@function("time_diff", takes="unit, start, end")
def _time_diff(call: Call) -> Compiled:
    size, start, end = _unit_size(call), _time(call, 1), _time(call, 2)
    sql = f"(({micros_of(end.sql)} - {micros_of(start.sql)}) // {size})"
    return Compiled(sql, LONG, start.nullable or end.nullable)


@function("time_trunc", takes="unit, time")
def _time_trunc(call: Call) -> Compiled:
    size, value = _unit_size(call), _time(call, 1)
    micros = micros_of(value.sql)
    return Compiled(time_of(f"{micros} - {micros} % {size}"), value.type, value.nullable)


@function("to_time", "try_to_time", takes="str, format?")
def _to_time(call: Call) -> Compiled:
    safe = call.name.startswith("try_")
    text = cast(call.arg(0), STRING, call.context)
    if len(call.nodes) == 2:
        raise call.error("a pattern is not offered: write the time as hours, minutes and seconds")
    made = cast(text, _TIME, call.context, safe=safe)
    return Compiled(at_precision(made.sql, _TIME), _TIME, made.nullable or safe)


@function("time", takes="value", shown="{0}")
def _time_cast(call: Call) -> Compiled:
    return _time(call, 0)
