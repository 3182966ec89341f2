"""Queries drawn from a grammar: the same columns, types and rows as PySpark, and the same refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streamcore import Session
from tests.oracle.freeze_drawn_queries import ANSWERS, answer, with_tables

FROZEN: dict[str, dict[str, Any]] = json.loads(ANSWERS.read_text())
_AT_ONCE = 25


@pytest.fixture(scope="module")
def session() -> Session:
    made: Session = with_tables(Session.builder.master("local[2]").getOrCreate().newSession())
    return made


@pytest.mark.parametrize("first", range(0, max(map(int, FROZEN)) + 1, _AT_ONCE))
def test_a_drawn_query_answers_as_in_pyspark(session: Session, first: int) -> None:
    seeds = [seed for seed in range(first, first + _AT_ONCE) if str(seed) in FROZEN]
    assert {seed: answer(session, seed) for seed in seeds} == {seed: FROZEN[str(seed)] for seed in seeds}


def test_most_of_what_is_drawn_has_an_answer_with_rows() -> None:
    assert sum(bool(one.get("rows")) for one in FROZEN.values()) > len(FROZEN) / 2
