"""Progress documents have PySpark's fields (tests/oracle/data/progress.json is one of PySpark's)."""

from __future__ import annotations

import json
import math
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from streamcore import Session
from streamcore.spi.row import Row
from streamcore.streaming.progress import (
    SinkProgress,
    Stopwatch,
    StreamingQueryProgress,
    iso_utc,
    rate,
)
from streamcore.testing.clock import ManualClock
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stepped_query import SteppedQuery

THEIRS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "oracle" / "data" / "progress.json").read_text()
)


@pytest.fixture(scope="module")
def ours() -> dict[str, Any]:
    """The progress of one batch of a windowed aggregation."""
    session = Session.builder.getOrCreate()
    stream = MemoryStream("ts timestamp, k string")
    stream.addData([{"ts": 1_000_000, "k": "a"}, {"ts": 25_000_000, "k": "b"}])
    windows = (
        stream.toDF(session)
        .withWatermark("ts", "10 seconds")
        .selectExpr("k", "window(ts, '10 seconds') AS w")
    )
    counted = windows.groupBy("w", "k").count()
    writer = counted.writeStream.outputMode("update").format("memory").queryName("progress")
    with SteppedQuery(writer, ManualClock(1_700_000_000_000)) as query:
        progress = query.step()
    assert progress is not None
    found: dict[str, Any] = json.loads(progress.json)
    return found


def test_the_fields_are_pysparks(ours: dict[str, Any]) -> None:
    assert set(THEIRS) <= set(ours)
    assert list(ours) == list(THEIRS)


@pytest.mark.parametrize("part", ["sources", "stateOperators"])
def test_the_fields_of_the_parts_are_pysparks(ours: dict[str, Any], part: str) -> None:
    assert set(THEIRS[part][0]) - {"customMetrics"} <= set(ours[part][0]) | {"latestOffset", "metrics"}


def test_the_sink_and_the_event_times_are_pysparks(ours: dict[str, Any]) -> None:
    assert set(THEIRS["sink"]) <= set(ours["sink"])
    assert set(ours["eventTime"]) == set(THEIRS["eventTime"])


def test_the_phases_of_a_batch_are_pysparks(ours: dict[str, Any]) -> None:
    assert set(ours["durationMs"]) <= set(THEIRS["durationMs"])
    assert {"addBatch", "latestOffset", "walCommit", "commitOffsets", "triggerExecution"} <= set(
        ours["durationMs"]
    )


def test_the_values_say_what_happened(ours: dict[str, Any]) -> None:
    assert ours["batchId"] == 0
    assert ours["numInputRows"] == 2
    assert ours["timestamp"] == "2023-11-14T22:13:20.000Z"
    assert ours["eventTime"]["max"] == "1970-01-01T00:00:25.000Z"
    assert ours["stateOperators"][0]["numRowsTotal"] == 2
    assert ours["sink"]["numOutputRows"] == 2
    assert ours["sources"][0]["endOffset"] == {"rows": 2}


def test_a_progress_of_pyspark_is_read_and_written_as_it_is() -> None:
    progress = StreamingQueryProgress.fromJson(THEIRS)
    assert progress.json == json.dumps(THEIRS)
    assert str(progress) == progress.prettyJson == json.dumps(THEIRS, indent=4)


def test_fields_are_attributes_too_and_ids_are_uuids_there() -> None:
    progress = StreamingQueryProgress.fromJson(THEIRS)
    assert progress.batchId == progress["batchId"] == 0
    assert progress.id == UUID(THEIRS["id"])
    assert progress["id"] == THEIRS["id"]
    assert progress.sources[0].endOffset == progress["sources"][0]["endOffset"] == '{"logOffset": 0}'
    assert progress.sources[0].startOffset == "null"
    assert progress.sources[0].metrics == progress.observedMetrics == {}
    with pytest.raises(AttributeError, match="'StreamingQueryProgress' object has no attribute 'batchID'"):
        _ = progress.batchID


def test_observed_rows_are_objects_in_the_text() -> None:
    at = datetime(2024, 1, 1, 0, 0, 31)  # noqa: DTZ001 - as in a Row
    row = Row(n=2, at=at, sum=Decimal("7.00"), one=Row(k="b", v=4))
    progress = StreamingQueryProgress.fromJson(THEIRS | {"observedMetrics": {"a": {}}})
    progress["observedMetrics"]["a"] = row
    shown = json.loads(progress.json)["observedMetrics"]
    assert shown == {"a": {"n": 2, "at": "2024-01-01 00:00:31", "sum": 7.0, "one": {"k": "b", "v": 4}}}
    again = StreamingQueryProgress.fromJson(json.loads(progress.json))
    assert again.observedMetrics["a"].n == 2


def test_another_field_is_refused() -> None:
    with pytest.raises(TypeError, match="SinkProgress takes description, numOutputRows, metrics, not nope"):
        SinkProgress(nope=1)


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_700_000_000_007, "2023-11-14T22:13:20.007Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
    ],
)
def test_moments_are_printed_as_spark_prints_them(ms: int, text: str) -> None:
    assert iso_utc(ms) == text


def test_a_rate_over_no_time_is_zero() -> None:
    assert rate(10, 0) == 0.0
    assert rate(10, 500) == 20.0
    assert rate(1, 3000) == 0.3


def test_the_stopwatch_adds_up_phases() -> None:
    watch = Stopwatch()
    watch.add("b", 0.0105)
    watch.add("a", 0.002)
    watch.add("b", 0.0105)
    assert list(watch.whole_ms().items()) == [("a", 2), ("b", 21)]


def test_measures_that_json_has_no_numbers_or_objects_for_are_written_as_spark_writes_them() -> None:
    measures = Row(
        n=math.nan, up=math.inf, down=[-math.inf], deep=Row(n=math.nan), by_day={date(2024, 1, 1): 2}
    )
    progress = StreamingQueryProgress.fromJson(THEIRS)
    progress["observedMetrics"] = {"o": measures}

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    assert json.loads(progress.json, parse_constant=refuse)["observedMetrics"]["o"] == {
        "n": "NaN",
        "up": "Infinity",
        "down": ["-Infinity"],
        "deep": {"n": "NaN"},
        "by_day": [{"key": "2024-01-01", "value": 2}],
    }
