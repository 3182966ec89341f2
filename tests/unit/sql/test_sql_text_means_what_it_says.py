"""SQL text: an argument, a clause or a quote that changes the meaning in PySpark changes it here."""

from __future__ import annotations

import pytest

from streamcore.errors import AnalysisException, ParseException, UnsupportedOperationException
from streamcore.sql.session import Session

ROWS = "(VALUES ('ab', 1, 2), ('a%', 1, 3), ('b', 2, 3), (NULL, NULL, 3)) AS t(s, k, v)"


def values(session: Session, text: str) -> list[object]:
    return [tuple(row) if len(row) > 1 else row[0] for row in session.sql(text).collect()]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("s LIKE 'a%'", ["ab", "a%"]),
        ("s NOT LIKE 'a%'", ["b"]),
        ("s NOT ILIKE 'A%'", ["b"]),
        ("s LIKE 'a!%' ESCAPE '!'", ["a%"]),
        ("s NOT LIKE 'a!%' ESCAPE '!'", ["ab", "b"]),
        ("NOT s NOT LIKE 'a%'", ["ab", "a%"]),
        ("s NOT RLIKE '^a'", ["b"]),
        ("k NOT BETWEEN 2 AND 3", ["ab", "a%"]),
        ("k NOT IN (1)", ["b"]),
        ("k IS NOT NULL", ["ab", "a%", "b"]),
    ],
)
def test_not_is_never_lost(session: Session, condition: str, expected: list[str]) -> None:
    assert values(session, f"SELECT s FROM {ROWS} WHERE {condition}") == expected


def test_not_like_is_named_as_pyspark_names_it(session: Session) -> None:
    assert session.sql(f"SELECT s NOT LIKE 'a%' FROM {ROWS}").columns == ["(NOT s LIKE a%)"]


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("'O''Brien'", "O'Brien"),
        ('"O""Brien"', 'O"Brien'),
        ("''''", "'"),
        ("'a' 'b'", "ab"),
        ("r'a''b'", "ab"),
        ("'a\\'b'", "a'b"),
    ],
)
def test_string_literals_are_put_together_as_in_pyspark(session: Session, literal: str, value: str) -> None:
    assert values(session, f"SELECT {literal}") == [value]


@pytest.mark.parametrize(
    ("clause", "rows"),
    [
        ("k, CUBE(k, v)", 14),
        ("k, ROLLUP(k, v)", 10),
        ("CUBE(k, v), ROLLUP(k, v)", 40),
        ("k, v WITH ROLLUP", 8),
        ("k, v GROUPING SETS ((k), (v))", 5),
        ("GROUPING SETS (ROLLUP(k, v), (k))", 11),
        ("ROLLUP((k, v), k)", 9),
    ],
)
def test_the_elements_of_group_by_are_crossed(session: Session, clause: str, rows: int) -> None:
    assert session.sql(f"SELECT k, v, count(*) FROM {ROWS} GROUP BY {clause}").count() == rows


def test_a_column_named_all_is_grouped_by(session: Session) -> None:
    assert values(session, "SELECT count(1) FROM VALUES (1), (2), (3) AS t(all) GROUP BY all") == [1, 1, 1]


def test_a_limit_around_a_query_in_parentheses_is_kept(session: Session) -> None:
    assert values(session, "SELECT (SELECT x FROM VALUES (1), (2) AS t(x) ORDER BY x DESC LIMIT 1)") == [2]
    assert values(session, "SELECT ((SELECT x FROM VALUES (1), (2) AS t(x)) ORDER BY x LIMIT 1)") == [1]
    assert values(session, "VALUES (3), (1), (2) ORDER BY 1 LIMIT 2") == [1, 2]


def test_sort_by_orders_a_grouped_query_too(session: Session) -> None:
    assert values(session, f"SELECT v, count(*) FROM {ROWS} GROUP BY v SORT BY v DESC") == [(3, 3), (2, 1)]
    with pytest.raises(AnalysisException, match="COMBINATION_QUERY_RESULT_CLAUSES"):
        session.sql(f"SELECT v FROM {ROWS} SORT BY v ORDER BY v")


def test_a_window_that_is_not_defined_is_an_error(session: Session) -> None:
    with pytest.raises(AnalysisException, match="MISSING_WINDOW_SPECIFICATION"):
        session.sql(f"SELECT sum(k) OVER w FROM {ROWS}")
    with pytest.raises(ParseException, match="cannot be extended"):
        session.sql(f"SELECT sum(k) OVER (w ORDER BY v) FROM {ROWS} WINDOW w AS (PARTITION BY k)")


@pytest.mark.parametrize(
    "call",
    [
        "bit_xor(DISTINCT k)",
        "sum(k) IGNORE NULLS",
        "array_agg(k) RESPECT NULLS",
        "rank(1) OVER (ORDER BY k)",
        "rank() FILTER (WHERE k = 1) OVER (ORDER BY k)",
        "sum(DISTINCT k) OVER ()",
        "now(2)",
    ],
)
def test_what_a_call_does_not_read_is_refused(session: Session, call: str) -> None:
    with pytest.raises((AnalysisException, UnsupportedOperationException)):
        session.sql(f"SELECT {call} FROM {ROWS}")


def test_all_is_a_column_where_it_quantifies_nothing(session: Session) -> None:
    data = "(SELECT country AS all, city FROM VALUES ('UK', 'London'), ('UK', 'Leeds') AS t(country, city))"
    text = f"SELECT all, city, count(*) FROM {data} GROUP BY all, city ORDER BY city"
    assert [tuple(row) for row in session.sql(text).collect()] == [("UK", "Leeds", 1), ("UK", "London", 1)]
    assert session.sql(f"SELECT all FROM {data}").columns == ["all"]
    assert session.sql(f"SELECT ALL city FROM {data}").count() == 2
    assert session.sql("SELECT a, count(*) FROM VALUES (1), (2) AS t(a) GROUP BY ALL").count() == 2
