"""What PySpark once answered to a few hundred programs; see `ask_pyspark`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from streamcore import Context
from tests.oracle.rdd.programs import ACTIONS, STEPS, answer

if TYPE_CHECKING:
    from collections.abc import Iterator

FROZEN = json.loads((Path(__file__).parents[1] / "data" / "rdd.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def context() -> Iterator[Context]:
    with Context("local[2]", "frozen") as made:
        yield made


def name(case: dict[str, Any]) -> str:
    program = case["program"]
    return "-".join([*(step[0] for step in program["steps"]), program["action"][0]])


@pytest.mark.parametrize("case", FROZEN, ids=name)
def test_a_program_gives_what_pyspark_gave(context: Context, case: dict[str, Any]) -> None:
    ours = json.loads(json.dumps(answer(context, case["program"])))
    assert ours == case["answer"]


def test_every_step_and_every_action_is_in_some_program() -> None:
    programs = [case["program"] for case in FROZEN]
    assert {step[0] for program in programs for step in program["steps"]} == set(STEPS)
    assert {program["action"][0] for program in programs} == set(ACTIONS)
