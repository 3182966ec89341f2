"""approx_count_distinct over a growing number of values: PySpark's answers, or as near as its error."""

from __future__ import annotations

import pytest

from streamcore import Session
from streamcore.errors import AnalysisException, UnsupportedOperationException

# What PySpark 4.3 gives over range(n): of id, of id with an error of 1 %, of id as a text.
PYSPARK = {
    1: (1, 1, 1),
    5: (5, 5, 5),
    100: (103, 100, 104),
    300: (296, 301, 296),
    400: (397, 401, 397),
    3000: (2770, 2991, 2788),
    10000: (9571, 9965, 9093),
    100000: (95546, 100425, 97299),
}
# Where PySpark corrects by a table of measurements what is computed here.
BETWEEN = {500: (484, 500, 492), 1000: (1026, 996, 1034), 2000: (1947, 2013, 1937)}


def estimates(session: Session, number: int) -> tuple[int, ...]:
    calls = "id", "id, 0.01D", "CAST(id AS STRING)"
    listed = ", ".join(f"approx_count_distinct({call})" for call in calls)
    return tuple(session.sql(f"SELECT {listed} FROM range({number})").collect()[0])


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.master("local[2]").getOrCreate()


def test_few_and_many_values_are_estimated_as_pyspark_estimates_them(session: Session) -> None:
    assert {number: estimates(session, number) for number in PYSPARK} == PYSPARK


@pytest.mark.parametrize("number", BETWEEN)
def test_in_between_the_answers_are_within_the_error(session: Session, number: int) -> None:
    for ours, theirs in zip(estimates(session, number), BETWEEN[number], strict=True):
        assert abs(ours - theirs) < 0.05 * number
        assert abs(ours - number) < 0.1 * number


def test_values_of_any_type_are_counted(session: Session) -> None:
    values = {
        "array(id % 3)": 3,
        "named_struct('a', id % 3)": 3,
        "map('b', id % 3)": 3,
        "id % 3 = 1": 2,
        "date_add(DATE'2026-01-01', CAST(id % 3 AS INT))": 3,
        "CAST(id % 3 AS DECIMAL(38, 2))": 3,
    }
    listed = ", ".join(f"approx_count_distinct({value})" for value in values)
    assert list(session.sql(f"SELECT {listed} FROM range(20)").collect()[0]) == [*values.values()]


@pytest.mark.parametrize(
    ("error", "raised"),
    [("0.5D", AnalysisException), ("0", AnalysisException), ("0.0001D", UnsupportedOperationException)],
)
def test_an_error_that_cannot_be_kept_is_refused(
    session: Session, error: str, raised: type[Exception]
) -> None:
    with pytest.raises(raised):
        session.sql(f"SELECT approx_count_distinct(id, {error}) FROM range(3)").collect()
