"""SQL that writes and reads intervals.

A day-time interval is a BIGINT of microseconds, a year-month interval an INTEGER of months; a calendar
interval, whose months, days and microseconds are counted apart, is an INTERVAL.
"""

from __future__ import annotations

from typing import Final

from streamcore.duck.errors import raise_sql
from streamcore.duck.once import let
from streamcore.duck.quoting import string
from streamcore.spi.interval_values import (
    MICROSECONDS_PER,
    IntervalType,
    field_sizes,
    has_fraction,
    shape,
    span_pattern,
    span_words,
)
from streamcore.spi.types import DayTimeIntervalType, YearMonthIntervalType

_BLANKS: Final = r"[\x00-\x20]*"
_QUOTED: Final = r"\x01"
"""Stands between the sign before the quotes and the body of a literal that is read as a value."""


def interval_to_text(sql: str, data_type: IntervalType) -> str:
    """SQL of an interval's text, as SQL writes its literal."""

    def written(v: str) -> str:
        sign = f"CASE WHEN {v} < 0 THEN '-' ELSE '' END"
        body = _months(v, data_type) if isinstance(data_type, YearMonthIntervalType) else _clock(v, data_type)
        return f"('INTERVAL ''' || {sign} || {body} || ''' {span_words(data_type)}')"

    # The smallest number has no absolute value of its own width.
    return let(f"CAST({sql} AS HUGEINT)", written)


def _months(v: str, data_type: YearMonthIntervalType) -> str:
    if data_type.startField == data_type.endField:
        return f"CAST(abs({v}) // {field_sizes(data_type)[0][0]} AS VARCHAR)"
    return f"CAST(abs({v}) // 12 AS VARCHAR) || '-' || CAST(abs({v}) % 12 AS VARCHAR)"


def _clock(v: str, data_type: DayTimeIntervalType) -> str:
    parts = []
    for field in range(data_type.startField, data_type.endField + 1):
        size = MICROSECONDS_PER[field]
        is_first = field == data_type.startField
        rest = f"abs({v})" if is_first else f"(abs({v}) % {MICROSECONDS_PER[field - 1]})"
        amount = f"CAST({rest} // {size} AS BIGINT)"
        mark = "" if is_first else "' ' || " if field == 1 else "':' || "
        parts.append(mark + (f"CAST({amount} AS VARCHAR)" if field == 0 else f"format('{{:02d}}', {amount})"))
    if has_fraction(data_type):
        micros = f"CAST(abs({v}) % 1000000 AS BIGINT)"
        digits = f"rtrim(format('.{{:06d}}', {micros}), '0')"
        parts.append(f"CASE WHEN {micros} = 0 THEN '' ELSE {digits} END")
    return " || ".join(parts)


def text_to_interval(sql: str, data_type: IntervalType, *, safe: bool) -> str:
    """SQL that reads an interval from text: its body alone, or the whole literal."""
    kind = "BIGINT" if isinstance(data_type, DayTimeIntervalType) else "INTEGER"
    spaced = span_words(data_type).replace(" ", r"\s+")
    literal = rf"(?i)^{_BLANKS}INTERVAL\s+([+-]?)'(.*)'\s+{spaced}{_BLANKS}$"
    # A body has one sign, and a literal another before its quotes.
    pattern = rf"^{_BLANKS}(?:([+-]?){_QUOTED})?{span_pattern(data_type)}{_BLANKS}$"
    sizes = field_sizes(data_type)
    names = ["q", "s", *(f"f{at}" for at in range(len(sizes))), *(["f"] if has_fraction(data_type) else [])]
    listed = ", ".join(string(name) for name in names)

    def read(t: str) -> str:
        body = rf"regexp_replace({t}, {string(literal)}, '\1' || chr(1) || '\2')"
        parts = f"regexp_extract({body}, {string(pattern)}, [{listed}])"
        message = (
            f"'Error parsing ''' || {t} || ''' to interval. Please ensure that the value provided is in a "
            "valid format for defining an interval. You can reference the documentation for the correct "
            f"format. Interval string does not match ' || {string(repr(shape(data_type)))} || ' format.'"
        )
        failing = "NULL" if safe else f"CAST({raise_sql('INVALID_INTERVAL_FORMAT', message)} AS {kind})"
        value = let(parts, lambda p: f"CASE WHEN {_fits(p, sizes)} THEN {_total(p, sizes, kind, safe)} END")
        return (
            f"CASE WHEN {t} IS NOT NULL THEN "
            + let(value, lambda n: f"CASE WHEN {n} IS NULL THEN {failing} ELSE {n} END")
            + " END"
        )

    return let(sql, read)


