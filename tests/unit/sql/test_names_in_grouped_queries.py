"""What a name means after GROUP BY when a key and an alias of the select list share it; as in PySpark."""

from __future__ import annotations

import pytest

from streamcore.sql.session import Session

ROWS = "VALUES (1, 10, 5), (2, 20, 6) AS t(a, b, c)"


def answer(session: Session, text: str) -> list[tuple[object, ...]]:
    return sorted(tuple(row) for row in session.sql(text).collect())


@pytest.mark.parametrize(
    ("select", "clauses", "rows"),
    [
        ("sum(a) AS b", "GROUP BY b HAVING b > 10", [(2,)]),
        ("sum(a) AS b", "GROUP BY b HAVING B + 1 > 11", [(2,)]),
        ("sum(a) AS b", "GROUP BY t.b HAVING b > 10", [(2,)]),
        ("sum(a) AS b", "GROUP BY b + 1 HAVING b + 1 > 11", [(2,)]),
        ("a + 10 AS a", "GROUP BY a HAVING a > 10", []),
        ("b AS x, sum(a) AS b", "GROUP BY x HAVING b > 10", [(20, 2)]),
        ("sum(a) AS b", "GROUP BY GROUPING SETS ((b), ()) HAVING b > 10", [(2,)]),
        ("sum(a) AS b", "GROUP BY b HAVING b > (SELECT 10)", [(2,)]),
    ],
)
def test_a_grouping_expression_goes_before_an_alias_in_having(
    session: Session, select: str, clauses: str, rows: list[tuple[object, ...]]
) -> None:
    assert answer(session, f"SELECT {select} FROM {ROWS} {clauses}") == rows


@pytest.mark.parametrize(
    ("select", "clauses", "rows"),
    [
        ("sum(a) AS b", "GROUP BY c HAVING b > 1", [(2,)]),
        ("sum(a) AS b", "GROUP BY b + 1 HAVING b > 1", [(2,)]),
        ("sum(a) AS z", "GROUP BY c HAVING z > 1", [(2,)]),
        ("a + 10 AS a", "GROUP BY a + 10 HAVING a > 10", [(11,), (12,)]),
    ],
)
def test_an_alias_goes_before_a_column_that_is_not_grouped_in_having(
    session: Session, select: str, clauses: str, rows: list[tuple[object, ...]]
) -> None:
    assert answer(session, f"SELECT {select} FROM {ROWS} {clauses}") == rows


def test_an_alias_goes_before_a_grouped_column_in_order_by(session: Session) -> None:
    text = f"SELECT -sum(a) AS b FROM {ROWS} GROUP BY b HAVING b > 1 ORDER BY b"
    assert [row.b for row in session.sql(text).collect()] == [-2, -1]


def test_an_alias_that_several_columns_share_is_not_ambiguous_in_having(session: Session) -> None:
    text = f"SELECT sum(x.a) AS a FROM ({ROWS}) x JOIN ({ROWS}) y ON x.b = y.b GROUP BY x.b HAVING a > 1"
    assert answer(session, text.replace("(VALUES", "(SELECT * FROM VALUES")) == [(2,)]
