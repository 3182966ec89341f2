"""What names mean in a query and around it; the answers and errors are PySpark's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streamcore.errors import AnalysisException, ParseException, QueryExecutionException
from streamcore.sql.session import Session


@pytest.fixture(autouse=True)
def views(session: Session) -> Iterator[None]:
    outer = [(1, 10), (2, 20), (3, None), (None, 5)]
    inner = [(1, 100), (1, 101), (2, 200), (5, None)]
    session.createDataFrame(outer, "a int, b int").createOrReplaceTempView("t1")
    session.createDataFrame(inner, "x int, y int").createOrReplaceTempView("t2")
    yield
    session.catalog.dropTempView("t1")
    session.catalog.dropTempView("t2")


@pytest.mark.parametrize(
    ("entries", "columns", "rows"),
    [
        ("a + 1 AS d, d + 1 AS e, d + e AS f", ["d", "e", "f"], [(2, 3, 5), (3, 4, 7)]),
        ("a + 1 AS d, d", ["d", "d"], [(2, 2), (3, 3)]),
        ("a AS b, b + 1 AS e", ["b", "e"], [(1, 11), (2, 21)]),
        ("named_struct('p', a) AS s, s.p + 1 AS q", ["s", "q"], [((1,), 2), ((2,), 3)]),
        ("a + 1 AS d, upper(d)", ["d", "upper(lateralAliasReference(d))"], [(2, "2"), (3, "3")]),
        ("(SELECT max(x) FROM t2) AS m, m + a AS n", ["m", "n"], [(5, 6), (5, 7)]),
        ("row_number() OVER (ORDER BY a) AS r, r * 2 AS s", ["r", "s"], [(1, 2), (2, 4)]),
    ],
)
def test_an_entry_of_a_select_list_names_those_before_it(
    session: Session, entries: str, columns: list[str], rows: list[tuple[object, ...]]
) -> None:
    found = session.sql(f"SELECT {entries} FROM t1 WHERE a < 3")
    assert (found.columns, sorted(map(tuple, found.collect()))) == (columns, rows)


def test_an_aggregate_may_be_named_by_the_entries_behind_it(session: Session) -> None:
    found = session.sql("SELECT a % 2 AS g, sum(b) AS s, g + s AS t FROM t1 WHERE a < 3 GROUP BY g")
    assert sorted(map(tuple, found.collect())) == [(0, 20, 20), (1, 10, 11)]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT a, s.y FROM t1, LATERAL (SELECT * FROM t2 WHERE x = a) s", [(1, 100), (1, 101), (2, 200)]),
        (
            ("SELECT a, y FROM t1 JOIN LATERAL (SELECT max(y) y FROM t2 WHERE x = a) ON a < 3"),
            [(1, 101), (2, 200)],
        ),
        (
            "SELECT a, y FROM t1 LEFT JOIN LATERAL (SELECT y FROM t2 WHERE x = a) s ON y > 100 WHERE a < 4",
            [(1, 101), (2, 200), (3, None)],
        ),
        (
            ("SELECT z, w FROM t1, LATERAL (SELECT a AS z) JOIN LATERAL (SELECT z + 1 AS w) WHERE a < 3"),
            [(1, 2), (2, 3)],
        ),
        ("SELECT u.* FROM t1, LATERAL (SELECT t1.*) u WHERE t1.a < 3", [(1, 10), (2, 20)]),
        (
            ("SELECT a, c FROM t1, LATERAL (SELECT count(*) FROM t2 WHERE x = a) s(c) WHERE b > 5"),
            [(1, 2), (2, 1)],
        ),
    ],
)
def test_a_lateral_query_reads_what_stands_before_it(
    session: Session, query: str, rows: list[tuple[object, ...]]
) -> None:
    assert sorted(map(tuple, session.sql(query).collect())) == rows


@pytest.mark.parametrize(
    ("value", "name", "rows"),
    [
        ("a IN (SELECT x FROM t2)", "(a IN (listquery()))", [True, True, False, False]),
        ("a NOT IN (SELECT x FROM t2)", "(NOT (a IN (listquery())))", [False, False, True, False]),
        ("(a, 100) IN (SELECT x, y FROM t2)", "(named_struct('a', a, '100', 100) IN (listquery()))", None),
        ("a IN (SELECT x FROM t2 WHERE y > b)", "(a IN (listquery(b)))", [True, True, False, False]),
        ("(SELECT max(y) FROM t2 WHERE x = a)", "scalarsubquery(a)", [101, 200, None, None]),
        ("(SELECT count(*) FROM t2 WHERE x = a)", "scalarsubquery(a)", [2, 1, 0, 0]),
        ("(SELECT y FROM t2 WHERE x = a ORDER BY y LIMIT 1)", "scalarsubquery(a)", [100, 200, None, None]),
        (
            ("EXISTS (SELECT 1 FROM t2 WHERE x >= a AND y < b * 11)"),
            "exists(a, b)",
            [True, True, False, False],
        ),
        (
            ("(SELECT count(*) FROM t2 LEFT JOIN t1 i ON i.a = x AND i.b = t1.b WHERE x = t1.a)"),
            None,
            [2, 1, 0, 0],
        ),
        (
            ("(SELECT max(z) FROM (SELECT x AS z FROM t2 WHERE x = a UNION ALL SELECT b))"),
            None,
            [10, 20, None, 5],
        ),
        ("(SELECT count(*) FROM t2 WHERE x IN (SELECT a FROM t1) AND x = a)", None, [2, 1, 0, 0]),
        ("if(EXISTS (SELECT 1 FROM t2 WHERE x = a), 'y', 'n')", None, ["y", "y", "n", "n"]),
    ],
)
def test_a_subquery_is_a_value_wherever_an_expression_is(
    session: Session, value: str, name: str | None, rows: list[object] | None
) -> None:
    found = session.sql(f"SELECT a, {value} FROM t1 ORDER BY a NULLS LAST")
    assert name is None or found.columns[1] == name
    assert rows is None or [row[1] for row in found.collect()] == rows


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT a FROM t1 WHERE NOT (a > 2 OR a NOT IN (SELECT x FROM t2))", [1, 2]),
        ("SELECT a FROM t1 WHERE a IN (SELECT x FROM t2) OR b = 5", [1, 2, None]),
        (
            ("SELECT a FROM t1 LEFT JOIN t2 ON a = x AND EXISTS (SELECT 1 FROM t1 z WHERE z.b = y - 90)"),
            [1, 2, 3, None],
        ),
        ("SELECT a FROM t1 JOIN t2 ON a = x AND y IN (SELECT z.b + 90 FROM t1 z)", [1]),
        ("SELECT a FROM t1 LEFT JOIN t2 ON (SELECT x) IN (SELECT 5) AND b = 10", [1, 2, 3, None]),
        ("SELECT sum((SELECT count(*) FROM t2 WHERE x = a)) FROM t1", [3]),
        ("SELECT count(*) FILTER (WHERE a IN (SELECT x FROM t2)) FROM t1", [2]),
        (
            ("SELECT a FROM t1 GROUP BY a HAVING EXISTS (SELECT 1 FROM t2 WHERE y > max(t1.b) * 10)"),
            [1, None],
        ),
        ("SELECT count(*) c FROM t1 GROUP BY a HAVING 1 IN (SELECT x FROM t2 WHERE x = c)", [1, 1, 1, 1]),
        ("SELECT (SELECT max(y) FROM t2 WHERE x = a) m FROM t1 GROUP BY 1", [101, 200, None]),
    ],
)
def test_a_subquery_stands_in_every_clause(session: Session, query: str, rows: list[object]) -> None:
    found = [row[0] for row in session.sql(query).collect()]
    assert sorted(found, key=lambda value: (value is None, value)) == rows


@pytest.mark.parametrize(
    ("query", "condition"),
    [
        ("SELECT (SELECT y FROM t2 WHERE x = a) FROM t1", "SCALAR_SUBQUERY_TOO_MANY_ROWS"),
        ("SELECT (SELECT x, y FROM t2) FROM t1", "SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN"),
        ("SELECT a IN (SELECT x, y FROM t2) FROM t1", "IN_SUBQUERY_LENGTH_MISMATCH"),
        ("SELECT a IN (SELECT current_date()) FROM t1", "IN_SUBQUERY_DATA_TYPE_MISMATCH"),
        ("SELECT (SELECT sum(b + x) FROM t2) FROM t1", "AGGREGATE_FUNCTION_MIXED_OUTER_LOCAL_REFERENCES"),
        ("SELECT (SELECT count(*) FROM t2 GROUP BY a) FROM t1", "CORRELATED_REFERENCE"),
        ("SELECT (SELECT t1.zz FROM t2) FROM t1", "`t1`.`zz` cannot be resolved. Did you mean .*`t2`.`x`"),
        ("SELECT (SELECT max((SELECT o.b)) FROM t2) FROM t1 o", "`o`.`b` cannot be resolved"),
        ("SELECT * FROM t1, (SELECT a)", "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION"),
        (
            ("SELECT * FROM t1 LEFT JOIN t2 ON a IN (SELECT z.b FROM t1 z WHERE z.b = y)"),
            "cannot reference both",
        ),
        ("SELECT transform(array(a), q -> (SELECT 1)) FROM t1", "HIGHER_ORDER_FUNCTION"),
        ("SELECT * FROM t1 RIGHT JOIN LATERAL (SELECT a) ON true", "INVALID_LATERAL_JOIN_TYPE"),
        ("SELECT * FROM t1 NATURAL JOIN LATERAL (SELECT a)", "INCOMPATIBLE_JOIN_TYPES"),
        ("SELECT * FROM t1, LATERAL (SELECT rand(), a)", "NON_DETERMINISTIC_LATERAL_SUBQUERIES"),
        ("SELECT a AS d, b AS d, d + 1 FROM t1", "AMBIGUOUS_LATERAL_COLUMN_ALIAS"),
        ("SELECT * FROM t1 JOIN t2 ON max(a) = x", "UNSUPPORTED_EXPR_FOR_OPERATOR"),
        ("SELECT a AS d, sum(d) OVER () FROM t1", "LATERAL_COLUMN_ALIAS_IN_WINDOW"),
        ("SELECT a AS d, sum(d) FROM t1 GROUP BY a", "LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC"),
    ],
)
def test_what_pyspark_refuses_is_refused_in_its_words(session: Session, query: str, condition: str) -> None:
    with pytest.raises((AnalysisException, ParseException, QueryExecutionException), match=condition):
        session.sql(query).collect()


def test_a_table_may_be_named_with_its_database(session: Session) -> None:
    session.sql(
        "CREATE TABLE named_whole USING parquet AS SELECT 7 AS k, named_struct('k', 8) AS named_whole"
    )
    try:
        text = "SELECT default.named_whole.k, spark_catalog.default.named_whole.k, named_whole.k"
        found = session.sql(f"{text}, default.named_whole.named_whole.k FROM default.named_whole")
        assert [tuple(row) for row in found.collect()] == [(7, 7, 7, 8)]
        assert session.sql("SELECT default.named_whole.* FROM named_whole").columns == ["k", "named_whole"]
        with pytest.raises(AnalysisException, match="UNRESOLVED_COLUMN"):
            session.sql("SELECT other.named_whole.k FROM named_whole")
    finally:
        session.sql("DROP TABLE named_whole")
