"""make_interval() and its kin."""

from __future__ import annotations

from streamcore.duck.types import type_text
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import INT
from streamcore.plan.translation.core import Call, Compiled, function
from streamcore.spi.types import (
    CalendarIntervalType,
    DataType,
    DayTimeIntervalType,
    DecimalType,
    YearMonthIntervalType,
)

_SECONDS = DecimalType(18, 6)
_CALENDAR = CalendarIntervalType()


def _parts(call: Call, count: int, *, seconds: bool) -> tuple[list[str], bool]:
    """The SQL of the parts, 0 where they are left out, and whether one may be null."""
    found, nullable = [], False
    for at in range(count):
        kind: DataType = _SECONDS if seconds and at == count - 1 else INT
        if at >= len(call.nodes):
            found.append(f"CAST(0 AS {type_text(kind)})")
            continue
        value = cast(call.arg(at), kind, call.context)
        found.append(value.sql)
        nullable = nullable or value.nullable
    return found, nullable


def _micros(hours: str, minutes: str, seconds: str) -> str:
    return (
        f"CAST({hours} AS HUGEINT) * 3600000000 + CAST({minutes} AS HUGEINT) * 60000000 "
        f"+ CAST(CAST({seconds} AS DECIMAL(25,6)) * 1000000 AS HUGEINT)"
    )


@function("make_dt_interval", takes="days = 0, hours = 0, mins = 0, secs = 0.000000")
def _day_time(call: Call) -> Compiled:
    (days, hours, minutes, seconds), nullable = _parts(call, 4, seconds=True)
    micros = f"CAST({days} AS HUGEINT) * 86400000000 + {_micros(hours, minutes, seconds)}"
    return Compiled(f"CAST(({micros}) AS BIGINT)", DayTimeIntervalType(), nullable)


@function("make_ym_interval", takes="years = 0, months = 0")
def _year_month(call: Call) -> Compiled:
    (years, months), nullable = _parts(call, 2, seconds=False)
    sql = f"CAST((CAST({years} AS BIGINT) * 12 + {months}) AS INTEGER)"
    return Compiled(sql, YearMonthIntervalType(), nullable)


@function(
    "make_interval",
    "try_make_interval",
    takes="years = 0, months = 0, weeks = 0, days = 0, hours = 0, mins = 0, secs = 0.000000",
)
def _calendar(call: Call) -> Compiled:
    (years, months, weeks, days, hours, minutes, seconds), nullable = _parts(call, 7, seconds=True)
    sql = (
        f"(to_months(CAST((CAST({years} AS BIGINT) * 12 + {months}) AS INTEGER)) "
        f"+ to_days(CAST((CAST({weeks} AS BIGINT) * 7 + {days}) AS INTEGER)) "
        f"+ to_microseconds(CAST(({_micros(hours, minutes, seconds)}) AS BIGINT)))"
    )
    safe = call.name.startswith("try_") or not call.context.ansi
    return Compiled(f"TRY({sql})" if safe else sql, _CALENDAR, safe or nullable)
