"""WITH RECURSIVE; the answers and errors are PySpark's."""

from __future__ import annotations

import pytest

from streamcore.errors import AnalysisException, ParseException, QueryExecutionException
from streamcore.sql.session import Session


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 4) SELECT * FROM r", [1, 2, 3, 4]),
        (
            "r(n) AS (VALUES (1), (2) UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT * FROM r",
            [1, 2, 2, 3, 3],
        ),
        ("r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT * FROM r LIMIT 3", [1, 2, 3]),
        ("r(n) AS (SELECT 1 UNION ALL SELECT DISTINCT n + 1 FROM r WHERE n < 3) SELECT sum(n) FROM r", [6]),
        (
            (
                "r(n) MAX RECURSION LEVEL 3 AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < "
                "3) SELECT * FROM r"
            ),
            [1, 2, 3],
        ),
        (
            "r(n) AS (SELECT 1L UNION ALL SELECT CAST(n + 1 AS INT) FROM r WHERE n < 2) SELECT * FROM r",
            [1, 2],
        ),
        (
            (
                "r(n) AS (WITH z AS (SELECT 1 k) SELECT k FROM z UNION ALL SELECT n + 1 FROM r WHERE n < 3), "
                "q(m) AS (SELECT max(n) FROM r UNION ALL SELECT m + 10 FROM q WHERE m < 20) SELECT * FROM q"
            ),
            [3, 13, 23],
        ),
        (
            (
                "a AS (SELECT 1 n UNION ALL SELECT n + 1 FROM a WHERE n < 3) SELECT x.n FROM a x "
                "JOIN a y ON x.n = y.n + 1"
            ),
            [2, 3],
        ),
        (
            (
                "r(n) AS (SELECT 1 UNION ALL SELECT b FROM r, LATERAL (SELECT n + 1 AS b) WHERE "
                "n < 3) SELECT * FROM r"
            ),
            [1, 2, 3],
        ),
        (
            (
                "r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n IN (SELECT id FROM "
                "range(3))) SELECT * FROM r"
            ),
            [1, 2, 3],
        ),
        ("r(n) AS (SELECT 1) SELECT * FROM r", [1]),
    ],
)
def test_a_query_may_refer_to_the_rows_that_it_gave_before(
    session: Session, query: str, rows: list[int]
) -> None:
    assert sorted(row[0] for row in session.sql(f"WITH RECURSIVE {query}").collect()) == rows


@pytest.mark.parametrize(
    ("query", "error", "condition"),
    [
        ("SELECT 1 UNION SELECT n + 1 FROM r", AnalysisException, "UNION_NOT_SUPPORTED_IN_RECURSIVE_CTE"),
        ("SELECT n FROM r", AnalysisException, "INVALID_RECURSIVE_CTE"),
        ("SELECT n FROM r UNION ALL SELECT 1", AnalysisException, "INVALID_RECURSIVE_CTE"),
        ("SELECT 1 UNION ALL SELECT n FROM r ORDER BY n", AnalysisException, "INVALID_RECURSIVE_CTE"),
        ("SELECT 1 UNION ALL SELECT max(n) + 1 FROM r", AnalysisException, "RECURSIVE_REFERENCE.PLACE"),
        ("SELECT 1 UNION ALL SELECT 2 WHERE 1 IN (SELECT n FROM r)", AnalysisException, "REFERENCE.PLACE"),
        ("SELECT 1 UNION ALL SELECT n + 1L FROM r", AnalysisException, "CANNOT_MERGE_INCOMPATIBLE_DATA_TYPE"),
        ("SELECT 1 UNION ALL SELECT n, n FROM r", AnalysisException, "NUM_COLUMNS_MISMATCH"),
        ("SELECT 1 UNION ALL SELECT n + 1 FROM r", QueryExecutionException, "RECURSION_LEVEL_LIMIT_EXCEEDED"),
    ],
)
def test_what_is_no_recursion_is_refused(
    session: Session, query: str, error: type[Exception], condition: str
) -> None:
    with pytest.raises(error, match=condition):
        session.sql(f"WITH RECURSIVE r(n) AS ({query}) SELECT * FROM r").collect()


def test_a_recursion_ends_at_its_limits(session: Session) -> None:
    query = "AS (SELECT id FROM range(10) UNION ALL SELECT n FROM r) SELECT count(*) FROM r"
    with pytest.raises(QueryExecutionException, match="limit 4 reached"):
        session.sql(f"WITH RECURSIVE r(n) MAX RECURSION LEVEL 4 {query}").collect()
    session.conf.set("spark.sql.cteRecursionRowLimit", "50")
    try:
        with pytest.raises(QueryExecutionException, match="row limit 50 reached"):
            session.sql(f"WITH RECURSIVE r(n) {query}").collect()
    finally:
        session.conf.unset("spark.sql.cteRecursionRowLimit")


def test_a_with_clause_names_each_query_once(session: Session) -> None:
    with pytest.raises(ParseException, match="DUPLICATED_CTE_NAMES"):
        session.sql("WITH c AS (SELECT 1), C AS (SELECT 2) SELECT * FROM c")
