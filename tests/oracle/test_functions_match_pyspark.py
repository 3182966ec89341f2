"""Expressions answer as PySpark does: its frozen answers by default, a live PySpark with `-m bench`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamcore.duck.engine import SlotEngine
from streamcore.errors import StreamcoreError
from streamcore.plan.expressions import parse_expression
from streamcore.plan.translate import TranslationContext
from streamcore.plan.translation.casts import to_string
from streamcore.plan.translation.core import Translator
from tests.oracle.function_differences import DIFFERENCES

ANSWERS: dict[str, list[str | None]] = json.loads(
    (Path(__file__).parent / "data" / "functions.json").read_text(encoding="utf-8")
)
CONTEXT = TranslationContext()


@pytest.fixture(scope="module")
def engine() -> Iterator[SlotEngine]:
    with SlotEngine() as engine:
        yield engine


def answer(engine: SlotEngine, text: str) -> list[str | None]:
    """The type and the text of an expression's value, or `error`."""
    try:
        compiled = Translator({}, CONTEXT).compile(parse_expression(text))
        found = engine.run(f"SELECT {to_string(compiled, CONTEXT)} AS x", {})["x"][0].as_py()
    except StreamcoreError as error:
        return ["error", str(error)]
    return [compiled.type.simpleString(), found]


def agrees(found: list[str | None], expected: list[str | None]) -> bool:
    if expected[0] == "error" or found[0] == "error":
        return found[0] == expected[0]
    return found[0] == expected[0] and (found[1] == expected[1] or _nearly(found[1], expected[1]))


def _nearly(found: str | None, expected: str | None) -> bool:
    """Equal numbers but for the last digits of a transcendental function."""
    if found is None or expected is None or not re.fullmatch(r"-?\d[\d.]*(E-?\d+)?", expected):
        return False
    try:
        return abs(float(found) - float(expected)) <= 1e-14 * abs(float(expected))
    except ValueError:
        return False


@pytest.mark.parametrize("text", [text for text in ANSWERS if text not in DIFFERENCES])
def test_the_answer_is_pysparks(engine: SlotEngine, text: str) -> None:
    found = answer(engine, text)
    assert agrees(found, ANSWERS[text]), (found, ANSWERS[text])


@pytest.mark.parametrize("text", DIFFERENCES)
def test_a_known_difference_still_differs(engine: SlotEngine, text: str) -> None:
    assert not agrees(answer(engine, text), ANSWERS[text]), "no longer differs: take it off the list"
