"""JOIN USING and NATURAL JOIN in SQL text: one key column, and either side's under its qualifier."""

from __future__ import annotations

import pytest

from streamcore.errors import AnalysisException
from streamcore.sql.session import Session

LEFT = "(VALUES ('one', 1), ('x', 9)) AS l(k, v)"
RIGHT = "(VALUES (1, 'one'), (22, 'two')) AS r(w, k)"


@pytest.mark.parametrize(
    ("select", "join", "columns", "rows"),
    [
        ("r.*", f"NATURAL JOIN {RIGHT}", ["k", "w"], [("one", 1)]),
        ("r.*", f"JOIN {RIGHT} USING (k)", ["k", "w"], [("one", 1)]),
        ("r.*", f"LEFT JOIN {RIGHT} USING (k)", ["k", "w"], [("one", 1), (None, None)]),
        ("l.*", f"RIGHT JOIN {RIGHT} USING (k)", ["k", "v"], [("one", 1), (None, None)]),
        ("l.*", f"FULL JOIN {RIGHT} USING (k)", ["k", "v"], [("one", 1), ("x", 9), (None, None)]),
        (
            "k, l.k, r.k",
            f"FULL JOIN {RIGHT} USING (k)",
            ["k", "k", "k"],
            [("one", "one", "one"), ("two", None, "two"), ("x", "x", None)],
        ),
        ("*", f"FULL JOIN {RIGHT} USING (k) WHERE l.k IS NULL", ["k", "v", "w"], [("two", None, 22)]),
        (
            "r.k, count(*)",
            f"LEFT JOIN {RIGHT} USING (k) GROUP BY r.k",
            ["k", "count(1)"],
            [("one", 1), (None, 1)],
        ),
        ("v", f"LEFT JOIN {RIGHT} USING (k) ORDER BY r.k", ["v"], [(1,), (9,)]),
        (
            "r.*, s.*, k",
            f"NATURAL JOIN {RIGHT} NATURAL JOIN (VALUES ('one', 3)) AS s(k, u)",
            ["k", "w", "k", "u", "k"],
            [("one", 1, "one", 3, "one")],
        ),
    ],
)
def test_the_key_of_either_side_is_in_reach_under_its_qualifier(
    session: Session, select: str, join: str, columns: list[str], rows: list[tuple[object, ...]]
) -> None:
    found = session.sql(f"SELECT {select} FROM {LEFT} {join}")
    assert (found.columns, sorted(map(tuple, found.collect()), key=str)) == (columns, sorted(rows, key=str))


def test_a_star_over_a_subquery_has_the_merged_key_once(session: Session) -> None:
    inner = f"SELECT * FROM {LEFT} JOIN {RIGHT} USING (k)"
    assert session.sql(f"SELECT q.*, q.k FROM ({inner}) q").columns == ["k", "v", "w", "k"]
    with pytest.raises(AnalysisException, match="UNRESOLVED_COLUMN"):
        session.sql(f"SELECT r.k FROM ({inner}) q")
