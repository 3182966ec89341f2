"""DataFrame programs answer as PySpark does: as frozen by default, as PySpark itself says on request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from streamcore.errors import AnalysisException
from streamcore.sql import Window
from streamcore.sql import functions as F
from streamcore.sql.session import Session
from tests.oracle.answers import answer_of, condition_of
from tests.oracle.dataframe_programs import PROGRAMS, REFUSED, is_ordered
from tests.oracle.freeze_dataframe_answers import FROZEN, pyspark_answers

ANSWERS: dict[str, Any] = json.loads(FROZEN.read_text())


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session.builder.master("local[2]").appName("oracle").create() as made:
        yield made


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_answers_as_in_pyspark(session: Session, name: str) -> None:
    answer = answer_of(PROGRAMS[name](session, F, Window), is_ordered=is_ordered(name))
    assert answer == ANSWERS["answers"][name]


@pytest.mark.parametrize("name", REFUSED)
def test_a_mistake_is_refused_with_pysparks_condition(session: Session, name: str) -> None:
    with pytest.raises(AnalysisException) as error:
        REFUSED[name](session, F, Window).collect()
    assert condition_of(error.value) == ANSWERS["refused"][name]


@pytest.mark.bench
def test_the_frozen_answers_are_pysparks() -> None:
    pytest.importorskip("pyspark")
    assert pyspark_answers() == ANSWERS
