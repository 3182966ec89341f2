"""Batch by batch what PySpark gave for the same input (see ask_pyspark): rows, watermarks, state."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.sql import functions
from streamcore.testing.stepped_query import SteppedQuery
from tests.oracle.streaming.arrivals import Arrivals
from tests.oracle.streaming.ask_pyspark import COUNTS, plain, state
from tests.oracle.streaming.scenarios import SCENARIOS, Scenario


def answers(file: str) -> dict[str, Any]:
    """What PySpark gave, by scenario."""
    found: dict[str, Any] = json.loads((Path(__file__).parent.parent / "data" / file).read_text())["answers"]
    return found


ANSWERS = answers("streaming.json")
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}

Batch = dict[str, Any]

# Event times are seen where a stateful operator takes rows in, after every filter and join; PySpark sees
# them at withWatermark. Ours is then never ahead: windows close later, and nothing more is dropped.
SEEN_LATER = ("filter on event time", "stateless")


@pytest.fixture(scope="module")
def session() -> Session:
    session = Session.builder.master("local[2]").getOrCreate().newSession()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


def run(
    session: Session, scenario: Scenario, checkpoint: Path, partitions: int, restarts: bool
) -> list[Batch]:
    """What our batches give; with `restarts` every batch is run by a new driver."""
    for key, value in {"spark.sql.shuffle.partitions": str(partitions), **scenario.conf}.items():
        session.conf.set(key, value)
    streams = [Arrivals(partitions) for _ in scenario.steps[0]]
    batches: list[Batch] = []

    def started() -> SteppedQuery:
        frame = scenario.build([stream.to_df(session) for stream in streams], functions)
        writer = frame.writeStream.outputMode(scenario.mode).foreachBatch(keep)
        return SteppedQuery(writer.option("checkpointLocation", str(checkpoint)))

    def keep(df: Any, batch_id: int) -> None:
        batches.append({"id": batch_id, "rows": [[plain(value) for value in row] for row in df.collect()]})

    query = started()
    for step in scenario.steps:
        for stream, files in zip(streams, step, strict=True):
            for rows in files:
                stream.arrive(rows)
        while (progress := query.step()) is not None:
            batches[-1] |= {"eventTime": progress["eventTime"], **counts(progress)}
            if restarts:
                query.close()
                query = started()
    query.close()
    for key in scenario.conf:
        session.conf.unset(key)
    return batches


def counts(progress: Any) -> dict[str, Any]:
    operators = progress["stateOperators"]
    first = {name: operators[0][name] for name in COUNTS} if operators else None
    return {"state": first, "states": [state(operator) for operator in operators]}


def shown(batches: list[Batch], *, is_sorted: bool) -> list[Any]:
    return [b["rows"] if is_sorted else sorted(b["rows"], key=repr) for b in batches]


@pytest.mark.parametrize("name", [name for name in BY_NAME if name not in SEEN_LATER])
def test_every_batch_gives_what_pyspark_gives(session: Session, tmp_path: Path, name: str) -> None:
    expected, found = ANSWERS[name], run(session, BY_NAME[name], tmp_path, partitions=1, restarts=False)
    is_sorted = "sorted" in name
    assert shown(found, is_sorted=is_sorted) == shown(expected, is_sorted=is_sorted)
    assert [b["state"] for b in found] == [b["state"] for b in expected]
    assert [b["eventTime"].get("watermark") for b in found] == [
        b["eventTime"].get("watermark") for b in expected
    ]
    if "union" not in name:  # of several watermarks PySpark reports the event times of one
        assert [b["eventTime"].get("max") for b in found] == [b["eventTime"].get("max") for b in expected]


@pytest.mark.parametrize("name", SEEN_LATER)
def test_a_watermark_is_never_ahead_of_pysparks(session: Session, tmp_path: Path, name: str) -> None:
    expected, found = ANSWERS[name], run(session, BY_NAME[name], tmp_path, partitions=1, restarts=False)
    ahead = [b["eventTime"]["watermark"] for b in found]
    assert max(ahead) <= max(b["eventTime"]["watermark"] for b in expected)
    known = [row for b in expected for row in b["rows"]]
    assert all(row in known for b in found for row in b["rows"])


@pytest.mark.parametrize(
    "name", ["append", "update", "complete", "distinct within watermark", "union of watermarks"]
)
def test_a_restart_after_every_batch_changes_nothing(session: Session, tmp_path: Path, name: str) -> None:
    found = run(session, BY_NAME[name], tmp_path, partitions=1, restarts=True)
    assert shown(found, is_sorted=False) == shown(ANSWERS[name], is_sorted=False)


@pytest.mark.parametrize("name", ["sliding append", "by key, update", "distinct events", "numbers as keys"])
def test_the_number_of_partitions_changes_nothing(session: Session, tmp_path: Path, name: str) -> None:
    found = run(session, BY_NAME[name], tmp_path, partitions=3, restarts=False)
    assert shown(found, is_sorted=False) == shown(ANSWERS[name], is_sorted=False)
