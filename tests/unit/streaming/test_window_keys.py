"""A time window as the key of a deduplication: known again in later batches, and forgotten in time."""

from __future__ import annotations

from streamcore import Session
from streamcore.sql import functions as F
from streamcore.testing.clock import ManualClock
from streamcore.testing.memory_source import MemoryStream
from streamcore.testing.stepped_query import SteppedQuery


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
