"""Regions of a plan with more than one input, or with none that has rows."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

import pytest

from streamcore import Session
from streamcore.sql import functions as F
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stream_test import StreamTest


@pytest.fixture
def session() -> Session:
    found = Session.builder.master("local[2]").getOrCreate().newSession()
    found.conf.set("spark.sql.shuffle.partitions", "2")
    return found


@pytest.mark.parametrize("is_first_alone", [True, False])
def test_ids_and_random_values_over_a_union_of_stages_and_streams_are_all_different(
    session: Session, is_first_alone: bool
) -> None:
    streams = [MemoryStream("k int") for _ in range(3)]
    first, second, third = (stream.toDF(session) for stream in streams)
    together = first.dropDuplicates(["k"]).union(second).union(third.dropDuplicates(["k"]))
    with_ids = together.select(F.expr("uuid()"), F.monotonically_increasing_id(), F.rand(7))
    with StreamTest(with_ids) as test:
        for stream in streams[1:] if is_first_alone else streams:
            test.addData(stream, range(20))
        test.addData(streams[0], range(20, 40)).processAllAvailable()
        rows = test._rows()
    assert len(rows) == (60 if is_first_alone else 80)
    assert [len(set(column)) for column in zip(*rows, strict=True)] == [len(rows)] * 3


@pytest.mark.parametrize("mode", ["complete", "update"])
def test_a_count_over_a_stage_that_gives_no_rows_is_nought(session: Session, mode: str) -> None:
    stream = MemoryStream("k int")
    counted = stream.toDF(session).where("k > 9").dropDuplicates(["k"]).groupBy().count()
    with StreamTest(counted, mode) as test:
        test.addData(stream, [1, 2]).checkNewAnswer([(0,)])
        test.addData(stream, [11, 12]).checkNewAnswer([(2,)])


def test_the_watermark_policy_is_that_with_which_the_checkpoint_was_begun(
    session: Session, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fast, slow = (MemoryStream("t timestamp") for _ in range(2))
    marked = [stream.toDF(session).withWatermark("t", "0 seconds") for stream in (fast, slow)]
    counts = marked[0].union(marked[1]).groupBy(F.window("t", "1 minute")).count().select("count")

    def at(minute: int) -> dt.datetime:
        return dt.datetime(2024, 1, 1, 0, minute, tzinfo=dt.UTC)

    with StreamTest(counts, checkpointLocation=str(tmp_path)) as test:
        test.addData(fast, [at(10)]).addData(slow, [at(1)]).checkNewAnswer([]).stopStream()
        session.conf.set("spark.sql.streaming.multipleWatermarkPolicy", "max")
        with caplog.at_level(logging.WARNING, "streamcore.streaming"):
            test.startStream()
        assert "multipleWatermarkPolicy=max is ignored" in caplog.text
        test.addData(fast, [at(20)]).checkNewAnswer([])
