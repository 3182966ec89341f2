"""`window` is a function of time as well as a word of SQL's grammar."""

from __future__ import annotations

import pytest

from streamcore.plan.expressions import parse_expression, parse_statement


@pytest.mark.parametrize(
    "text",
    [
        "SELECT window(ts, '10 seconds'), count(*) FROM t GROUP BY window(ts, '10 seconds')",
        "SELECT count(*) FROM t GROUP BY k, window(ts, '10 seconds', '5 seconds') HAVING count(*) > 1",
        "SELECT sum(x) OVER w FROM t WINDOW w AS (PARTITION BY k)",
    ],
)
def test_window_is_told_apart_from_the_window_clause(text: str) -> None:
    assert parse_statement(text).sql(dialect="spark").lower().count("window") == text.lower().count("window")


def test_a_call_of_window_keeps_its_arguments() -> None:
    assert len(parse_expression("window(ts, '10 seconds', '5 seconds')").expressions) == 3
