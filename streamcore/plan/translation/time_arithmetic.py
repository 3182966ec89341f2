"""`+` and `-` of dates, timestamps and times of day with numbers, intervals and each other."""

from __future__ import annotations

from streamcore.duck.errors import raise_sql
from streamcore.duck.interval_sql import as_span, calendar_microseconds
from streamcore.duck.quoting import string
from streamcore.duck.types import type_text
from streamcore.duck.zones import fixed_offset_us, to_instant, to_local
from streamcore.plan.translation import times_of_day
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import (
    DATE,
    INT,
    INTERVALS,
    STRING,
    TIMESTAMP,
    is_string,
    is_temporal,
)
from streamcore.plan.translation.core import Compiled, TranslationContext
from streamcore.plan.translation.intervals import interval_arithmetic
from streamcore.spi.types import (
    CalendarIntervalType,
    DateType,
    DayTimeIntervalType,
    IntegralType,
    LongType,
    NullType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    YearMonthIntervalType,
)

_DAY_US = 86_400_000_000
_SPANS = (*INTERVALS, CalendarIntervalType)


def with_time(
    symbol: str, left: Compiled, right: Compiled, context: TranslationContext, *, safe: bool = False
) -> Compiled | None:
    """`left symbol right`; None when the operands are no times or intervals, or do not go together."""
    if symbol == "+" and _is_turned(left, right):
        left, right = right, left
    found = None
    if symbol in "+-":
        found = _moved(symbol, left, right, context)
    if found is None and symbol == "-":
        found = _difference_of(left, right, context)
    if found is not None and safe:
        return Compiled(f"TRY({found.sql})", found.type, nullable=True)
    return found or interval_arithmetic(symbol, left, right, context, safe=safe)


def _is_turned(left: Compiled, right: Compiled) -> bool:
    """Whether the time that is moved stands behind the `+`."""
    if isinstance(left.type, _SPANS):
        return is_temporal(right.type) or is_string(right.type) or isinstance(right.type, TimeType)
    is_number = isinstance(left.type, (IntegralType, NullType))
    return is_number and (isinstance(right.type, DateType) or is_temporal(right.type))


def _moved(symbol: str, left: Compiled, right: Compiled, context: TranslationContext) -> Compiled | None:
    if is_temporal(left.type) and isinstance(right.type, INTERVALS):
        return _shifted(symbol, left, right, context)
    if is_temporal(left.type) and isinstance(right.type, CalendarIntervalType):
        return _by_calendar(symbol, left, right, context)
    if isinstance(left.type, TimeType) and isinstance(right.type, DayTimeIntervalType):
        return times_of_day.moved(symbol, left, right)
    if is_string(left.type) and isinstance(right.type, (DayTimeIntervalType, CalendarIntervalType)):
        moved = _moved(symbol, cast(left, TIMESTAMP, context), right, context)
        return None if moved is None else cast(moved, STRING, context)
    if is_temporal(left.type) and isinstance(right.type, NullType) and symbol == "+":
        return Compiled(f"CAST(NULL AS {type_text(left.type)})", left.type, nullable=True)
    is_days = isinstance(right.type, IntegralType) and not isinstance(right.type, LongType)
    if isinstance(left.type, DateType) and is_days:
        sql = f"({left.sql} {symbol} {cast(right, INT, context).sql})"
        return Compiled(sql, DATE, left.nullable or right.nullable)
    return None


def _difference_of(left: Compiled, right: Compiled, context: TranslationContext) -> Compiled | None:
    is_read = isinstance(right.type, NullType) or (is_string(right.type) and context.ansi)
    if is_temporal(left.type) and is_read:
        right = cast(right, left.type, context)
    elif (is_string(left.type) or isinstance(left.type, NullType)) and is_temporal(right.type):
        left = cast(left, right.type, context)
    if is_temporal(left.type) and is_temporal(right.type):
        return _difference(left, right, context)
    if isinstance(left.type, TimeType) and isinstance(right.type, TimeType):
        return times_of_day.difference(left, right)
    return None


