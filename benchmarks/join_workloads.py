"""Joins of two streams: throughput of both sides together."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.entry import Entry
from benchmarks.keyed_rows import SCHEMA, keyed_files
from benchmarks.workload import Place, Sample, Workload

_BATCHES = 10
_NEAR = "l.key = r.key AND r.seen_at >= l.seen_at AND r.seen_at <= l.seen_at + INTERVAL 10 SECONDS"


def inner_join(entry: Entry, place: Place) -> Sample:
    """Join rows with those of their key that the other stream has up to 10 s later."""
    return _joined(entry, place, "inner")


def left_join(entry: Entry, place: Place) -> Sample:
    """The same, with the rows that nothing follows."""
    return _joined(entry, place, "left")


def _joined(entry: Entry, place: Place, how: str) -> Sample:
    rows = place.scale.events // 2
    left, right = (_side(entry, rows, seed).alias(name) for name, seed in (("l", 1), ("r", 2)))
    pairs = left.join(right, entry.functions.expr(_NEAR), how)
    pairs = pairs.selectExpr("l.key", "l.seen_at", "r.seen_at AS later")
    out = str(place.scratch / "out")
    writer = pairs.writeStream.format("parquet").option("path", out).outputMode("append")
    writer = writer.option("checkpointLocation", str(place.scratch / "checkpoint"))
    began = time.perf_counter()
    query = writer.trigger(availableNow=True).start()
    query.awaitTermination()
    seconds = time.perf_counter() - began
    totals = entry.session.read.parquet(out).selectExpr("count(*) AS n", "count(later) AS pairs")
    answer = {name: int(value) for name, value in totals.collect()[0].asDict().items()}
    return Sample(2 * rows / seconds, answer, {"batches": len(query.recentProgress)})


def _side(entry: Entry, rows: int, seed: int) -> Any:
    reader = entry.session.readStream.schema(SCHEMA).option("maxFilesPerTrigger", 1)
    stream = reader.parquet(str(keyed_files(rows, _BATCHES, keys=rows // 10, seed=seed)))
    return stream.withWatermark("seen_at", "5 seconds")


WORKLOADS = (
    Workload(
        "stream-join",
        "inner join of two streams, 10 s interval, 2 x 1M rows",
        "rows/s",
        "session",
        inner_join,
        reach=4,
    ),
    Workload(
        "stream-left-join",
        "left join of two streams, 10 s interval, 2 x 1M rows",
        "rows/s",
        "session",
        left_join,
        reach=4,
    ),
)
