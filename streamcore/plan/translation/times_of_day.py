"""TIME: its casts, arithmetic and functions."""

from __future__ import annotations

from streamcore.duck.errors import raise_sql
from streamcore.duck.once import let
from streamcore.duck.quoting import string
from streamcore.duck.types import type_text
from streamcore.duck.zones import to_instant, to_local
from streamcore.errors import AnalysisException
from streamcore.plan.translation.core import Compiled, TranslationContext
from streamcore.spi.types import (
    DataType,
    DayTimeIntervalType,
    DecimalType,
    IntegralType,
    TimestampNTZType,
    TimestampType,
    TimeType,
)

_DAY_US = 86_400_000_000
_CLOCK = r"^\s*T?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{0,6}))?)?\s*$"


def micros_of(time: str) -> str:
    """SQL of the microseconds since midnight of a TIME."""
    return f"epoch_us({time})"


def time_of(micros: str) -> str:
    """SQL of the TIME at so many microseconds after midnight, which are fewer than a day has."""
    return f"CAST(make_timestamp({micros}) AS TIME)"


def at_precision(time: str, data_type: TimeType) -> str:
    """SQL of a TIME with no more digits after the point than its type has."""
    if data_type.precision >= TimeType().precision:
        return time
    unit = 10 ** (TimeType().precision - data_type.precision)
    return let(micros_of(time), lambda n: time_of(f"{n} - {n} % {unit}"))


def text_to_time(sql: str, to: TimeType, *, safe: bool) -> str:
    """SQL that reads a time of day: hours and minutes, and seconds with a fraction if there are any."""

    def read(t: str) -> str:
        parts = f"regexp_extract({t}, {string(_CLOCK)}, ['h', 'm', 's', 'f'])"
        message = f"'The value ''' || {t} || ''' of the type \"STRING\" cannot be cast to \"TIME\"'"
        failing = "NULL" if safe else f"CAST({raise_sql('CAST_INVALID_INPUT', message)} AS TIME)"
        value = let(parts, _of_parts)
        found = let(value, lambda n: f"CASE WHEN {n} IS NULL THEN {failing} ELSE {n} END")
        return f"CASE WHEN {t} IS NOT NULL THEN {found} END"

    return at_precision(let(sql, read), to)


def _of_parts(p: str) -> str:
    hour, minute = f"CAST({p}.h AS BIGINT)", f"CAST({p}.m AS BIGINT)"
    second = f"CAST(CASE WHEN {p}.s = '' THEN '0' ELSE {p}.s END AS BIGINT)"
    fraction = f"CAST(rpad(left({p}.f, 6), 6, '0') AS BIGINT)"
    micros = f"(({hour} * 60 + {minute}) * 60 + {second}) * 1000000 + {fraction}"
    fits = f"{p}.h <> '' AND {hour} < 24 AND {minute} < 60 AND {second} < 60"
    return f"CASE WHEN {fits} THEN {time_of(micros)} END"


def time_to_time(value: Compiled, to: DataType, _: TranslationContext, _safe: bool) -> str:
    assert isinstance(to, TimeType)
    return at_precision(value.sql, to)


def time_to_number(value: Compiled, to: DataType, _: TranslationContext, safe: bool) -> str:
    """The seconds since midnight; decimals have a fraction."""
    word, micros = ("TRY_CAST" if safe else "CAST"), micros_of(value.sql)
    if isinstance(to, IntegralType):
        return f"{word}({micros} // 1000000 AS {type_text(to)})"
    assert isinstance(to, DecimalType)
    return f"{word}(CAST({micros} AS DECIMAL(17,6)) * CAST('0.000001' AS DECIMAL(7,6)) AS {type_text(to)})"


def time_to_timestamp(value: Compiled, to: DataType, context: TranslationContext, _: bool) -> str:
    """The time on the day of the query."""
    micros = int(context.now.timestamp() * 1_000_000)
    today = f"CAST({to_local(f'make_timestamptz({micros})', context.time_zone)} AS DATE)"
    local = f"({today} + {value.sql})"
    return local if isinstance(to, TimestampNTZType) else to_instant(local, context.time_zone)


def timestamp_to_time(value: Compiled, to: DataType, context: TranslationContext, _: bool) -> str:
    assert isinstance(to, TimeType)
    return local_clock(value, to, context)


def local_clock(value: Compiled, to: TimeType, context: TranslationContext) -> str:
    """SQL of what the clocks show at a timestamp: those of the session's zone at an instant."""
    is_instant = isinstance(value.type, TimestampType)
    local = to_local(value.sql, context.time_zone) if is_instant else value.sql
    return at_precision(f"CAST({local} AS TIME)", to)


def moved(symbol: str, time: Compiled, span: Compiled) -> Compiled:
    """A time and an interval; it is an error to leave the day."""
    assert isinstance(span.type, DayTimeIntervalType)
    failing = raise_sql("DATETIME_OVERFLOW", "'Datetime operation overflow: a time is within one day'")

    def made(n: str) -> str:
        inside = f"{n} >= 0 AND {n} < {_DAY_US}"
        return f"CASE WHEN {inside} THEN {time_of(n)} WHEN {n} IS NOT NULL THEN CAST({failing} AS TIME) END"

    sql = let(f"({micros_of(time.sql)} {symbol} {span.sql})", made)
    return Compiled(sql, TimeType(), time.nullable or span.nullable)


def difference(left: Compiled, right: Compiled) -> Compiled:
    """The interval between two times."""
    sql = f"({micros_of(left.sql)} - {micros_of(right.sql)})"
    return Compiled(sql, DayTimeIntervalType(1, 3), left.nullable or right.nullable)


def refuse_precision(precision: int) -> None:
    """Refuse digits after the point that a time does not have."""
    if not 0 <= precision <= TimeType().precision:
        raise AnalysisException(
            f"[UNSUPPORTED_TIME_PRECISION] The seconds precision {precision} of the TIME data type is out of "
            "the supported range [0, 6]. SQLSTATE: 0A001"
        )
