"""make_timestamp() and its kin; timestampadd() and timestampdiff() by units."""

from __future__ import annotations

from sqlglot import exp

from streamcore.duck.errors import raise_sql
from streamcore.duck.quoting import string
from streamcore.duck.zones import first_instant, to_instant, to_local
from streamcore.errors import AnalysisException
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import DATE, LONG, STRING, TIMESTAMP, TIMESTAMP_NTZ
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.spi.types import DecimalType, TimestampNTZType, TimeType

_UNITS = {
    "MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "DAYOFYEAR", "WEEK", "MONTH", "QUARTER",
    "YEAR",
}  # fmt: skip
_ELAPSED = {"MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR"}
_SECONDS = DecimalType(16, 6)


def _unit(call: Call) -> str:
    """The unit that a call names: a bare word, as the parser marks it."""
    node = call.nodes[0]
    unit = node.name.upper()
    if not isinstance(node, exp.Var) or unit not in _UNITS:
        raise AnalysisException(
            f"[INVALID_PARAMETER_VALUE.DATETIME_UNIT] The value of parameter(s) `unit` in `{call.name}` is "
            f"invalid: expects one of the units {', '.join(sorted(_UNITS))} without quotes, but got the text "
            f"literal '{unit}'. SQLSTATE: 22023"
        )
    return "DAY" if unit == "DAYOFYEAR" else unit


@function("timestampadd", takes="unit, quantity, timestamp")
def _timestamp_add(call: Call) -> Compiled:
    unit, count = _unit(call), cast(call.arg(1), LONG, call.context)
    value = call.arg(2)
    is_local = isinstance(value.type, TimestampNTZType)
    value = value if is_local else cast(value, TIMESTAMP, call.context)
    counted, word = (f"({count.sql} * 3)", "months") if unit == "QUARTER" else (count.sql, f"{unit.lower()}s")
    kind = "INTEGER" if word in ("weeks", "months", "years", "days") else "BIGINT"
    step = f"to_{word}(CAST({counted} AS {kind}))"
    nullable = value.nullable or count.nullable
    if is_local or unit in _ELAPSED:
        return Compiled(f"({value.sql} + {step})", value.type, nullable)
    local = f"({to_local(value.sql, call.context.time_zone)} + {step})"
    return Compiled(to_instant(local, call.context.time_zone), TIMESTAMP, nullable)


@function("timestampdiff", takes="unit, start, end")
def _timestamp_diff(call: Call) -> Compiled:
    unit = _unit(call)
    start, end = (cast(call.arg(at), TIMESTAMP, call.context) for at in (1, 2))
    # What the clocks of the zone show is compared, hours and minutes too.
    ends = [to_local(value.sql, call.context.time_zone) for value in (start, end)]
    return Compiled(f"date_sub('{unit.lower()}', {', '.join(ends)})", LONG, start.nullable or end.nullable)


def _micros_of_a_minute(seconds: Compiled, *, safe: bool) -> str:
    """SQL of the seconds as microseconds; 60 begin the next minute, more or a fraction of it is an error."""
    micros = f"CAST({seconds.sql} * 1000000 AS BIGINT)"
    if safe:
        return f"CASE WHEN {seconds.sql} BETWEEN 0 AND 60 THEN {micros} END"
    whole, part = (
        f"CAST({raise_sql(condition, f'{string(text)} || {seconds.sql}')} AS BIGINT)"
        for condition, text in (
            ("DATETIME_FIELD_OUT_OF_BOUNDS", "Invalid value for SecondOfMinute (valid values 0 - 59): "),
            ("INVALID_FRACTION_OF_SECOND", "Valid range for seconds is [0, 60] (inclusive), but given is "),
        )
    )
    is_outside = f"{seconds.sql} < 0 OR {seconds.sql} >= 61"
    return f"CASE WHEN {is_outside} THEN {whole} WHEN {seconds.sql} > 60 THEN {part} ELSE {micros} END"


@function("make_timestamp", "make_timestamp_ltz", "try_make_timestamp", "try_make_timestamp_ltz")
@function("make_timestamp_ntz", "try_make_timestamp_ntz")
def _make_timestamp(call: Call) -> Compiled:
    """Of six parts, or of a date and a time of day, and a zone behind them."""
    is_local = call.name.endswith("ntz")
    of_parts = len(call.nodes) > 3
    if of_parts:
        call.expect(6, 6 if is_local else 7)
        local = _local_of_parts(call)
    else:
        call.expect(1 if call.name.endswith("timestamp") else 2, 2 if is_local else 3)
        local = _local_of_day(call)
    if is_local:
        return local
    zone_at = 6 if of_parts else 2
    if zone_at >= len(call.nodes):
        return Compiled(to_instant(local.sql, call.context.time_zone), TIMESTAMP, local.nullable)
    return _in_zone(local, cast(call.arg(zone_at), STRING, call.context))


def _in_zone(local: Compiled, zone: Compiled) -> Compiled:
    nullable = local.nullable or zone.nullable
    if not zone.is_literal:
        return Compiled(first_instant(local.sql, zone.sql), TIMESTAMP, nullable)
    if zone.value is None:
        return Compiled("CAST(NULL AS TIMESTAMPTZ)", TIMESTAMP, nullable=True)
    return Compiled(to_instant(local.sql, str(zone.value)), TIMESTAMP, nullable)


def _local_of_parts(call: Call) -> Compiled:
    is_try = call.name.startswith("try_")
    safe = is_try or not call.context.ansi
    *parts, seconds = (cast(call.arg(at), _SECONDS if at == 5 else LONG, call.context) for at in range(6))
    minute = f"make_timestamp({', '.join(part.sql for part in parts)}, 0)"
    minute = f"TRY({minute})" if safe else minute
    local = f"({minute} + to_microseconds({_micros_of_a_minute(seconds, safe=safe)}))"
    return Compiled(local, TIMESTAMP_NTZ, safe or any(part.nullable for part in (*parts, seconds)))


def _local_of_day(call: Call) -> Compiled:
    day = cast(call.arg(0), DATE, call.context)
    if len(call.nodes) == 1:
        return Compiled(f"CAST({day.sql} AS TIMESTAMP)", TIMESTAMP_NTZ, day.nullable)
    time = cast(call.arg(1), TimeType(), call.context)
    return Compiled(f"({day.sql} + {time.sql})", TIMESTAMP_NTZ, day.nullable or time.nullable)
