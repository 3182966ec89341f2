"""Python values as literal expressions."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import math
from typing import Any

from sqlglot import exp

from streamcore.errors import AnalysisException
from streamcore.plan.expressions import call
from streamcore.plan.interval_nodes import interval_node
from streamcore.plan.literal_nodes import decimal_node, typed_literal
from streamcore.spi.interval_values import IntervalValue
from streamcore.spi.types import DayTimeIntervalType


def literal_expression(value: Any) -> exp.Expression:
    """The expression that `functions.lit(value)` makes.

    Raises AnalysisException for values that have no literal.
    """
    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int):
        return _signed(value < 0, str(abs(value)))
    if isinstance(value, float):
        return _double(value)
    if isinstance(value, str):
        return exp.Literal.string(value)
    if isinstance(value, list | tuple):
        return call("array", *(literal_expression(item) for item in value))
    return _other(value)


def _signed(is_negative: bool, digits: str) -> exp.Expression:
    number = exp.Literal.number(digits)
    return exp.Neg(this=number) if is_negative else number


def _double(value: float) -> exp.Expression:
    if not math.isfinite(value):
        return _typed(str(value).replace("inf", "Infinity").replace("nan", "NaN"), "double")
    text = repr(abs(value))
    return _signed(math.copysign(1.0, value) < 0, text if "e" in text else f"{text}e0")


def _other(value: Any) -> exp.Expression:
    if isinstance(value, bytes | bytearray):
        return exp.HexString(this=bytes(value).hex())
    if isinstance(value, decimal.Decimal):
        return _decimal(value)
    if isinstance(value, dt.datetime):
        return _typed(value.astimezone(dt.UTC).isoformat(sep=" "), "timestamp")
    if isinstance(value, dt.date):
        return _typed(value.isoformat(), "date")
    if isinstance(value, dt.time):
        return _typed(value.replace(tzinfo=None).isoformat(), "time")
    if isinstance(value, dt.timedelta):
        micros = value // dt.timedelta(microseconds=1)
        return interval_node(IntervalValue(micros, DayTimeIntervalType()))
    if hasattr(type(value), "__UDT__"):
        raise AnalysisException(
            f"[UNSUPPORTED_LITERAL] {value!r} of type {type(value).__name__} has no literal; a vector "
            "comes of array_to_vector(array(...))."
        )
    if isinstance(value, enum.Enum):
        return literal_expression(value.value)
    to_list = getattr(value, "tolist", None)
    if callable(to_list):  # numpy's scalars and arrays
        return literal_expression(to_list())
    raise AnalysisException(
        f"[UNSUPPORTED_LITERAL] {value!r} of type {type(value).__name__} has no literal; pass a column, or a "
        "bool, number, str, bytes, date, datetime, time, timedelta, Decimal or list."
    )


def _decimal(value: decimal.Decimal) -> exp.Expression:
    number = decimal_node(abs(value))
    return exp.Neg(this=number) if value.is_signed() else number


def _typed(text: str, kind: str) -> exp.Expression:
    return typed_literal(exp.Literal.string(text), exp.DataType.build(kind, dialect="spark"))
