"""Python with state: batch by batch what PySpark gave for the same input (see ask_python_state)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamcore import Row, Session
from streamcore.sql import functions
from streamcore.sql.streaming import GroupStateTimeout, StatefulProcessor
from streamcore.testing.clock import ManualClock
from streamcore.testing.stepped_query import SteppedQuery
from tests.oracle.streaming.arrivals import Arrivals
from tests.oracle.streaming.ask_pyspark import plain
from tests.oracle.streaming.python_state_scenarios import SCENARIOS, Kit, Scenario
from tests.oracle.streaming.test_against_pyspark import answers

ANSWERS = answers("streaming_python_state.json")
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
KIT = Kit(StatefulProcessor, Row, GroupStateTimeout)

Batch = dict[str, Any]


@pytest.fixture(scope="module")
def session() -> Session:
    session = Session.builder.master("local[2]").getOrCreate().newSession()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


def run(
    session: Session, scenario: Scenario, checkpoint: Path, partitions: int, restarts: bool
) -> list[Batch]:
    """What our batches give; with `restarts` every batch is run by a new driver."""
    session.conf.set("spark.sql.shuffle.partitions", str(partitions))
    stream, clock = Arrivals(partitions), ManualClock()
    initial = session.createDataFrame(scenario.initial, "k string, n long") if scenario.initial else None
    batches: list[Batch] = []

    def started() -> SteppedQuery:
        frame = scenario.build(stream.to_df(session), functions, KIT, initial)
        writer = frame.writeStream.outputMode(scenario.mode).foreachBatch(keep)
        return SteppedQuery(writer.option("checkpointLocation", str(checkpoint)), clock)

    def keep(df: Any, batch_id: int) -> None:
        batches.append({"rows": [[plain(value) for value in row] for row in df.collect()]})

    query = started()
    for (files,) in scenario.steps:
        for rows in filter(None, files):
            stream.arrive(rows)
        for second in range(1 + scenario.seconds):
            clock.advance(1 if second else 0)
            while (progress := query.step()) is not None:
                batches[-1] |= facts(progress)
                if restarts:
                    query.close()
                    query = started()
    query.close()
    return batches


def facts(progress: Any) -> Batch:
    return {
        "numInputRows": progress.numInputRows,
        "watermark": progress.eventTime.get("watermark"),
        "dropped": [operator.numRowsDroppedByWatermark for operator in progress.stateOperators],
    }


def shown(batches: list[Batch], scenario: Scenario) -> list[Any]:
    rows = [sorted(batch["rows"], key=repr) for batch in batches]
    # By the processing time PySpark runs batches all the time, we run one when there is something to do.
    return [found for found in rows if found] if scenario.seconds else rows


@pytest.mark.parametrize("name", BY_NAME)
def test_every_batch_gives_what_pyspark_gives(session: Session, tmp_path: Path, name: str) -> None:
    scenario, expected = BY_NAME[name], ANSWERS[name]
    found = run(session, scenario, tmp_path, partitions=1, restarts=False)
    assert shown(found, scenario) == shown(expected, scenario)
    if not scenario.seconds:
        assert [b["watermark"] for b in found] == [b["watermark"] for b in expected]
        assert [b["numInputRows"] for b in found] == [b["numInputRows"] for b in expected]
        dropped = [[state["numRowsDroppedByWatermark"] for state in b["states"]] for b in expected]
        assert [b["dropped"] for b in found] == dropped


@pytest.mark.parametrize(
    "name", ["list", "map", "event-time timers", "processing-time timers", "time to live", "initial state"]
)
def test_a_restart_after_every_batch_on_more_partitions_changes_nothing(
    session: Session, tmp_path: Path, name: str
) -> None:
    scenario = BY_NAME[name]
    found = run(session, scenario, tmp_path, partitions=3, restarts=True)
    assert shown(found, scenario) == shown(ANSWERS[name], scenario)
