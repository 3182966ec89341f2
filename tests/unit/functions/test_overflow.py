"""What does not fit fails by Spark's condition, in a batch and over a stream."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import ArithmeticException, StreamingQueryException
from streamcore.sql import functions as F
from streamcore.testing.stepped_query import SteppedQuery
from tests.oracle.streaming.arrivals import Arrivals
from tests.oracle.streaming.scenarios import row

LARGEST = 2**63 - 1


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.master("local[2]").getOrCreate()


@pytest.mark.parametrize(
    ("expression", "condition"),
    [
        ("sum(v)", "ARITHMETIC_OVERFLOW"),
        ("sum(DISTINCT v)", "ARITHMETIC_OVERFLOW"),
        ("sum(v) OVER ()", "ARITHMETIC_OVERFLOW"),
        ("v + v", "ARITHMETIC_OVERFLOW"),
        ("CAST(v AS INT)", "CAST_OVERFLOW"),
        ("CAST(CAST('1e19' AS DECIMAL(20, 0)) AS BIGINT)", "CAST_OVERFLOW"),
    ],
)
def test_a_number_that_does_not_fit_fails(session: Session, expression: str, condition: str) -> None:
    rows = session.sql(f"SELECT * FROM VALUES ({LARGEST}L), (1L) AS t(v)")
    with pytest.raises(ArithmeticException, match=condition):
        rows.selectExpr(expression).collect()


def answers(session: Session, folder: Path, call: Any, values: list[int]) -> list[Any]:
    """What one aggregate gives after each of the values."""
    arrivals, found = Arrivals(), list[Any]()

    def keep(df: Any, _: int) -> None:
        found.extend(row[0] for row in df.collect())

    writer = arrivals.to_df(session).agg(call).writeStream.outputMode("update").foreachBatch(keep)
    query = SteppedQuery(writer.option("checkpointLocation", str(folder)))
    try:
        for value in values:
            arrivals.arrive([row(1, "a", value)])
            query.step()
    finally:
        query.close()
    return found


def test_a_sum_over_a_stream_fails_when_its_parts_do_not_fit_together(
    session: Session, tmp_path: Path
) -> None:
    with pytest.raises((ArithmeticException, StreamingQueryException), match="ARITHMETIC_OVERFLOW"):
        answers(session, tmp_path, F.sum("v"), [LARGEST, 1])


def test_try_sum_over_a_stream_is_null_until_it_fits_again(session: Session, tmp_path: Path) -> None:
    assert answers(session, tmp_path, F.try_sum("v"), [LARGEST, 1, -5]) == [LARGEST, None, LARGEST - 4]


def test_the_last_value_stays_when_a_filter_lets_nothing_new_through(
    session: Session, tmp_path: Path
) -> None:
    last = F.expr("last(v) FILTER (WHERE v > 5)")
    assert answers(session, tmp_path, last, [7, 1, 9]) == [7, 7, 9]