def _fits(p: str, sizes: list[tuple[int, int | None]]) -> str:
    conditions = [f"{p}.f0 <> ''"]
    for at, (_, limit) in enumerate(sizes):
        if at and limit is not None:
            conditions.append(f"CAST({p}.f{at} AS INTEGER) <= {limit}")
    return " AND ".join(conditions)


def _total(p: str, sizes: list[tuple[int, int | None]], kind: str, safe: bool) -> str:
    terms = [f"CAST({p}.f{at} AS HUGEINT) * {size}" for at, (size, _) in enumerate(sizes)]
    if sizes[-1][0] == MICROSECONDS_PER[-1]:
        terms.append(f"CAST(rpad(substr({p}.f, 2, 6), 6, '0') AS HUGEINT)")
    sign = f"CASE WHEN ({p}.q = '-') <> ({p}.s = '-') THEN -1 ELSE 1 END"
    return f"{'TRY_CAST' if safe else 'CAST'}(({' + '.join(terms)}) * {sign} AS {kind})"


def calendar_to_text(sql: str) -> str:
    """SQL of a calendar interval's text: its parts that are not 0, from years to seconds."""

    def written(v: str) -> str:
        micros = f"({calendar_microseconds(v)})"
        parts = [
            (f"{calendar_months(v)} // 12", "years"), (f"{calendar_months(v)} % 12", "months"),
            (f"datepart('day', {v})", "days"), (f"{micros} // 3600000000", "hours"),
            (f"({micros} // 60000000) % 60", "minutes"),
        ]  # fmt: skip
        shown = [f"CASE WHEN {n} <> 0 THEN CAST({n} AS VARCHAR) || ' {unit}' END" for n, unit in parts]
        rest = f"({micros} % 60000000)"
        # The digits of a fraction have the sign of the whole, which a number below 1 would lose.
        number = (
            f"CASE WHEN {rest} < 0 THEN '-' ELSE '' END || CAST(abs({rest}) // 1000000 AS VARCHAR) || "
            f"CASE WHEN {rest} % 1000000 = 0 THEN '' "
            f"ELSE rtrim(format('.{{:06d}}', abs({rest}) % 1000000), '0') END"
        )
        shown.append(f"CASE WHEN {rest} <> 0 THEN {number} || ' seconds' END")
        joined = f"concat_ws(' ', {', '.join(shown)})"
        return f"CASE WHEN {v} IS NOT NULL THEN coalesce(nullif({joined}, ''), '0 seconds') END"

    return let(sql, written)


def calendar_months(sql: str) -> str:
    """SQL of the months of a calendar interval, years counted in."""
    return f"(datepart('year', {sql}) * 12 + datepart('month', {sql}))"


def calendar_microseconds(sql: str) -> str:
    """SQL of the microseconds of a calendar interval, without its months and days."""
    return (
        f"datepart('hour', {sql}) * 3600000000 + datepart('minute', {sql}) * 60000000 "
        f"+ datepart('microsecond', {sql})"
    )


def as_span(sql: str, data_type: IntervalType) -> str:
    """SQL of an interval as DuckDB's INTERVAL: to move a date by, or as the bound of a frame."""
    return f"to_microseconds({sql})" if isinstance(data_type, DayTimeIntervalType) else f"to_months({sql})"
