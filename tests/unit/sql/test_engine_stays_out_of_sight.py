"""What the engine could not run is refused by us, in words of ours, before it is asked."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from streamcore.errors import AnalysisException, StreamcoreError, UnsupportedOperationException
from streamcore.sql.session import Session

_TEXTS = Path(__file__).parents[2] / "oracle" / "data" / "query_texts.sql"
_QUERIES = [line for line in _TEXTS.read_text(encoding="utf-8").splitlines() if line[:2] not in ("", "--")]
_WORD = re.compile(r"\b[a-z_]+\b(?=\()|\b[a-z]\b")
_OF_THE_ENGINE = re.compile(r"The engine|(Binder|Parser|Catalog|Internal) Error|INTERNAL")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT struct(1 AS a, 2 AS A)", "two fields of the name `a`"),
        ("SELECT named_struct('a', 1, 'a', 2)", "two fields of the name `a`"),
        ("SELECT count(*) FROM VALUES (1) t(a) GROUP BY floor(rand(0))", "draws a value for each row"),
        ("SELECT sum(rand(0)) FROM VALUES (1) t(a)", "WITH_NONDETERMINISTIC_EXPRESSION"),
        (
            "SELECT count(*) FROM VALUES (1) t(a) GROUP BY row_number() OVER (ORDER BY a)",
            "UNSUPPORTED_EXPR_FOR_OPERATOR",
        ),
        ("SELECT ntile(0) OVER (ORDER BY a) FROM VALUES (1) t(a)", "VALUE_OUT_OF_RANGE"),
        ("SELECT ntile(a) OVER (ORDER BY a) FROM VALUES (1) t(a)", "NON_FOLDABLE_INPUT"),
        (
            "SELECT sum(1) OVER (ORDER BY a RANGE 1 PRECEDING) FROM VALUES (TIMESTAMP '2020-01-01') t(a)",
            "RANGE_FRAME_INVALID_TYPE",
        ),
        (
            "SELECT sum(1) OVER (ORDER BY a RANGE INTERVAL 1 DAY PRECEDING) FROM VALUES (1) t(a)",
            "RANGE_FRAME_INVALID_TYPE",
        ),
    ],
)
def test_what_the_engine_cannot_run_is_refused_with_its_reason(
    session: Session, query: str, said: str
) -> None:
    with pytest.raises((AnalysisException, UnsupportedOperationException), match=re.escape(said)):
        session.sql(query).collect()


def test_a_drawn_value_is_grouped_by_its_name(session: Session) -> None:
    query = "SELECT g, count(*) FROM (SELECT floor(rand(0)) AS g FROM VALUES (1), (2) t(a)) GROUP BY g"
    assert [tuple(row) for row in session.sql(query).collect()] == [(0, 2)]


def test_queries_with_words_that_do_not_belong_fail_in_our_words_alone(session: Session) -> None:
    drawn = random.Random(7)
    words = sorted({word for query in _QUERIES for word in _WORD.findall(query)})
    for query in drawn.sample(_QUERIES, 60):
        found = list(_WORD.finditer(query))
        if not found:
            continue
        place = drawn.choice(found)
        changed = query[: place.start()] + drawn.choice(words) + query[place.end() :]
        said = _refusal(session, changed)
        assert not _OF_THE_ENGINE.search(said), f"{changed}: {said}"


def _refusal(session: Session, query: str) -> str:
    """What a query fails with, none or one of our errors."""
    try:
        session.sql(query).collect()
    except StreamcoreError as error:
        return str(error)
    return ""
