from __future__ import annotations

import pytest

from streamcore.plan.expressions import parse_expression
from streamcore.plan.naming import output_name

# Asked of PySpark 4.3: the column names of `SELECT <text> FROM t`.
SPARK_NAMES = {
    "a + 1": "(a + 1)",
    "s.x": "x",
    "t.a": "a",
    "a AS z": "z",
    "count(*)": "count(1)",
    "COUNT(DISTINCT a)": "count(DISTINCT a)",
    "sum(a + 1)": "sum((a + 1))",
    "CAST(a AS BIGINT)": "a",
    "a::string": "a",
    "CAST(a + 1 AS BIGINT)": "CAST((a + 1) AS BIGINT)",
    "CAST(s.x AS STRING)": "CAST(s.x AS STRING)",
    "CAST(CAST(a AS BIGINT) AS STRING)": "CAST(CAST(a AS BIGINT) AS STRING)",
    "a BETWEEN 1 AND 2": "between(a, 1, 2)",
    "isnull(a)": "(a IS NULL)",
    "if(a > 1, 1, 2)": "(IF((a > 1), 1, 2))",
    "round(b)": "round(b, 0)",
    "from_json(st, 'a int')": "from_json(st)",
    "percentile_approx(a, 0.5)": "percentile_approx(a, 0.5, 10000)",
    "a || st": "concat(a, st)",
    "- a": "(- a)",
    "-1": "-1",
    "((a + 1))": "(a + 1)",
    "power(a, 2)": "POWER(a, 2)",
    "current_date()": "current_date()",
    "array(1, 2)": "array(1, 2)",
    "transform(xs, x -> x + 1)": (
        "transform(xs, lambdafunction((namedlambdavariable() + 1), namedlambdavariable()))"
    ),
    "lag(a) OVER (ORDER BY b)": (
        "lag(a, 1, NULL) OVER (ORDER BY b ASC NULLS FIRST ROWS BETWEEN -1 FOLLOWING AND -1 FOLLOWING)"
    ),
    "sum(a) OVER (ORDER BY b)": (
        "sum(a) OVER (ORDER BY b ASC NULLS FIRST RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
    ),
    "a = 1": "(a = 1)",
    "a != 1": "(NOT (a = 1))",
    "NOT a = 1": "(NOT (a = 1))",
    "a > 1 AND b < 2": "((a > 1) AND (b < 2))",
    "a IS NULL": "(a IS NULL)",
    "a IS NOT NULL": "(a IS NOT NULL)",
    "a IN (1, 2)": "(a IN (1, 2))",
    "a NOT IN (1, 2)": "(NOT (a IN (1, 2)))",
    "s LIKE 'x%'": "s LIKE x%",
    "2.5": "2.5",
    "1e3": "1000.0",
    "true": "true",
    "NULL": "NULL",
    "DATE '2020-01-02'": "DATE '2020-01-02'",
    "CASE WHEN a = 1 THEN 'y' ELSE 'z' END": "CASE WHEN (a = 1) THEN y ELSE z END",
    "CASE a WHEN 1 THEN 2 END": "CASE WHEN (a = 1) THEN 2 END",
    "xs[0]": "xs[0]",
    "m['k']": "m[k]",
    "a % 2": "(a % 2)",
    "a DIV 2": "(a div 2)",
    "nvl(a, 1)": "nvl(a, 1)",
    "coalesce(a, b)": "coalesce(a, b)",
    "struct(a, b AS c)": "struct(a, b AS c)",
    "window(ts, '10 seconds')": "window",
    "count(*) FILTER (WHERE a > 1)": "count(1) FILTER (WHERE (a > 1))",
    "ts + INTERVAL 3 DAYS": "ts + INTERVAL '3' DAY",
    "row_number() OVER (PARTITION BY a ORDER BY b DESC)": (
        "row_number() OVER (PARTITION BY a ORDER BY b DESC NULLS LAST "
        "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
    ),
}


@pytest.mark.parametrize("text", SPARK_NAMES)
def test_a_column_without_an_alias_is_named_as_in_spark(text: str) -> None:
    assert output_name(parse_expression(text)) == SPARK_NAMES[text]
