"""Errors of analysis name their place in SQL text as PySpark does; its answers are frozen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import AnalysisException

_FROZEN = json.loads((Path(__file__).parent / "data" / "sql_error_places.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    session = Session.builder.getOrCreate()
    row = "SELECT 1 AS a, 'x' AS b, named_struct('c1', 1, 'c2', 2) AS s"
    session.sql(f"CREATE OR REPLACE TEMP VIEW t AS {row}")
    session.sql("CREATE OR REPLACE TEMP VIEW u AS SELECT 1 AS a, 'x' AS c")
    yield session
    session.stop()


def _error(session: Session, query: str) -> AnalysisException:
    with pytest.raises(AnalysisException) as error:
        session.sql(query)
    return error.value


@pytest.mark.parametrize("case", _FROZEN, ids=[case["query"] for case in _FROZEN])
def test_an_error_says_what_pyspark_says_and_where(session: Session, case: dict[str, Any]) -> None:
    error = _error(session, case["query"])
    assert str(error) == case["message"]
    assert (error.getCondition(), error.getSqlState()) == (case["condition"], case["state"])
    assert error.getMessageParameters() == case["parameters"]
    [context] = error.getQueryContext()
    place = [context.fragment(), context.startIndex(), context.stopIndex(), context.summary()]
    assert place == case["place"]


def test_blanks_before_the_query_count(session: Session) -> None:
    error = _error(session, "  \n SELECT nosuch FROM t")
    assert str(error).endswith("; line 2 pos 8")
    assert error.getQueryContext()[0].startIndex() == 11


def test_brackets_in_a_text_do_not_end_a_call(session: Session) -> None:
    error = _error(session, "SELECT nosuch(a, ')', (1)) FROM t")
    assert error.getQueryContext()[0].fragment() == "nosuch(a, ')', (1))"


def test_suggestions_keep_the_qualifiers_that_tell_columns_apart(session: Session) -> None:
    error = _error(session, "SELECT nosuch FROM t, u")
    assert "[`u`.`c`, `t`.`a`, `u`.`a`, `t`.`b`, `t`.`s`]" in str(error)


def test_the_case_and_the_quotes_of_suggestions_count_for_their_order(session: Session) -> None:
    query = "SELECT abcd FROM (SELECT 1 AS xbcx, 1 AS bc, 1 AS ABC, 1 AS abx)"
    assert "[`bc`, `abx`, `xbcx`, `ABC`]" in str(_error(session, query))


def test_an_error_inside_a_function_has_no_place_in_the_query_that_calls_it(session: Session) -> None:
    session.sql("CREATE OR REPLACE TEMP VIEW shrinking AS SELECT 1 AS k, 2 AS l")
    session.sql("CREATE TEMPORARY FUNCTION of_view() RETURNS INT RETURN (SELECT max(l) FROM shrinking)")
    session.sql("CREATE OR REPLACE TEMP VIEW shrinking AS SELECT 1 AS k")
    error = _error(session, "SELECT   of_view()")
    assert "`l` cannot be resolved" in str(error)
    assert error.getQueryContext() == []


def test_a_name_that_the_api_was_given_has_no_place(session: Session) -> None:
    with pytest.raises(AnalysisException) as error:
        session.table("t").select("nosuch")
    assert error.value.getQueryContext() == []
