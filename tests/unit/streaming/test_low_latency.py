"""Continuous and real-time triggers run micro-batches at once, and refuse what PySpark refuses."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from streamcore import Session
from streamcore.errors import AnalysisException, IllegalArgumentException, UnsupportedOperationException
from streamcore.testing.memory_source import MemoryStream


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.builder.getOrCreate()


def test_continuous_commits_a_row_long_before_its_interval_is_over(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="streamcore.streaming")
    stream = MemoryStream("v int")
    writer = stream.toDF(session).where("v > 1").writeStream.format("memory").queryName("continuously")
    query = writer.trigger(continuous="1 hour").start()
    for value in (1, 2, 3):
        stream.addData([(value,)])
        query.processAllAvailable()
    query.stop()
    assert [row.v for row in session.table("continuously").collect()] == [2, 3]
    assert [p.batchId for p in query.recentProgress] == [0, 1, 2]
    assert "trigger(continuous=...) runs as micro-batches" in caplog.text


def test_real_time_commits_a_row_long_before_its_batch_is_over(session: Session) -> None:
    stream = MemoryStream("v int")
    rows: list[Any] = []
    writer = stream.toDF(session).writeStream.foreach(rows.append).outputMode("update")
    query = writer.trigger(realTime="1 hour").start()
    stream.addData([(7,)])
    query.processAllAvailable()
    query.stop()
    assert [row.v for row in rows] == [7]
    assert query.recentProgress[0].batchId == 0


def test_a_static_side_and_a_stateful_operator_are_refused_under_continuous(session: Session) -> None:
    stream = MemoryStream("id bigint").toDF(session)
    for frame in (stream.join(session.range(3), "id"), stream.groupBy("id").count()):
        with pytest.raises(AnalysisException, match=r"Continuous processing does not support \w+ operations"):
            frame.writeStream.format("noop").outputMode("update").trigger(continuous="1 second").start()


def test_real_time_names_what_is_missing(session: Session) -> None:
    writer = MemoryStream("v int").toDF(session).writeStream.outputMode("update").trigger(realTime="1 minute")
    with pytest.raises(IllegalArgumentException, match=r"The sink\(s\): noop is not in the sink allowlist"):
        writer.format("noop").start()
    files = session.readStream.schema("v int").json(".").writeStream.outputMode("update")
    with pytest.raises(IllegalArgumentException, match="input stream json is not supported"):
        files.format("console").trigger(realTime="1 minute").start()


@pytest.mark.parametrize(
    "options",
    [
        {"asyncProgressTrackingEnabled": "true"},
        {"asyncProgressTrackingEnabled": "false", "asyncProgressTrackingCheckpointIntervalMs": "5"},
        {"asyncProgressTrackingCheckpointIntervalMs": "5"},
        {"_asyncProgressTrackingOverrideSinkSupportCheck": "true"},
    ],
)
def test_progress_is_never_tracked_behind_the_batches(session: Session, options: dict[str, str]) -> None:
    writer = MemoryStream("v int").toDF(session).writeStream.format("noop").options(**options)
    with pytest.raises(UnsupportedOperationException, match=r"asyncProgressTracking.* is not offered"):
        writer.start()


def test_progress_that_is_not_asked_to_be_tracked_behind_the_batches_is_not(session: Session) -> None:
    writer = MemoryStream("v int").toDF(session).writeStream.format("noop")
    writer.option("asyncProgressTrackingEnabled", "FALSE").start().stop()
    with pytest.raises(IllegalArgumentException, match="asyncProgressTrackingEnabled"):
        writer.option("asyncProgressTrackingEnabled", "nope").start()
