"""EXTRACT and the functions that name one part of a date, a time or an interval."""

from __future__ import annotations

from sqlglot import exp

from streamcore.duck.interval_sql import calendar_microseconds, calendar_months
from streamcore.duck.zones import to_local
from streamcore.errors import AnalysisException
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import BYTE, DATE, DOUBLE, INT, TIMESTAMP, is_string
from streamcore.plan.translation.core import (
    Call,
    Compiled,
    TranslationContext,
    Translator,
    function,
    node_rule,
)
from streamcore.spi.interval_values import DAY_TIME_UNITS, YEAR_MONTH_UNITS
from streamcore.spi.types import (
    CalendarIntervalType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    YearMonthIntervalType,
)

_DATE_PARTS = {
    "year": "year({0})", "quarter": "quarter({0})", "month": "month({0})", "day": "day({0})",
    "dayofmonth": "day({0})", "dayofyear": "dayofyear({0})", "weekofyear": "weekofyear({0})",
    "dayofweek": "(dayofweek({0}) + 1)", "weekday": "(isodow({0}) - 1)", "yearofweek": "isoyear({0})",
    "dayofweek_iso": "isodow({0})",
}  # fmt: skip
_TIME_PARTS = {"hour": "hour({0})", "minute": "minute({0})", "second": "second({0})"}
_ONLY_EXTRACTED = ("yearofweek", "dayofweek_iso")

_FIELDS = {
    name: field
    for field, names in {
        "year": "year y years yr yrs", "yearofweek": "yearofweek", "quarter": "quarter qtr",
        "month": "month mon mons months", "weekofyear": "week w weeks", "day": "day d days",
        "dayofweek": "dayofweek dow", "dayofweek_iso": "dayofweek_iso dow_iso", "dayofyear": "doy",
        "hour": "hour h hours hr hrs", "minute": "minute m min mins minutes",
        "second": "second s sec seconds secs",
    }.items()
    for name in names.split()
}  # fmt: skip

_SECONDS = DecimalType(8, 6)


def local_time(value: Compiled, context: TranslationContext) -> str:
    """The SQL of a date's or timestamp's local TIMESTAMP or DATE; text is read as a timestamp."""
    if is_string(value.type):
        value = cast(value, TIMESTAMP, context)
    if isinstance(value.type, TimestampType):
        return to_local(value.sql, context.time_zone)
    if isinstance(value.type, (TimestampNTZType, DateType)):
        return value.sql
    return local_time(cast(value, TIMESTAMP, context), context)


def _part(name: str, value: Compiled, context: TranslationContext) -> Compiled:
    template = _DATE_PARTS.get(name)
    if template is not None:
        source = cast(value, DATE, context).sql if is_string(value.type) else local_time(value, context)
        return Compiled(f"CAST({template.format(source)} AS INTEGER)", INT, value.nullable)
    local = _clock(value, context)
    return Compiled(f"CAST({_TIME_PARTS[name].format(local)} AS INTEGER)", INT, value.nullable)


def _clock(value: Compiled, context: TranslationContext) -> str:
    """SQL of what shows the hour: a local TIMESTAMP, or a TIME."""
    return (
        value.sql if isinstance(value.type, TimeType) else f"CAST({local_time(value, context)} AS TIMESTAMP)"
    )


def _exact_second(value: Compiled, context: TranslationContext) -> Compiled:
    micros = f"(datepart('microsecond', {_clock(value, context)}))"
    return Compiled(_micros_as_seconds(micros), _SECONDS, value.nullable)


def _micros_as_seconds(micros: str) -> str:
    return f"CAST(CAST({micros} AS DECIMAL(8,0)) * CAST('0.000001' AS DECIMAL(7,6)) AS DECIMAL(8,6))"


@function(*(name for name in (*_DATE_PARTS, *_TIME_PARTS) if name not in _ONLY_EXTRACTED))
def _named_part(call: Call) -> Compiled:
    call.expect(1)
    return _part(call.name, call.arg(0), call.context)


@node_rule(exp.Extract)
def _extract(node: exp.Extract, translator: Translator) -> Compiled:
    return extracted(node.this.name, translator.compile(node.expression), translator.context)


@function("date_part")
@function("datepart", shown="datepart({0} FROM {1})")
@function("extract", shown="extract({0} FROM {1})")
def _date_part(call: Call) -> Compiled:
    call.expect(2)
    field = call.constant(0)
    if field is None:
        call.pass_over(1)
        return Compiled("CAST(NULL AS DOUBLE)", DOUBLE, nullable=True)
    return extracted(str(field), call.arg(1), call.context)


def extracted(name: str, source: Compiled, context: TranslationContext) -> Compiled:
    """The part that EXTRACT means by a name: its seconds have a fraction, those of second() have none.

    Raises AnalysisException for a name that this type does not have.
    """
    field = _FIELDS.get(name.lower())
    made = None if field is None else _field(field, source, context)
    if made is None:
        raise AnalysisException(
            f"[INVALID_EXTRACT_FIELD] Cannot extract `{name}` from a value of "
            f'"{source.type.simpleString().upper()}". SQLSTATE: 42601'
        )
    return made


def _field(field: str, source: Compiled, context: TranslationContext) -> Compiled | None:
    if not _has_field(source.type, field):
        return None
    found = _of_interval(field, source)
    if found is not None:
        template, data_type = found
        return Compiled(template, data_type, source.nullable)
    if isinstance(source.type, (DayTimeIntervalType, YearMonthIntervalType, CalendarIntervalType)):
        return None
    if isinstance(source.type, TimeType) and field not in _TIME_PARTS:
        return None
    return _exact_second(source, context) if field == "second" else _part(field, source, context)


def _has_field(data_type: DataType, field: str) -> bool:
    """Whether an interval's type has a field of this name; other types are not asked."""
    if not isinstance(data_type, (DayTimeIntervalType, YearMonthIntervalType)):
        return True
    units = DAY_TIME_UNITS if isinstance(data_type, DayTimeIntervalType) else YEAR_MONTH_UNITS
    return field.upper() in units[data_type.startField : data_type.endField + 1]


def _of_interval(field: str, source: Compiled) -> tuple[str, DataType] | None:
    """SQL and type of a part of an interval; None where it has none of this name."""
    if isinstance(source.type, YearMonthIntervalType):
        return _of_months(field, source.sql)
    if isinstance(source.type, DayTimeIntervalType):
        return _of_micros(field, source.sql)
    if isinstance(source.type, CalendarIntervalType):
        if field == "day":
            return f"CAST(datepart('day', {source.sql}) AS INTEGER)", INT
        months = _of_months(field, calendar_months(source.sql))
        return months or _of_micros(field, f"({calendar_microseconds(source.sql)})")
    return None


def _of_months(field: str, months: str) -> tuple[str, DataType] | None:
    if field == "year":
        return f"CAST({months} // 12 AS INTEGER)", INT
    return (f"CAST({months} % 12 AS TINYINT)", BYTE) if field == "month" else None


def _of_micros(field: str, micros: str) -> tuple[str, DataType] | None:
    if field == "day":
        return f"CAST({micros} // 86400000000 AS INTEGER)", INT
    if field == "hour":
        return f"CAST({micros} % 86400000000 // 3600000000 AS TINYINT)", BYTE
    if field == "minute":
        return f"CAST({micros} % 3600000000 // 60000000 AS TINYINT)", BYTE
    return (_micros_as_seconds(f"{micros} % 60000000"), _SECONDS) if field == "second" else None
