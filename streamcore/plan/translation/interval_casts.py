"""Casts between intervals and numbers, and between intervals of other units."""

from __future__ import annotations

from streamcore.duck.types import type_text
from streamcore.errors import UnsupportedOperationException
from streamcore.plan.translation.core import Compiled, TranslationContext
from streamcore.spi.interval_values import MICROSECONDS_PER, MONTHS_PER, IntervalType
from streamcore.spi.types import (
    DataType,
    DayTimeIntervalType,
    DecimalType,
    IntegralType,
    YearMonthIntervalType,
)

_DIGITS_OF_A_DAY = 11


def is_interval(data_type: DataType) -> bool:
    """Whether values are year-month or day-time intervals."""
    return isinstance(data_type, (DayTimeIntervalType, YearMonthIntervalType))


def last_unit(data_type: IntervalType) -> int:
    """The size of the last field: what a number that is cast from or to the interval counts."""
    sizes = MICROSECONDS_PER if isinstance(data_type, DayTimeIntervalType) else MONTHS_PER
    return sizes[data_type.endField]


def interval_to_interval(value: Compiled, to: DataType, _: TranslationContext, _safe: bool) -> str:
    """What is smaller than the last field of the new type is cut off."""
    assert isinstance(to, (DayTimeIntervalType, YearMonthIntervalType))
    size = last_unit(to)
    is_cut = size > (1_000_000 if isinstance(to, DayTimeIntervalType) else 1)
    return f"({value.sql} - {value.sql} % {size})" if is_cut else value.sql


def interval_to_number(value: Compiled, to: DataType, _: TranslationContext, safe: bool) -> str:
    """The number of the interval's last field, cut off; only seconds keep a fraction, in a decimal."""
    source = value.type
    assert isinstance(source, (DayTimeIntervalType, YearMonthIntervalType))
    word = "TRY_CAST" if safe else "CAST"
    if isinstance(to, IntegralType) or last_unit(source) != MICROSECONDS_PER[-1]:
        return f"{word}(({value.sql} // {last_unit(source)}) AS {type_text(to)})"
    # Decimals are divided as doubles, but multiplied exactly.
    exact = f"CAST({value.sql} AS DECIMAL(25,6)) * CAST('0.000001' AS DECIMAL(7,6))"
    return f"{word}({exact} AS {type_text(to)})"


def number_to_interval(value: Compiled, to: DataType, _: TranslationContext, safe: bool) -> str:
    """A number of the interval's last field; fractions of it are kept, rounded half up."""
    assert isinstance(to, (DayTimeIntervalType, YearMonthIntervalType))
    word, size = ("TRY_CAST" if safe else "CAST"), last_unit(to)
    if isinstance(value.type, IntegralType):
        return f"{word}(CAST({value.sql} AS HUGEINT) * {size} AS {type_text(to)})"
    assert isinstance(value.type, DecimalType)
    if value.type.precision + _DIGITS_OF_A_DAY > DecimalType.MAX_PRECISION:
        raise UnsupportedOperationException(
            f"A cast of {value.type.simpleString()} to {to.simpleString()} is not offered: cast to a decimal "
            f"of at most {DecimalType.MAX_PRECISION - _DIGITS_OF_A_DAY} digits first."
        )
    return f"{word}(round({value.sql} * CAST({size} AS DECIMAL({_DIGITS_OF_A_DAY},0)), 0) AS {type_text(to)})"
