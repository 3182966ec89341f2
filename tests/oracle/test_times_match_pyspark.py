"""Dates, times and intervals answer as PySpark does (its frozen answers), in several zones and both modes.

A statement evaluates many cases at once; what fails in PySpark, and what disagrees, stands alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamcore.duck.engine import SlotEngine
from streamcore.errors import StreamcoreError
from streamcore.plan.expressions import parse_expression
from streamcore.plan.modes import Modes
from streamcore.plan.resolution import Names
from streamcore.plan.translation.casts import to_string
from streamcore.plan.translation.core import TranslationContext, Translator
from tests.oracle.time_cases import DIFFERENCES, GROUPS

Answer = list[str | None]
ANSWERS: dict[str, dict[str, dict[str, Answer]]] = json.loads(
    (Path(__file__).parent / "data" / "times.json").read_text(encoding="utf-8")
)
AT_ONCE = 40


@pytest.fixture(scope="module")
def engine() -> Iterator[SlotEngine]:
    with SlotEngine() as engine:
        yield engine


def answers(engine: SlotEngine, texts: list[str], context: TranslationContext) -> dict[str, Answer]:
    try:
        compiled = [
            Translator({}, context).compile(Names((), modes=context.modes).resolve(parse_expression(text)))
            for text in texts
        ]
        listed = ", ".join(f"{to_string(each, context)} AS c{at}" for at, each in enumerate(compiled))
        row = engine.run(f"SELECT {listed}", {})
    except StreamcoreError as error:
        if len(texts) == 1:
            return {texts[0]: ["error", str(error)]}
        half = len(texts) // 2
        return {**answers(engine, texts[:half], context), **answers(engine, texts[half:], context)}
    return {
        text: [each.type.simpleString(), column[0].as_py()]
        for text, each, column in zip(texts, compiled, row.columns, strict=True)
    }


@pytest.mark.parametrize("ansi", [True, False], ids=["ansi", "not ansi"])
@pytest.mark.parametrize("group", GROUPS)
def test_times_and_intervals_answer_as_pyspark_does(engine: SlotEngine, group: str, ansi: bool) -> None:
    context = TranslationContext(time_zone=GROUPS[group].zone, modes=Modes(ansi=ansi))
    asked = ANSWERS[group]["ansi"] if ansi else {**ANSWERS[group]["ansi"], **ANSWERS[group]["not ansi"]}
    wanted = {text: answer for text, answer in asked.items() if text not in DIFFERENCES}
    answered = [text for text, answer in wanted.items() if answer[0] != "error"]
    failing = [text for text, answer in wanted.items() if answer[0] == "error"]
    found: dict[str, Answer] = {}
    for at in range(0, len(answered), AT_ONCE):
        found.update(answers(engine, answered[at : at + AT_ONCE], context))
    for text in failing:
        found.update(answers(engine, [text], context))
    assert [
        (text, found[text], wanted[text])
        for text in wanted
        if found[text][0] != wanted[text][0] or (wanted[text][0] != "error" and found[text] != wanted[text])
    ] == []
