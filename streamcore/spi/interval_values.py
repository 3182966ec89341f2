"""Year-month and day-time intervals as values: how their literals are read, and how they are written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

from streamcore.spi.intervals import parse_interval
from streamcore.spi.types.atomic import DayTimeIntervalType, YearMonthIntervalType

IntervalType: TypeAlias = DayTimeIntervalType | YearMonthIntervalType

DAY_TIME_UNITS: Final = ("DAY", "HOUR", "MINUTE", "SECOND")
YEAR_MONTH_UNITS: Final = ("YEAR", "MONTH")
MICROSECONDS_PER: Final = (86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000)
"""Microseconds of the units of a day-time interval, by field."""
MONTHS_PER: Final = (12, 1)

_FIELD: Final = {
    "WEEK": 0, "DAY": 0, "HOUR": 1, "MINUTE": 2, "SECOND": 3, "MILLISECOND": 3, "MICROSECOND": 3,
}  # fmt: skip
UNITS: Final = frozenset([*_FIELD, *YEAR_MONTH_UNITS])
"""The units of an interval, in the singular."""
_LEADING_DIGITS: Final = (9, 10, 12, 13)
_LIMITS: Final = (None, 23, 59, 59)
_LARGEST_SPAN: Final = {DayTimeIntervalType: 2**63 - 1, YearMonthIntervalType: 2**31 - 1}


@dataclass(frozen=True)
class IntervalValue:
    """An interval and its type; `count` is in microseconds, or months of a year-month interval."""

    count: int
    type: IntervalType


def interval_of_terms(text: str) -> IntervalValue:
    """The interval that numbers and units make, such as `3 days 4 hours`.

    >>> interval_of_terms("interval 3 days 4 hours").type.simpleString()
    'interval day to hour'

    Raises ValueError that says what is wrong.
    """
    found = parse_interval(text)
    units = [word.upper().removesuffix("S") for word in re.findall(r"[A-Za-z]+", text)]
    named = [unit for unit in units if unit != "INTERVAL"]
    if all(unit in YEAR_MONTH_UNITS for unit in named):
        fields = [YEAR_MONTH_UNITS.index(unit) for unit in named]
        return _within(IntervalValue(found.months, YearMonthIntervalType(min(fields), max(fields))))
    if any(unit in YEAR_MONTH_UNITS for unit in named):
        raise ValueError(f"Cannot mix year-month and day-time fields: {text}")
    fields = [_FIELD[unit] for unit in named]
    return _within(IntervalValue(found.microseconds, DayTimeIntervalType(min(fields), max(fields))))


def interval_of_span(text: str, start: str, end: str) -> IntervalValue:
    """The interval that the text of a literal from one unit to another means.

    >>> interval_of_span("1 02:03:04.5", "DAY", "SECOND").count
    93784500000

    Raises ValueError that says what is wrong.
    """
    data_type = _type_of_span(start, end)
    if data_type is None:
        raise ValueError(f"Cannot support (interval '{text}' {start.lower()} to {end.lower()}) expression")
    match = re.fullmatch(span_pattern(data_type), text.strip())
    if match is None:
        raise ValueError(f"Interval string does not match {shape(data_type)!r} format: {text}")
    sign, *parts = match.groups()
    total = 0
    for at, (part, (unit_size, limit)) in enumerate(zip(parts, field_sizes(data_type), strict=False)):
        if at > 0 and limit is not None and int(part) > limit:
            raise ValueError(f"{part} is outside of [0, {limit}] in the interval {text!r}")
        total += int(part) * unit_size
    if has_fraction(data_type) and parts[-1]:
        total += int(parts[-1][1:7].ljust(6, "0"))
    return _within(IntervalValue(-total if sign == "-" else total, data_type))


def _type_of_span(start: str, end: str) -> IntervalType | None:
    for units, class_ in ((DAY_TIME_UNITS, DayTimeIntervalType), (YEAR_MONTH_UNITS, YearMonthIntervalType)):
        if start in units and end in units and units.index(start) <= units.index(end):
            found: IntervalType = class_(units.index(start), units.index(end))
            return found
    return None


def _within(value: IntervalValue) -> IntervalValue:
    largest = _LARGEST_SPAN[type(value.type)]
    if not -largest - 1 <= value.count <= largest:
        raise ValueError("the interval is too long")
    return value


def field_sizes(data_type: IntervalType) -> list[tuple[int, int | None]]:
    """For each field its size, and the largest number that may stand in it when it is not the first."""
    fields = range(data_type.startField, data_type.endField + 1)
    if isinstance(data_type, YearMonthIntervalType):
        return [(MONTHS_PER[at], 11 if at else None) for at in fields]
    return [(MICROSECONDS_PER[at], _LIMITS[at]) for at in fields]


def has_fraction(data_type: IntervalType) -> bool:
    """Whether the last field may have digits after the point."""
    return isinstance(data_type, DayTimeIntervalType) and data_type.endField == DayTimeIntervalType.SECOND


@cache
def _pattern(is_of_months: bool, start: int, end: int) -> str:
    if is_of_months:
        return r"([+-])?(\d{1,9})" + (r"-(\d{1,2})" if start < end else "")
    parts = [rf"(\d{{1,{_LEADING_DIGITS[start]}}})"]
    parts += [(" " if field == 1 else ":") + r"(\d{1,2})" for field in range(start + 1, end + 1)]
    return "([+-])?" + "".join(parts) + (r"(\.\d{1,9})?" if end == DayTimeIntervalType.SECOND else "")


def span_pattern(data_type: IntervalType) -> str:
    """The regular expression of an interval's text; its groups are the sign, the fields, and the fraction."""
    return _pattern(isinstance(data_type, YearMonthIntervalType), data_type.startField, data_type.endField)


