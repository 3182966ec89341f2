"""Joins of two streams, batch by batch as PySpark ran them: rows, watermarks, state, late rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.sql import functions
from streamcore.testing.stepped_query import SteppedQuery
from tests.oracle.streaming.arrivals import Arrivals
from tests.oracle.streaming.ask_pyspark import plain
from tests.oracle.streaming.join_scenarios import JOINS
from tests.oracle.streaming.test_against_pyspark import answers, run, shown

ANSWERS = answers("streaming_joins.json")
BY_NAME = {scenario.name: scenario for scenario in JOINS}


@pytest.fixture(scope="module")
def session() -> Session:
    session = Session.builder.master("local[2]").getOrCreate().newSession()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


def kept(batch: dict[str, Any]) -> list[tuple[int, int]]:
    """Of every operator, the one nearest to the sink first, how many rows it keeps and how many were late."""
    one = batch["state"]
    counts = batch.get("states") or [[one["numRowsTotal"], 0, 0, one["numRowsDroppedByWatermark"]]]
    return [(total, late) for total, _, _, late in counts]


@pytest.mark.parametrize("name", BY_NAME)
def test_every_batch_of_a_join_gives_what_pyspark_gives(session: Session, tmp_path: Path, name: str) -> None:
    expected, found = ANSWERS[name], run(session, BY_NAME[name], tmp_path, partitions=1, restarts=False)
    assert shown(found, is_sorted=False) == shown(expected, is_sorted=False)
    if "semi" not in name:  # PySpark keeps left rows that have come out
        assert [kept(b) for b in found] == [kept(b) for b in expected]
    assert [b["eventTime"].get("watermark") for b in found] == [
        b["eventTime"].get("watermark") for b in expected
    ]


@pytest.mark.parametrize(
    "name",
    ["join in a time range", "full join in a time range: waiting", "left semi join in a time range: waiting"],
)
def test_a_restart_after_every_batch_of_a_join_changes_nothing(
    session: Session, tmp_path: Path, name: str
) -> None:
    found = run(session, BY_NAME[name], tmp_path, partitions=1, restarts=True)
    assert shown(found, is_sorted=False) == shown(ANSWERS[name], is_sorted=False)


@pytest.mark.parametrize(
    "name", ["full join with a filter", "join, then join: waiting", "left join by window"]
)
def test_the_number_of_partitions_of_a_join_changes_nothing(
    session: Session, tmp_path: Path, name: str
) -> None:
    found = run(session, BY_NAME[name], tmp_path, partitions=3, restarts=False)
    assert shown(found, is_sorted=False) == shown(ANSWERS[name], is_sorted=False)


@pytest.mark.parametrize(
    "name", ["full join with a filter: waiting", "left semi join in a time range: waiting"]
)
def test_a_join_whose_every_driver_splits_its_state_anew_gives_the_same(
    session: Session, tmp_path: Path, name: str
) -> None:
    scenario, outputs = BY_NAME[name], list[list[Any]]()
    streams = [Arrivals() for _ in scenario.steps[0]]

    def keep(df: Any, _: int) -> None:
        outputs.append(sorted(([plain(value) for value in row] for row in df.collect()), key=repr))

    def started() -> SteppedQuery:
        session.conf.set("spark.streamcore.state.partitions", str(1 + 2 * len(outputs) % 5))
        frame = scenario.build([stream.to_df(session) for stream in streams], functions)
        writer = frame.writeStream.outputMode(scenario.mode).foreachBatch(keep)
        return SteppedQuery(writer.option("checkpointLocation", str(tmp_path)))

    query = started()
    for step in scenario.steps:
        for stream, files in zip(streams, step, strict=True):
            for rows in files:
                stream.arrive(rows)
        while query.step() is not None:
            query.close()
            query = started()
    query.close()
    session.conf.unset("spark.streamcore.state.partitions")
    assert outputs == shown(ANSWERS[name], is_sorted=False)
