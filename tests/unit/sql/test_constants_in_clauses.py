"""Literals in ORDER BY and GROUP BY: integers count columns, other constants order nothing; as in PySpark."""

from __future__ import annotations

import pytest

from streamcore.errors import AnalysisException
from streamcore.sql import functions as F
from streamcore.sql.session import Session

ROWS = "VALUES (2), (1) AS t(a)"


@pytest.mark.parametrize(
    "key", ["'a'", "('a')", "1.5", "1e0", "null", "true", "DATE'2020-01-01'", "'a' || 'b'"]
)
@pytest.mark.parametrize("query", [f"SELECT a FROM {ROWS}", f"SELECT a FROM {ROWS} GROUP BY a"])
def test_a_constant_that_is_no_integer_orders_nothing(session: Session, query: str, key: str) -> None:
    assert [row.a for row in session.sql(f"{query} ORDER BY {key}, a").collect()] == [1, 2]
    assert session.sql(f"{query} ORDER BY {key}").count() == 2


def test_a_constant_that_is_no_integer_makes_one_group(session: Session) -> None:
    assert [row.s for row in session.sql(f"SELECT sum(a) AS s FROM {ROWS} GROUP BY 1.5").collect()] == [3]


@pytest.mark.parametrize(
    ("clauses", "condition"),
    [
        ("ORDER BY -1", r"ORDER_BY_POS_OUT_OF_RANGE\] ORDER BY position -1"),
        ("ORDER BY 2", r"ORDER_BY_POS_OUT_OF_RANGE\] ORDER BY position 2"),
        ("GROUP BY a ORDER BY 2", r"ORDER_BY_POS_OUT_OF_RANGE\] ORDER BY position 2"),
        ("GROUP BY a ORDER BY 0", r"ORDER_BY_POS_OUT_OF_RANGE\] ORDER BY position 0"),
        ("GROUP BY -1", r"GROUP_BY_POS_OUT_OF_RANGE\] GROUP BY position -1"),
    ],
)
def test_an_integer_that_counts_no_column_is_an_error(session: Session, clauses: str, condition: str) -> None:
    with pytest.raises(AnalysisException, match=condition):
        session.sql(f"SELECT a FROM {ROWS} {clauses}")


def test_an_integer_literal_counts_columns_in_the_dataframe_api_too(session: Session) -> None:
    frame = session.createDataFrame([(2, "x"), (1, "y")], "a int, b string")
    assert [row.a for row in frame.orderBy(F.lit(1)).collect()] == [1, 2]
    assert [row.a for row in frame.orderBy(F.lit(2).desc()).collect()] == [1, 2]
    assert [row.a for row in frame.orderBy(F.lit("b")).collect()] == [2, 1]
    with pytest.raises(AnalysisException, match="ORDER_BY_POS_OUT_OF_RANGE"):
        frame.orderBy(F.lit(9))
