"""Numbers whose last digit depends on the formula; the answers are PySpark's."""

from __future__ import annotations

import pytest

from streamcore.sql.session import Session

_LINE = "FROM (SELECT CAST(id AS double) a, 2D * id b FROM range(20))"
_PAIRS = "FROM VALUES (1D, null), (2D, 1D), (3D, 4D), (null, 5D), (7D, 5.5D) AS t(a, b)"


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("SELECT log2(9), log2(0.3D), log2(10), log2(0)",
         (3.1699250014423126, -1.7369655941662063, 3.3219280948873626, None)),
        (f"SELECT corr(a, b), regr_r2(b, a) {_LINE}", (1.0, 1.0)),
        (f"SELECT corr(a, b), regr_r2(a, b) {_PAIRS}", (0.8660254037844387, 0.7500000000000001)),
        ("SELECT corr(a, b), regr_r2(a, b), regr_slope(a, b) FROM VALUES (1D, 1D), (1D, 2D) AS t(a, b)",
         (None, 1.0, 0.0)),
        ("SELECT corr(a, b), regr_r2(a, b), regr_slope(a, b) FROM VALUES (1D, 1D), (2D, 1D) AS t(a, b)",
         (None, None, None)),
    ],
)  # fmt: skip
def test_a_number_has_the_digits_of_sparks_formula(session: Session, query: str, answer: object) -> None:
    assert tuple(session.sql(query).first() or ()) == answer
