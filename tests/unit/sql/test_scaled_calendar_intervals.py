"""Calendar intervals times and by numbers: each part for itself; the answers are PySpark's."""

from __future__ import annotations

import pytest

from streamcore.errors import AnalysisException, ArithmeticException
from streamcore.sql.session import Session


@pytest.mark.parametrize(
    ("made", "text"),
    [
        ("make_interval(3, 1, 0, 5, 7, 8, 9.5) * 1.7",
         "5 years 2 months 8 days 24 hours 7 minutes 52.15 seconds"),
        ("make_interval(3, 1, 0, -5, 7, 8, 9.5) / 3",
         "1 years -1 days -13 hours -37 minutes -16.833333 seconds"),
        ("make_interval(0, 0, 0, -1, 0, 0, -0.000003) / 2", "-12 hours -0.000001 seconds"),
        ("2 * make_interval(3)", "6 years"),
        ("make_interval(2) * '1.5'", "3 years"),
        ("make_interval(3) * null", None),
        ("try_divide(make_interval(3), 0)", None),
    ],
)  # fmt: skip
def test_months_days_and_time_are_scaled_each_for_itself(
    session: Session, made: str, text: str | None
) -> None:
    assert session.sql(f"SELECT CAST({made} AS string) AS text").first() == (text,)


def test_a_calendar_interval_by_zero_is_an_error(session: Session) -> None:
    with pytest.raises(ArithmeticException, match="INTERVAL_DIVIDED_BY_ZERO"):
        session.sql("SELECT CAST(make_interval(3) / 0 AS string)").collect()


def test_a_number_by_a_calendar_interval_is_refused(session: Session) -> None:
    with pytest.raises(AnalysisException, match="BINARY_OP_DIFF_TYPES"):
        session.sql("SELECT 1 / make_interval(3)")
