"""Interval literals and the arithmetic of intervals with numbers and with each other."""

from __future__ import annotations

from sqlglot import exp

from streamcore.duck.errors import raise_sql
from streamcore.duck.interval_sql import calendar_microseconds, calendar_months
from streamcore.duck.once import let
from streamcore.duck.quoting import string
from streamcore.duck.types import type_text
from streamcore.errors import AnalysisException, UnsupportedOperationException
from streamcore.plan.interval_nodes import interval_value
from streamcore.plan.translation import exact
from streamcore.plan.translation.casts import cast
from streamcore.plan.translation.coercion import DOUBLE, INT, INTERVALS, is_string
from streamcore.plan.translation.core import Compiled, TranslationContext, Translator, node_rule
from streamcore.spi.interval_values import IntervalType, widest
from streamcore.spi.types import (
    CalendarIntervalType,
    DataType,
    DecimalType,
    IntegralType,
    NullType,
    NumericType,
)

_MOST_FACTOR_DIGITS = 19
_MOST_SCALE = 18
_BY_ZERO = raise_sql(
    "INTERVAL_DIVIDED_BY_ZERO",
    string("Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead."),
)


@node_rule(exp.Interval)
def _literal(node: exp.Interval, _: Translator) -> Compiled:
    try:
        value = interval_value(node)
    except ValueError as error:
        raise AnalysisException(f"[INVALID_INTERVAL_FORMAT] {error}. SQLSTATE: 22006") from error
    return interval_literal(value.count, value.type)


def interval_literal(count: int, data_type: IntervalType) -> Compiled:
    """The interval of so many microseconds or months."""
    return Compiled(f"CAST({count} AS {type_text(data_type)})", data_type, nullable=False, value=count)


def interval_arithmetic(
    symbol: str, left: Compiled, right: Compiled, context: TranslationContext, *, safe: bool
) -> Compiled | None:
    """Intervals with intervals and with numbers; None when that is not what the operands are."""
    if symbol in "+-":
        return _sum(symbol, left, right, safe=safe)
    spans = (*INTERVALS, CalendarIntervalType)
    if symbol == "*" and isinstance(right.type, spans):
        left, right = right, left
    if not isinstance(left.type, spans) or symbol not in "*/":
        return None
    number = _number(right, context)
    if number is None:
        return None
    if isinstance(left.type, CalendarIntervalType):
        return _scaled_calendar(symbol, left, cast(number, DOUBLE, context), context, safe=safe)
    made = _product(left, number) if symbol == "*" else _quotient(left, number, safe=safe)
    data_type = type(left.type)()
    known = [x for x in (left, number) if x.nullable]
    sql = f"CAST({made} AS {type_text(data_type)})"
    if safe:
        sql = f"TRY({sql})"
    return Compiled(sql, data_type, safe or bool(known))


def _number(value: Compiled, context: TranslationContext) -> Compiled | None:
    if isinstance(value.type, NullType):
        return cast(value, INT, context)
    if is_string(value.type):
        return cast(value, DOUBLE, context)
    return value if isinstance(value.type, NumericType) else None


def _sum(symbol: str, left: Compiled, right: Compiled, *, safe: bool) -> Compiled | None:
    if isinstance(left.type, CalendarIntervalType) and isinstance(right.type, CalendarIntervalType):
        sql = f"({left.sql} {symbol} {right.sql})"
        sql = f"TRY({sql})" if safe else sql
        return Compiled(sql, left.type, safe or left.nullable or right.nullable)
    data_type = common_interval(left.type, right.type)
    if data_type is None:
        return None
    one, other = (
        f"CAST({x.sql} AS {type_text(data_type)})" if isinstance(x.type, NullType) else x.sql
        for x in (left, right)
    )
    sql = f"({one} {symbol} {other})"
    return Compiled(f"TRY({sql})" if safe else sql, data_type, safe or left.nullable or right.nullable)


def common_interval(first: DataType, second: DataType) -> IntervalType | None:
    """The interval type that holds the values of both; None when there is none."""
    if isinstance(first, INTERVALS) and isinstance(second, INTERVALS):
        return widest([first, second])
    if isinstance(first, NullType):
        first, second = second, first
    return first if isinstance(first, INTERVALS) and isinstance(second, NullType) else None


