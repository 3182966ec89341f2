"""Session windows, batch by batch as PySpark ran them: rows and watermarks; and split in any way."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamcore import Session
from streamcore.errors import AnalysisException, CheckpointMismatch
from streamcore.sql import functions as F
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stream_test import StreamTest
from tests.oracle.streaming.session_scenarios import SESSIONS
from tests.oracle.streaming.test_against_pyspark import answers, run, shown
from tests.oracle.streaming.test_any_split import History
from tests.oracle.streaming.test_chains_any_split import HISTORIES, check, marked

ANSWERS = answers("streaming_sessions.json")
BY_NAME = {scenario.name: scenario for scenario in SESSIONS}


@pytest.fixture(scope="module")
def session() -> Session:
    session = Session.builder.master("local[2]").getOrCreate().newSession()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


@pytest.mark.parametrize("name", BY_NAME)
def test_every_batch_of_sessions_is_pysparks(session: Session, tmp_path: Path, name: str) -> None:
    expected, found = ANSWERS[name], run(session, BY_NAME[name], tmp_path, partitions=1, restarts=False)
    assert shown(found, is_sorted=False) == shown(expected, is_sorted=False)
    assert [b["eventTime"].get("watermark") for b in found] == [
        b["eventTime"].get("watermark") for b in expected
    ]


@pytest.mark.parametrize(
    "name", ["sessions, fixed, append: bridged", "sessions, dynamic, complete: measured"]
)
def test_a_restart_after_every_batch_of_sessions_changes_nothing(
    session: Session, tmp_path: Path, name: str
) -> None:
    found = run(session, BY_NAME[name], tmp_path, partitions=1, restarts=True)
    assert shown(found, is_sorted=False) == shown(ANSWERS[name], is_sorted=False)


@pytest.mark.parametrize("name", ["sessions, dynamic, append: measured", "sessions, fixed, append: hurried"])
def test_the_number_of_partitions_of_sessions_changes_nothing(
    session: Session, tmp_path: Path, name: str
) -> None:
    found = run(session, BY_NAME[name], tmp_path, partitions=3, restarts=False)
    assert shown(found, is_sorted=False) == shown(ANSWERS[name], is_sorted=False)


def visits(frame: Any) -> Any:
    gap = F.when(F.col("k") == "a", "3 seconds").otherwise("8 seconds")
    grouped = marked(frame).groupBy("k", F.session_window("ts", gap))
    counted = grouped.agg(F.count("*").alias("n"), F.sum("v").alias("s"), F.avg("v").alias("m"))
    return counted.select("session_window.start", "session_window.end", "k", "n", "s", "m")


@settings(max_examples=10)
@given(history=HISTORIES, parts=st.integers(1, 3), state_parts=st.integers(1, 3))
def test_sessions_do_not_depend_on_the_split(
    session: Session, history: History, parts: int, state_parts: int
) -> None:
    check(session, history, visits, parts, state_parts)


def longest_visits(frame: Any) -> Any:
    sessions = marked(frame).groupBy(F.session_window("ts", "4 seconds"), "k").agg(F.count("*").alias("n"))
    outer = sessions.groupBy(F.window("session_window", "50 seconds")).agg(F.max("n").alias("n"))
    return outer.select("window.start", "n")


@settings(max_examples=5)
@given(history=HISTORIES, parts=st.integers(1, 2), state_parts=st.integers(1, 2))
def test_a_window_over_sessions_does_not_depend_on_the_split(
    session: Session, history: History, parts: int, state_parts: int
) -> None:
    check(session, history, longest_visits, parts, state_parts)


@pytest.mark.parametrize(
    ("keys", "mode", "words"),
    [
        (["k"], "update", "not supported for session window"),
        ([], "append", "Global aggregation with session window"),
        ([], "complete", "Global aggregation with session window"),
    ],
)
def test_what_pyspark_refuses_of_sessions_is_refused(
    session: Session, keys: list[str], mode: str, words: str
) -> None:
    stream = MemoryStream("ts timestamp, k string").toDF(session).withWatermark("ts", "1 second")
    counted = stream.groupBy(F.session_window("ts", "5 seconds"), *keys).count()
    with pytest.raises(AnalysisException, match=words):
        counted.writeStream.format("noop").outputMode(mode).start()


def test_another_gap_under_the_same_checkpoint_is_refused_and_named(session: Session) -> None:
    stream = MemoryStream("ts timestamp, k string")

    def counted(gap: str) -> Any:
        rows = stream.toDF(session).withWatermark("ts", "1 second")
        return rows.groupBy(F.session_window("ts", gap), "k").count()

    with StreamTest(counted("5 seconds")) as test:
        test.addData(stream, [(datetime(2026, 1, 1, tzinfo=UTC), "a")]).processAllAvailable().stopStream()
        with pytest.raises(CheckpointMismatch, match=r"5 seconds.*->.*6 seconds"):
            test.startStream(counted("6 seconds"))
