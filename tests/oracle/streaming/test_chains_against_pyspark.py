"""Chains of stateful operators, batch by batch as PySpark ran them: rows, state, watermarks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from tests.oracle.streaming.ask_pyspark import state
from tests.oracle.streaming.chain_scenarios import CHAINS
from tests.oracle.streaming.test_against_pyspark import answers, run, shown

ANSWERS = answers("streaming_chains.json")
BY_NAME = {scenario.name: scenario for scenario in CHAINS}


@pytest.fixture(scope="module")
def session() -> Session:
    session = Session.builder.master("local[2]").getOrCreate().newSession()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


def states(batch: dict[str, Any]) -> list[list[int]]:
    """The counts of every operator, the one nearest to the sink first."""
    one = batch["state"]
    return batch.get("states") or [state(one)]


@pytest.mark.parametrize("name", BY_NAME)
def test_every_batch_of_a_chain_gives_what_pyspark_gives(session: Session, tmp_path: Path, name: str) -> None:
    expected, found = ANSWERS[name], run(session, BY_NAME[name], tmp_path, partitions=1, restarts=False)
    assert shown(found, is_sorted=False) == shown(expected, is_sorted=False)
    assert [states(b) for b in found] == [states(b) for b in expected]
    assert [b["eventTime"].get("watermark") for b in found] == [
        b["eventTime"].get("watermark") for b in expected
    ]


@pytest.mark.parametrize(
    "name", ["three in a row: measured", "union of aggregates", "window of windows: hurried"]
)
def test_a_restart_after_every_batch_of_a_chain_changes_nothing(
    session: Session, tmp_path: Path, name: str
) -> None:
    found = run(session, BY_NAME[name], tmp_path, partitions=1, restarts=True)
    assert shown(found, is_sorted=False) == shown(ANSWERS[name], is_sorted=False)


@pytest.mark.parametrize("name", ["three in a row: late between", "window, then distinct: measured"])
def test_the_number_of_partitions_of_a_chain_changes_nothing(
    session: Session, tmp_path: Path, name: str
) -> None:
    found = run(session, BY_NAME[name], tmp_path, partitions=3, restarts=False)
    assert shown(found, is_sorted=False) == shown(ANSWERS[name], is_sorted=False)
