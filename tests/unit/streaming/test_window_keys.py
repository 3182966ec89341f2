"""Keys that are made of an event time: which of them a watermark closes, and which it does not."""

from __future__ import annotations

import datetime as dt

import pytest

from streamcore import Session
from streamcore.errors import AnalysisException
from streamcore.sql import functions as F
from streamcore.sql.column import Column
from streamcore.testing.clock import ManualClock
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stepped_query import SteppedQuery
from streamcore.testing.stream_test import StreamTest


def test_a_window_that_came_before_is_a_duplicate_in_every_later_batch() -> None:
    session = Session.builder.getOrCreate()
    stream = MemoryStream("ts timestamp, k string")
    windows = stream.toDF(session).select(F.window("ts", "10 seconds").alias("w"), "k")
    writer = windows.dropDuplicates(["w"]).selectExpr("w.start AS start").writeStream.format("noop")
    passed = []
    with SteppedQuery(writer.outputMode("append"), ManualClock()) as query:
        for seconds in ([1, 2], [3, 11], [12, 4], [25]):
            stream.addData([{"ts": at * 1_000_000, "k": "a"} for at in seconds])
            progress = query.step()
            assert progress is not None
            passed.append(progress["sink"]["numOutputRows"])
    assert passed == [1, 1, 0, 1]


@pytest.mark.parametrize("key", ["date_trunc('HOUR', ts)", "window(ts, '1 hour').start", "to_date(ts)"])
def test_a_group_by_what_is_made_of_an_event_time_loses_no_row_that_is_on_time(key: str) -> None:
    session = Session.builder.getOrCreate()
    stream = MemoryStream("ts timestamp")
    marked = stream.toDF(session).withWatermark("ts", "0 seconds")
    counts = marked.groupBy(F.expr(key).alias("hour")).count().select("count")
    with StreamTest(counts, "update") as test:
        for number, minute in enumerate((20, 30, 50), 1):
            at = dt.datetime(2024, 1, 1, 7, minute, tzinfo=dt.UTC)
            test.addData(stream, [(at,)]).checkNewAnswer([(number,)])
    with pytest.raises(AnalysisException, match="without watermark"):
        StreamTest(counts, "append")


@pytest.mark.parametrize("window", [F.window("ts", "10 seconds"), F.session_window("ts", "10 seconds")])
def test_a_window_under_another_name_is_closed_by_the_watermark(window: Column) -> None:
    session = Session.builder.getOrCreate()
    stream = MemoryStream("ts timestamp, k string")
    marked = stream.toDF(session).withWatermark("ts", "0 seconds")
    counts = marked.groupBy(window.alias("span"), "k").count().selectExpr("unix_seconds(span.start)", "count")
    first, later = (dt.datetime(2024, 1, 1, 7, minute, tzinfo=dt.UTC) for minute in (0, 5))
    with StreamTest(counts, "append") as test:
        test.addData(stream, [(first, "a"), (later, "a")]).checkNewAnswer([(int(first.timestamp()), 1)])