def shape(data_type: IntervalType) -> str:
    """The form of an interval's text, as Spark names it in errors.

    >>> shape(DayTimeIntervalType(0, 1))
    '[+|-]d h'
    """
    if isinstance(data_type, YearMonthIntervalType):
        return "[+|-]" + "-".join("ym"[data_type.startField : data_type.endField + 1])
    letters = "dhms"[data_type.startField : data_type.endField + 1]
    return "[+|-]" + ":".join(letters).replace("d:", "d ").replace("s", "s.n")


def span_words(data_type: IntervalType) -> str:
    """The unit or units of an interval's type.

    >>> span_words(YearMonthIntervalType())
    'YEAR TO MONTH'
    """
    return data_type.simpleString().removeprefix("interval ").upper()


def span_body(count: int, data_type: IntervalType) -> str:
    """What stands in the quotes of a literal.

    >>> span_body(273_600_000_000, DayTimeIntervalType(0, 1))
    '3 04'
    """
    sign, rest = ("-" if count < 0 else ""), abs(count)
    if isinstance(data_type, YearMonthIntervalType):
        if data_type.endField == data_type.startField:
            return f"{sign}{rest // MONTHS_PER[data_type.startField]}"
        return f"{sign}{rest // 12}-{rest % 12}"
    text = ""
    for field in range(data_type.startField, data_type.endField + 1):
        amount, rest = divmod(rest, MICROSECONDS_PER[field])
        mark = "" if field == data_type.startField else " " if field == 1 else ":"
        text += mark + (str(amount) if field == 0 else f"{amount:02d}")
    fraction = f".{rest:06d}".rstrip("0") if has_fraction(data_type) and rest else ""
    return f"{sign}{text}{fraction}"


def interval_text(count: int, data_type: IntervalType) -> str:
    """An interval as SQL writes it.

    >>> interval_text(-14, YearMonthIntervalType())
    "INTERVAL '-1-2' YEAR TO MONTH"
    """
    return f"INTERVAL '{span_body(count, data_type)}' {span_words(data_type)}"


def widest(types: Sequence[IntervalType]) -> IntervalType | None:
    """The type that holds the values of all; None when some count months and some do not.

    >>> widest([DayTimeIntervalType(0), DayTimeIntervalType(2)])
    DayTimeIntervalType(0, 2)
    """
    if len({type(one) for one in types}) != 1:
        return None
    return type(types[0])(min(one.startField for one in types), max(one.endField for one in types))