def _shifted(symbol: str, time: Compiled, span: Compiled, context: TranslationContext) -> Compiled:
    nullable = time.nullable or span.nullable
    if isinstance(span.type, YearMonthIntervalType):
        months = as_span(span.sql, span.type)
        if not isinstance(time.type, TimestampType):
            return Compiled(
                f"CAST({time.sql} {symbol} {months} AS {type_text(time.type)})", time.type, nullable
            )
        local = f"({to_local(time.sql, context.time_zone)} {symbol} {months})"
        return Compiled(to_instant(local, context.time_zone), time.type, nullable)
    if isinstance(time.type, DateType):
        assert isinstance(span.type, DayTimeIntervalType)
        if span.type.endField == DayTimeIntervalType.DAY:
            days = f"CAST({span.sql} // {_DAY_US} AS INTEGER)"
            return Compiled(f"({time.sql} {symbol} {days})", DATE, nullable)
        time = cast(time, TIMESTAMP, context)
    if isinstance(time.type, TimestampNTZType):
        return Compiled(f"make_timestamp(epoch_us({time.sql}) {symbol} {span.sql})", time.type, nullable)
    zone = context.time_zone
    if fixed_offset_us(zone) is not None:
        return Compiled(f"make_timestamptz(epoch_us({time.sql}) {symbol} {span.sql})", time.type, nullable)
    return Compiled(_days_then_time(time.sql, symbol, span, zone), time.type, nullable)


def _days_then_time(instant: str, symbol: str, span: Compiled, zone: str) -> str:
    """SQL of an instant moved by a span: whole days by the calendar of the zone, then the rest as time."""
    if span.is_literal:
        days, rest = divmod(abs(span.value), _DAY_US)
        sign = symbol if span.value >= 0 else {"+": "-", "-": "+"}[symbol]
        moved = to_instant(f"({to_local(instant, zone)} {sign} to_days({days}))", zone) if days else instant
        return f"make_timestamptz(epoch_us({moved}) {sign} {rest})" if rest else moved
    # DuckDB's // and % cut towards zero, as Java's do.
    days = f"to_days(CAST(({span.sql}) // {_DAY_US} AS INTEGER))"
    moved = to_instant(f"({to_local(instant, zone)} {symbol} {days})", zone)
    return f"make_timestamptz(epoch_us({moved}) {symbol} ({span.sql}) % {_DAY_US})"


def _by_calendar(symbol: str, time: Compiled, span: Compiled, context: TranslationContext) -> Compiled:
    nullable = time.nullable or span.nullable
    if isinstance(time.type, TimestampType):
        zone = context.time_zone
        rest = calendar_microseconds(span.sql)
        days = f"({span.sql} - to_microseconds({rest}))"
        moved = to_instant(f"({to_local(time.sql, zone)} {symbol} {days})", zone)
        return Compiled(f"make_timestamptz(epoch_us({moved}) {symbol} ({rest}))", time.type, nullable)
    sql = f"CAST({time.sql} {symbol} {span.sql} AS {type_text(time.type)})"
    if isinstance(time.type, DateType) and context.ansi:
        failing = f"CAST({raise_sql('INVALID_INTERVAL_WITH_MICROSECONDS_ADDITION', _WITH_TIME)} AS DATE)"
        sql = f"CASE WHEN {calendar_microseconds(span.sql)} <> 0 THEN {failing} ELSE {sql} END"
    return Compiled(sql, time.type, nullable)


_WITH_TIME = string(
    "Cannot add an interval to a date because its microseconds part is not 0. To resolve this, cast the "
    "input date to a timestamp, which supports the addition of intervals with non-zero microseconds."
)


def _difference(left: Compiled, right: Compiled, context: TranslationContext) -> Compiled:
    nullable = left.nullable or right.nullable
    if isinstance(left.type, DateType) and isinstance(right.type, DateType):
        days = f"CAST({left.sql} - {right.sql} AS BIGINT)"
        return Compiled(f"({days} * {_DAY_US})", DayTimeIntervalType(0, 0), nullable)
    common = TimestampType() if TimestampType in (type(left.type), type(right.type)) else TimestampNTZType()
    left, right = cast(left, common, context), cast(right, common, context)
    # What the clocks of the zone show is compared: from noon to noon it is a day, summer time or not.
    ends = [_clock(side, context.time_zone) for side in (left, right)]
    return Compiled(f"(epoch_us({ends[0]}) - epoch_us({ends[1]}))", DayTimeIntervalType(), nullable)


def _clock(value: Compiled, zone: str) -> str:
    return to_local(value.sql, zone) if isinstance(value.type, TimestampType) else value.sql
