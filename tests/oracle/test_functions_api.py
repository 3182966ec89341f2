"""Functions, Column and Window answer as PySpark does: as frozen by default, live with `-m bench`."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from streamcore.sql import Window
from streamcore.sql import functions as F
from streamcore.sql.session import Session
from tests.oracle.freeze_functions_api_answers import FROZEN, outcome, pyspark_answers
from tests.oracle.functions_api_differences import DIFFERENCES
from tests.oracle.functions_api_programs import names, programs

ANSWERS: dict[str, Any] = json.loads(FROZEN.read_text(encoding="utf-8"))
Programs = dict[str, Callable[[], Any]]


@pytest.fixture(scope="module")
def in_utc() -> Iterator[None]:
    """The process's own zone, which naive datetimes are in, is the one in which the answers were frozen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture(scope="module")
def run(in_utc: None) -> Iterator[Programs]:
    with Session.builder.master("local[2]").appName("oracle").create() as session:
        session.conf.set("spark.sql.session.timeZone", "UTC")
        yield programs(F, Window, session)


def agrees(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Equal answers; an error for an error, whatever its words."""
    if "error" in expected or "error" in found:
        return "error" in expected and "error" in found
    return found["columns"] == expected["columns"] and _nearly(found["rows"], expected["rows"])


def _nearly(found: Any, expected: Any) -> bool:
    """Equal but for the last digits of floating-point numbers."""
    if isinstance(expected, float) and isinstance(found, float):
        return math.isclose(found, expected, rel_tol=1e-12, abs_tol=1e-9)
    if isinstance(expected, list) and isinstance(found, list):
        return len(found) == len(expected) and all(map(_nearly, found, expected))
    return type(found) is type(expected) and bool(found == expected)


def test_every_program_has_a_frozen_answer() -> None:
    assert set(names()) == set(ANSWERS)


@pytest.mark.parametrize("name", [name for name in names() if name not in DIFFERENCES])
def test_the_answer_is_pysparks(run: Programs, name: str) -> None:
    found = outcome(run[name])
    assert agrees(found, ANSWERS[name]), (found, ANSWERS[name])


@pytest.mark.parametrize("name", DIFFERENCES)
def test_a_known_difference_still_differs(run: Programs, name: str) -> None:
    assert not agrees(outcome(run[name]), ANSWERS[name]), "no longer differs: take it off the list"


@pytest.mark.bench
def test_the_frozen_answers_are_pysparks() -> None:
    pytest.importorskip("pyspark")
    assert pyspark_answers() == ANSWERS
