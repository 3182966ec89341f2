"""What users say wrongly of a stream is refused as by PySpark (tests/oracle/streaming/freeze_arguments)."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.sql import functions
from tests.oracle.streaming.argument_programs import PROGRAMS, Place, outcome

ANSWERS: dict[str, dict[str, str] | None] = json.loads(
    (Path(__file__).parents[2] / "oracle" / "data" / "streaming_arguments.json").read_text()
)["answers"]

# What PySpark takes, or refuses by another condition, and we do not offer yet: an entry that need not be here
# any more makes its test fail.
NOT_YET = {
    "partitionBy: in capitals",
    # Refused at the start.
    "reader: rate with a schema",
}
# What stays different, and why.
ON_PURPOSE = {
    # How rows are spread over tasks is the engine's choice in a stream: nothing is there to refuse.
    "continuous: repartition",
    "continuous: coalesce",
}


@pytest.fixture(scope="module")
def place() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        yield Place(Session.builder.getOrCreate(), functions, lambda: tempfile.mkdtemp(dir=folder))


def condition(answer: dict[str, str] | None) -> str | None:
    """The condition without its details; that of a query which failed later is its cause's."""
    if answer is None:
        return None
    name = answer["condition"]
    return "" if name == "STREAM_FAILED" else name.split(".")[0]


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_argument_is_refused_where_pyspark_refuses_it_and_by_the_same_condition(
    place: Any, name: str
) -> None:
    ours, theirs = outcome(PROGRAMS[name], place), ANSWERS[name]
    is_same = (ours is None) == (theirs is None) and condition(theirs) in ("", None, condition(ours))
    if name in NOT_YET | ON_PURPOSE:
        assert not is_same, "it is as in PySpark: take it out of the lists"
    else:
        assert is_same, f"ours: {ours}, PySpark's: {theirs}"


def test_no_program_is_listed_that_is_not_asked_for() -> None:
    assert {*PROGRAMS} >= NOT_YET | ON_PURPOSE
