"""sequence(): numbers, dates and timestamps from one to another by steps."""

from __future__ import annotations

from streamcore.duck.errors import raise_sql
from streamcore.duck.interval_sql import calendar_microseconds, calendar_months
from streamcore.duck.once import let
from streamcore.duck.types import type_text
from streamcore.duck.zones import to_instant, to_local
from streamcore.errors import AnalysisException
from streamcore.plan.translation.coercion import is_temporal
from streamcore.plan.translation.comparisons import widened
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.spi.types import (
    ArrayType,
    CalendarIntervalType,
    DataType,
    DateType,
    DayTimeIntervalType,
    IntegralType,
    TimestampType,
    YearMonthIntervalType,
)

_DAY_US = 86_400_000_000
_SHORTEST_MONTH_US = 28 * _DAY_US
_BOUNDS = raise_sql(
    "INVALID_PARAMETER_VALUE", "'Illegal sequence boundaries: the step does not lead to the stop'"
)


@function("sequence", takes="start, stop, step?")
def _sequence(call: Call) -> Compiled:
    start, stop = widened([call.arg(0), call.arg(1)], call.context, "sequence")
    step = call.arg(2) if len(call.nodes) == 3 else None
    if isinstance(start.type, IntegralType) and (step is None or isinstance(step.type, IntegralType)):
        return _of_numbers(start, stop, step)
    if is_temporal(start.type) and (step is None or _is_span(step.type)):
        return _of_times(call, start, stop, step)
    raise AnalysisException(
        "[DATATYPE_MISMATCH.SEQUENCE_WRONG_INPUT_TYPES] Cannot resolve sequence(): it takes whole numbers "
        "and a whole number as its step, or dates or timestamps and an interval. SQLSTATE: 42K09"
    )


def _is_span(data_type: DataType) -> bool:
    return isinstance(data_type, (DayTimeIntervalType, YearMonthIntervalType, CalendarIntervalType))


def _of_numbers(start: Compiled, stop: Compiled, step: Compiled | None) -> Compiled:
    made = ArrayType(start.type, containsNull=False)
    by = step.sql if step is not None else f"(CASE WHEN {start.sql} <= {stop.sql} THEN 1 ELSE -1 END)"
    sql = f"CAST(generate_series({start.sql}, {stop.sql}, {by}) AS {type_text(made)})"
    nullable = start.nullable or stop.nullable or (step is not None and step.nullable)
    return Compiled(sql, made, nullable)


def _of_times(call: Call, start: Compiled, stop: Compiled, step: Compiled | None) -> Compiled:
    zone = call.context.time_zone
    is_instant = isinstance(start.type, TimestampType)
    ends = [to_local(x.sql, zone) if is_instant else f"CAST({x.sql} AS TIMESTAMP)" for x in (start, stop)]
    months, days, micros = _fields(step)
    fields = f"s := {ends[0]}, e := {ends[1]}, m := {months}, d := {days}, u := {micros}"
    body = let(
        f"struct_pack({fields})",
        lambda v: _listed(_signed(v, has_step=step is not None), start.type, zone),
    )
    nullable = start.nullable or stop.nullable or (step is not None and step.nullable)
    return Compiled(body, ArrayType(start.type, containsNull=False), nullable)


def _fields(step: Compiled | None) -> tuple[str, str, str]:
    """SQL of a step's months, days and microseconds."""
    if step is None:
        return "0", "1", "0"
    if isinstance(step.type, YearMonthIntervalType):
        return step.sql, "0", "0"
    if isinstance(step.type, CalendarIntervalType):
        return calendar_months(step.sql), f"datepart('day', {step.sql})", calendar_microseconds(step.sql)
    return "0", f"{step.sql} // {_DAY_US}", f"{step.sql} % {_DAY_US}"


def _signed(v: str, *, has_step: bool) -> tuple[str, str]:
    """The fields' name, and SQL of what they are multiplied by: a step that was left out may go down."""
    return v, "1" if has_step else f"CASE WHEN {v}.s <= {v}.e THEN 1 ELSE -1 END"


def _listed(named: tuple[str, str], data_type: DataType, zone: str) -> str:
    v, sign = named
    length = f"(({v}.m * {_SHORTEST_MONTH_US} + {v}.d * {_DAY_US} + {v}.u) * {sign})"
    distance = f"(epoch_us({v}.e) - epoch_us({v}.s))"
    count = f"CASE WHEN {length} = 0 THEN 1 ELSE {distance} // {length} + 3 END"
    at = f"i * {sign}"
    moved = f"{v}.s + to_months(CAST({v}.m * {at} AS INTEGER)) + to_days(CAST({v}.d * {at} AS INTEGER))"
    if isinstance(data_type, TimestampType):
        step = f"make_timestamptz(epoch_us({to_instant(f'({moved})', zone)}) + {v}.u * {at})"
        stop = to_instant(f"{v}.e", zone)
    else:
        step, stop = f"make_timestamp(epoch_us({moved}) + {v}.u * {at})", f"{v}.e"
    every = f"list_transform(range(CAST({count} AS BIGINT)), lambda i: {step})"
    inside = f"CASE WHEN {length} < 0 THEN x >= {stop} ELSE x <= {stop} END"
    kept = f"CAST(list_filter({every}, lambda x: {inside}) AS {type_text(ArrayType(data_type))})"
    is_wrong = (
        f"({length} > 0 AND {distance} < 0) OR ({length} <= 0 AND {distance} > 0) "
        f"OR ({length} = 0 AND {distance} <> 0)"
    )
    if isinstance(data_type, DateType):
        is_wrong = f"({is_wrong}) OR {v}.u <> 0"
    failing = f"CAST({_BOUNDS} AS {type_text(ArrayType(data_type))})"
    known = f"{length} IS NOT NULL AND {distance} IS NOT NULL"
    return f"CASE WHEN {is_wrong} THEN {failing} WHEN {known} THEN {kept} END"
