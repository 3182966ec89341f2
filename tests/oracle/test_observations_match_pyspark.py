"""observe() takes what PySpark's takes (tests/oracle/freeze_observations), and refuses what it refuses."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import AnalysisException
from streamcore.sql import functions
from streamcore.sql.observation import Observation
from streamcore.testing.memory_source import MemoryStream
from tests.oracle.observation_programs import BATCHES, MEASURES, PEOPLE, PLACES, STREAMS, condition

ANSWERS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "observations.json").read_text()
)


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.getOrCreate()


@pytest.fixture(scope="module")
def people(session: Session) -> Any:
    return session.createDataFrame(PEOPLE, "name string, age bigint")


@pytest.mark.parametrize("name", MEASURES)
def test_measures_are_taken_or_refused_as_by_pyspark(people: Any, name: str) -> None:
    observation = Observation()
    try:
        people.observe(observation, *MEASURES[name](functions)).count()
        found: Any = {"values": {key: repr(value) for key, value in observation.get.items()}}
    except AnalysisException as error:
        found = {"refused": condition(error)}
    assert found == ANSWERS["measures"][name]


@pytest.mark.parametrize("name", PLACES)
def test_rows_are_observed_at_the_place_where_it_is_asked_for(people: Any, name: str) -> None:
    observation = Observation()
    measures = (functions.count(functions.lit(1)).alias("n"), functions.max("age").alias("m"))
    PLACES[name](people, functions, lambda d: d.observe(observation, *measures))
    assert observation.get == ANSWERS["places"][name]


@pytest.mark.parametrize("name", STREAMS)
def test_every_micro_batch_reports_what_it_observed(session: Session, name: str) -> None:
    mode, build = STREAMS[name]
    source = MemoryStream("ts timestamp, k string, v bigint", max_rows_per_batch=len(BATCHES[0]))
    source.addData([{"ts": _microseconds(ts), "k": k, "v": v} for rows in BATCHES for ts, k, v in rows])
    try:
        writer = build(source.toDF(session), functions).writeStream.outputMode(mode).format("noop")
        query = writer.trigger(availableNow=True).start()
    except AnalysisException as error:
        found: Any = {"refused": condition(error)}
    else:
        query.awaitTermination()
        batches = query.recentProgress
        found = {"batches": [{n: r.asDict() for n, r in p.observedMetrics.items()} for p in batches]}
    assert found == ANSWERS["streams"][name]


def _microseconds(text: str) -> int:
    moment = dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
    return round(moment.timestamp()) * 1_000_000
