"""Subqueries of grouped queries and in select lists; the answers and names are PySpark's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streamcore.errors import AnalysisException, ParseException
from streamcore.sql.session import Session


@pytest.fixture(autouse=True)
def views(session: Session) -> Iterator[None]:
    rows = [(1, 10, "a"), (1, 20, "b"), (2, 5, "c"), (3, None, "d")]
    session.createDataFrame(rows, "k int, v int, s string").createOrReplaceTempView("t")
    session.createDataFrame([(1, 100), (2, 200)], "k int, w int").createOrReplaceTempView("u")
    yield
    session.catalog.dropTempView("t")
    session.catalog.dropTempView("u")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("SELECT k, sum(v) s FROM t GROUP BY k HAVING sum(v) > (SELECT avg(v) FROM t)", [(1, 30)]),
        ("SELECT k, sum(v) s FROM t GROUP BY k HAVING k IN (SELECT k FROM u)", [(1, 30), (2, 5)]),
        (
            "SELECT sum(v) s FROM t GROUP BY k HAVING EXISTS (SELECT 1 FROM u WHERE u.k = t.k)",
            [(5,), (30,)],
        ),
        ("SELECT k, sum(v) s FROM t GROUP BY k HAVING s > (SELECT 7)", [(1, 30)]),
        ("SELECT k, sum(v) s FROM t GROUP BY k HAVING s > 7 ORDER BY s + 1", [(1, 30)]),
        ("SELECT k, count(s) s FROM t GROUP BY k HAVING max(s) > 'b'", [(2, 1), (3, 1)]),
        ("SELECT k, sum(v) * (SELECT sum(v) FROM t) r FROM t GROUP BY k HAVING k < 3", [(1, 1050), (2, 175)]),
        ("SELECT sum(v) + (SELECT max(w) FROM u) r FROM t", [(235,)]),
        ("SELECT DISTINCT k, (SELECT max(w) FROM u) m FROM t", [(1, 200), (2, 200), (3, 200)]),
    ],
)  # fmt: skip
def test_a_query_of_groups_may_hold_subqueries(
    session: Session, text: str, rows: list[tuple[object, ...]]
) -> None:
    assert sorted(tuple(row) for row in session.sql(text).collect()) == rows


def test_a_column_of_a_subquery_is_named_as_in_pyspark(session: Session) -> None:
    assert session.sql("SELECT (SELECT max(w) FROM u), k FROM t").columns == ["scalarsubquery()", "k"]
    found = session.sql("SELECT EXISTS (SELECT 1 FROM u), count(*) FROM t")
    assert (found.columns, [tuple(row) for row in found.collect()]) == (["exists()", "count(1)"], [(True, 4)])


def test_a_subquerys_aggregate_does_not_make_the_query_one_of_groups(session: Session) -> None:
    assert session.sql("SELECT k FROM t WHERE v = (SELECT max(v) FROM t)").count() == 1
    with pytest.raises(AnalysisException, match="UNRESOLVED_COLUMN"):
        session.sql("SELECT k FROM t GROUP BY k HAVING k IN (SELECT nothing FROM u)")


def test_a_cast_to_a_struct_names_the_types_of_its_fields(session: Session) -> None:
    found = session.sql("SELECT CAST(null AS struct<a: timestamp, b: array<struct<c: int>>>) AS s")
    assert found.schema["s"].dataType.simpleString() == "struct<a:timestamp,b:array<struct<c:int>>>"
    with pytest.raises(ParseException, match="PARSE_SYNTAX_ERROR"):
        session.sql("CREATE TEMPORARY VIEW typed (k INT) AS SELECT 1")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("EXISTS (SELECT 1 FROM u WHERE u.k = t.k)", [True, True, True, False]),
        ("NOT EXISTS (SELECT 1 FROM u WHERE u.k = t.k)", [False, False, False, True]),
        ("EXISTS (SELECT w FROM u WHERE u.k = t.v)", [False, False, False, False]),
        ("EXISTS (SELECT k FROM u GROUP BY k HAVING count(*) > 5)", [False, False, False, False]),
        ("EXISTS (SELECT 1 FROM u LIMIT 0)", [False, False, False, False]),
        ("EXISTS (SELECT 1 UNION SELECT 2)", [True, True, True, True]),
        ("CASE WHEN EXISTS (SELECT 1 FROM u WHERE u.k = t.k) THEN 'y' ELSE 'n' END", ["y", "y", "y", "n"]),
    ],
)
def test_exists_as_a_value_is_true_or_false_and_never_null(
    session: Session, value: str, expected: list[object]
) -> None:
    found = session.sql(f"SELECT k, v, {value} AS e FROM t").collect()
    assert [row.e for row in sorted(found, key=lambda row: (row.k, row.v))] == expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("max(w)", [100, 200, None]),
        ("count(*)", [1, 1, 0]),
        ("count(*) + 1", [2, 2, 1]),
        ("coalesce(max(w), 7)", [100, 200, 7]),
        ("collect_list(w)", [[100], [200], []]),
    ],
)
def test_a_subquery_that_meets_no_rows_gives_its_aggregate_over_none(
    session: Session, entry: str, expected: list[object]
) -> None:
    text = f"SELECT k, (SELECT {entry} FROM u WHERE u.k = t.k) AS e FROM (SELECT DISTINCT k FROM t) t"
    assert [row.e for row in sorted(session.sql(text).collect())] == expected


def test_having_in_a_subquery_tied_to_the_outer_row_leaves_no_row_and_so_null(session: Session) -> None:
    value = "(SELECT count(*) FROM u WHERE u.k = t.k HAVING count(*) > 0)"
    text = f"SELECT k, {value} AS e FROM t WHERE v = 10 OR s = 'd'"
    assert sorted(tuple(row) for row in session.sql(text).collect()) == [(1, 1), (3, None)]
