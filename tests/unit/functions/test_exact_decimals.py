"""Decimals are added, multiplied and divided to the last digit."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamcore.duck.engine import SlotEngine
from streamcore.plan.translation import exact
from streamcore.plan.translation.core import Compiled
from streamcore.spi.types import DecimalType

LARGEST = 10**38
numbers = st.integers(0, 38).flatmap(lambda digits: st.integers(-(10**digits) + 1, 10**digits - 1))


@pytest.fixture(scope="module")
def engine() -> Iterator[SlotEngine]:
    with SlotEngine() as engine:
        yield engine


def value(engine: SlotEngine, sql: str, **columns: str) -> object:
    listed = ", ".join(f"{text} AS {name}" for name, text in columns.items())
    return engine.run(f"SELECT {sql} AS x FROM (SELECT {listed})", {})["x"][0].as_py()


def whole(number: int) -> str:
    return f"CAST('{number}' AS HUGEINT)"


def rounded(number: Decimal) -> int:
    return int(number.quantize(Decimal(1), ROUND_HALF_UP))


@settings(max_examples=60, deadline=None)
@given(n=numbers, d=numbers.filter(bool), shift=st.integers(-5, 40), is_wide=st.booleans())
def test_a_quotient_is_rounded_half_up(engine: SlotEngine, n: int, d: int, shift: int, is_wide: bool) -> None:
    with localcontext(prec=200):
        expected = rounded(Decimal(n).scaleb(shift) / d)
    if abs(expected) < LARGEST:
        lengths = (38, 38) if is_wide else (len(str(abs(n))), len(str(abs(d))))
        sql = exact.quotient("n", "d", shift, dividend_digits=lengths[0], divisor_digits=lengths[1])
        assert value(engine, sql, n=whole(n), d=whole(d)) == expected


@settings(max_examples=40, deadline=None)
@given(left=numbers, right=numbers, dropped=st.integers(0, 39))
def test_a_product_is_rounded_half_up(engine: SlotEngine, left: int, right: int, dropped: int) -> None:
    with localcontext(prec=200):
        expected = rounded(Decimal(left * right).scaleb(-dropped))
    if abs(expected) < LARGEST:
        sql = exact.product("l", "r", dropped)
        assert value(engine, sql, l=whole(left), r=whole(right)) == expected


@settings(max_examples=40, deadline=None)
@given(data=st.data(), precision=st.integers(1, 38))
def test_a_decimal_is_its_digits_and_its_scale(
    engine: SlotEngine, data: st.DataObject, precision: int
) -> None:
    scale = data.draw(st.integers(0, precision))
    digits = data.draw(st.integers(-(10**precision) + 1, 10**precision - 1))
    with localcontext(prec=50):
        decimal = Decimal(digits).scaleb(-scale)
    data_type = DecimalType(precision, scale)
    written = f"CAST('{decimal:f}' AS DECIMAL({precision},{scale}))"
    assert value(engine, exact.unscaled(Compiled("x", data_type)), x=written) == digits
    assert value(engine, exact.scaled("n", data_type), n=whole(digits)) == decimal


def test_a_result_with_too_many_digits_is_null_where_that_is_asked(engine: SlotEngine) -> None:
    assert value(engine, exact.scaled("n", DecimalType(3, 1), safe=True), n=whole(1000)) is None
