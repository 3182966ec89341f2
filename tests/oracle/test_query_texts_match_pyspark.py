"""The queries of `query_texts`: the same types, names and rows as PySpark, and the same refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streamcore import Session
from tests.oracle.freeze_query_texts import ANSWERS, answer
from tests.oracle.query_texts import QUERIES

FROZEN: dict[str, dict[str, Any]] = json.loads(ANSWERS.read_text())


@pytest.fixture(scope="module")
def session() -> Session:
    session = Session.builder.master("local[2]").getOrCreate().newSession()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


def test_every_query_has_an_answer_of_pyspark() -> None:
    assert sorted(FROZEN) == sorted(QUERIES)


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_answers_as_in_pyspark(session: Session, query: str) -> None:
    found, wanted = answer(session, query), FROZEN[query]
    if "rows" in found and "rows" in wanted and "ORDER BY" not in query.upper():
        found, wanted = ({**one, "rows": sorted(one["rows"])} for one in (found, wanted))
    assert found == wanted