def _product(span: Compiled, number: Compiled) -> str:
    if isinstance(number.type, IntegralType):
        return f"(CAST({span.sql} AS HUGEINT) * {number.sql})"
    if isinstance(number.type, DecimalType):
        if number.type.precision > _MOST_FACTOR_DIGITS:
            raise _too_precise(number.type)
        return f"round(CAST({span.sql} AS DECIMAL(19,0)) * {number.sql}, 0)"
    return f"round({span.sql} * CAST({number.sql} AS DOUBLE))"


def _scaled_calendar(
    symbol: str, span: Compiled, number: Compiled, context: TranslationContext, *, safe: bool
) -> Compiled:
    """Months, days and time scaled each for itself: part of a day becomes time, part of a month is lost."""

    def body(v: str) -> str:
        months = f"({calendar_months(f'{v}.s')}) {symbol} {v}.n"
        days = f"datepart('day', {v}.s) {symbol} {v}.n"
        micros = f"({calendar_microseconds(f'{v}.s')}) {symbol} {v}.n"
        rest = f"floor({micros} + 86400000000 * ({days} - trunc({days})) + 0.5)"
        scaled = (
            f"to_months(CAST(trunc({months}) AS INTEGER)) + to_days(CAST(trunc({days}) AS INTEGER)) "
            f"+ to_microseconds(CAST({rest} AS BIGINT))"
        )
        scaled = f"TRY({scaled})" if safe else scaled
        if symbol == "*":
            return scaled
        is_null = safe or not context.ansi
        by_zero = "NULL" if is_null else f"CAST({_BY_ZERO} AS {type_text(span.type)})"
        return f"CASE WHEN {v}.n = 0 THEN {by_zero} ELSE {scaled} END"

    sql = let(f"struct_pack(s := {span.sql}, n := {number.sql})", body)
    nullable = safe or span.nullable or number.nullable or not context.ansi
    return Compiled(sql, span.type, nullable)


def _quotient(span: Compiled, number: Compiled, *, safe: bool) -> str:
    failing = "NULL" if safe else f"CAST({_BY_ZERO} AS HUGEINT)"
    if isinstance(number.type, (IntegralType, DecimalType)):
        scale = number.type.scale if isinstance(number.type, DecimalType) else 0
        if scale > _MOST_SCALE:
            raise _too_precise(number.type)
        divisor = exact.unscaled(number) if isinstance(number.type, DecimalType) else number.sql
        terms = (
            f"struct_pack(n := CAST({span.sql} AS HUGEINT) * {10**scale}, d := CAST({divisor} AS HUGEINT))"
        )
        return let(terms, lambda v: f"CASE WHEN {v}.d = 0 THEN {failing} ELSE {_half_up(v)} END")
    zero = failing if safe else f"CAST({_BY_ZERO} AS DOUBLE)"
    terms = f"struct_pack(n := {span.sql}, d := CAST({number.sql} AS DOUBLE))"
    return let(terms, lambda v: f"CASE WHEN {v}.d = 0 THEN {zero} ELSE round({v}.n / {v}.d) END")


def _half_up(v: str) -> str:
    """SQL of the quotient of whole numbers, rounded half away from zero."""
    sign = f"CASE WHEN ({v}.n < 0) <> ({v}.d < 0) THEN -1 ELSE 1 END"
    return f"((abs({v}.n) * 2 + abs({v}.d)) // (2 * abs({v}.d))) * {sign}"


def half_up_quotient(dividend: str, divisor: str) -> str:
    """SQL of a quotient of whole numbers, rounded half away from zero; null for a divisor of 0."""
    terms = f"struct_pack(n := CAST({dividend} AS HUGEINT), d := CAST({divisor} AS HUGEINT))"
    return let(terms, lambda v: f"CASE WHEN {v}.d <> 0 THEN {_half_up(v)} END")


def _too_precise(data_type: DataType) -> UnsupportedOperationException:
    return UnsupportedOperationException(
        f"An interval times or by a {data_type.simpleString()} is not offered: cast the number to a decimal "
        f"of at most {_MOST_FACTOR_DIGITS} digits, {_MOST_SCALE} of them after the point, or to a double."
    )
