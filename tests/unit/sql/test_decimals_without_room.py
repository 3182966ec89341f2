"""Decimals that DuckDB's own types have no room for: the fast text fails, the careful one answers."""

from __future__ import annotations

from decimal import Decimal

import pytest

from streamcore.errors import ArithmeticException
from streamcore.sql.session import Session

_WIDE = "9999999999999.99"


def _value(session: Session, expression: str, rows: str) -> object:
    return session.sql(f"SELECT {expression} FROM VALUES {rows} AS t(x, y)").collect()[0][0]


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("x * y", Decimal("99999999999999800000000000.0001")),
        ("sum(x * y)", Decimal("99999999999999800000000000.0001")),
        ("try_add(x * y, x)", Decimal("100000000000009799999999999.9901")),
        ("coalesce(try_multiply(x * y, 1.00), 0)", Decimal("99999999999999800000000000.000100")),
        ("avg(x * y)", Decimal("99999999999999800000000000.00010000")),
    ],
)
def test_a_product_of_more_than_18_digits_is_exact(
    session: Session, expression: str, answer: Decimal
) -> None:
    rows = f"(CAST({_WIDE} AS DECIMAL(15,2)), CAST({_WIDE} AS DECIMAL(15,2)))"
    assert _value(session, expression, rows) == answer


def test_a_product_of_three_is_exact(session: Session) -> None:
    short = "CAST(999999999.99 AS DECIMAL(15,2))"
    assert _value(session, "x * y * x", f"({short}, {short})") == Decimal(
        "999999999970000000000299999.999999"
    )


def test_a_sum_that_has_too_many_digits_only_on_its_way_is_exact(session: Session) -> None:
    most = "9" * 38
    rows = f"({most}, 1), ({most}, 2), (-{most}, 3), (-{most}, 4), (7, 5)"
    assert _value(session, "sum(CAST(x AS DECIMAL(38,0)))", rows) == 7


def test_a_sum_that_has_too_many_digits_at_its_end_is_an_error(session: Session) -> None:
    rows = f"({'6' + '0' * 37}, 1), ({'6' + '0' * 37}, 2)"
    with pytest.raises(ArithmeticException, match="Overflow in sum of decimals"):
        _value(session, "sum(CAST(x AS DECIMAL(38,0)))", rows)
    assert _value(session, "try_sum(CAST(x AS DECIMAL(38,0)))", rows) is None
