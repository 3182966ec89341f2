"""Operands meet in the types, and casts give the values, that PySpark 4 gives, in both modes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import StreamcoreError
from streamcore.plan.expressions import parse_expression
from streamcore.plan.modes import Modes
from streamcore.plan.resolution import Names
from streamcore.plan.typing import infer
from tests.oracle.typing_cases import ANSI, MODES, OPERATORS, REFUSED, VALUES, ZONE, casts, expression, plain

ANSWERS: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "typing.json").read_text())


DIFFERENCES = frozenset(["DATE'2020-01-01' + NULL", "NULL + DATE'2020-01-01'"])
"""A day and nothing: Spark takes the null for an interval of time, and the sum for a timestamp."""


def _type(text: str, mode: str) -> str:
    names = Names((), modes=Modes(ansi=MODES[mode] == "true"))
    try:
        return infer(names.resolve(parse_expression(text)), {})[0].simpleString()
    except StreamcoreError:
        return REFUSED


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("operator", OPERATORS)
def test_operands_meet_in_sparks_types(operator: str, mode: str) -> None:
    expected = {
        expression(operator, left, right): found
        for left, types in ANSWERS[mode]["types"][operator].items()
        for right, found in zip(VALUES, types, strict=True)
        if expression(operator, left, right) not in DIFFERENCES
    }
    ours = {text: _type(text, mode) for text in expected}
    assert ours == expected


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session.builder.master("local[1]").getOrCreate() as found:
        yield found


@pytest.mark.parametrize("mode", MODES)
def test_casts_give_sparks_values(session: Session, mode: str) -> None:
    own = session.newSession()
    own.conf.set(ANSI, MODES[mode])
    own.conf.set("spark.sql.session.timeZone", ZONE)
    answers = ANSWERS[mode]["casts"]
    ours: dict[str, Any] = {}
    for texts in casts(mode):
        some = [text for text in texts if text in answers]
        row = own.sql("SELECT " + ", ".join(f"{text} AS c{at}" for at, text in enumerate(some))).collect()[0]
        ours.update(zip(some, map(plain, row), strict=True))
    assert {text: [found] for text, found in ours.items()} == answers
