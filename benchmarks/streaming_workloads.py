"""Structured streaming: throughput of three queries, and what a small micro-batch costs."""

from __future__ import annotations

import statistics
import time
from typing import Any
from uuid import uuid4

from benchmarks.entry import Entry
from benchmarks.events import SCHEMA, event_files
from benchmarks.workload import Place, Sample, Workload

_WARM_BATCHES = 10
_SMALL_BATCH = 1_000


def project(entry: Entry, place: Place) -> Sample:
    """Filter and project into Parquet."""
    views = _events(entry, place.scale.events, files=4).where("event_type = 'view'")
    return _to_parquet(entry, place, views.select("ad_id", "event_time"), "count(*) AS n")


def window_append(entry: Entry, place: Place) -> Sample:
    """Count views per ad and 10 s window; closed windows go to Parquet."""
    counts = _counts(entry, _events(entry, place.scale.events, files=4))
    return _to_parquet(entry, place, counts, "count(*) AS n", "sum(count) AS views")


def window_update(entry: Entry, place: Place) -> Sample:
    """Count views per ad and 10 s window; every change goes to the memory sink."""
    events = place.scale.events
    query, seconds, answer = _to_memory(entry, place, _counts(entry, _events(entry, events, files=20)))
    return Sample(events / seconds, answer, {"batches": len(query.recentProgress)})


def small_batch(entry: Entry, place: Place) -> Sample:
    """Take the median time of a stateful micro-batch of a thousand rows."""
    files = place.scale.small_batches
    counts = _counts(entry, _events(entry, files * _SMALL_BATCH, files))
    query, seconds, answer = _to_memory(entry, place, counts)
    batches = [p["durationMs"]["triggerExecution"] for p in query.recentProgress]
    detail = {"wall ms per batch": 1000 * seconds / len(batches), "slowest ms": max(batches[_WARM_BATCHES:])}
    return Sample(statistics.median(batches[_WARM_BATCHES:]), answer, detail)


def _events(entry: Entry, events: int, files: int) -> Any:
    folder = str(event_files(events, files))
    return entry.session.readStream.schema(SCHEMA).option("maxFilesPerTrigger", 1).json(folder)


def _counts(entry: Entry, events: Any) -> Any:
    F = entry.functions
    seen_at = F.timestamp_millis(F.col("event_time").cast("long"))
    views = events.where("event_type = 'view'").select("ad_id", seen_at.alias("seen_at"))
    in_time = views.withWatermark("seen_at", "10 seconds")
    return in_time.groupBy(F.window("seen_at", "10 seconds"), "ad_id").count()


def _to_parquet(entry: Entry, place: Place, frame: Any, *totals: str) -> Sample:
    out = str(place.scratch / "out")
    writer = frame.writeStream.format("parquet").option("path", out).outputMode("append")
    query, seconds = _drain(writer, place)
    answer = _answer(entry.session.read.parquet(out).selectExpr(*totals))
    return Sample(place.scale.events / seconds, answer, {"batches": len(query.recentProgress)})


def _to_memory(entry: Entry, place: Place, frame: Any) -> tuple[Any, float, Any]:
    name = f"counts_{uuid4().hex[:8]}"
    writer = frame.writeStream.format("memory").queryName(name).outputMode("update")
    query, seconds = _drain(writer, place)
    answer = _answer(entry.session.table(name).selectExpr("count(*) AS n", "sum(count) AS views"))
    entry.session.catalog.dropTempView(name)
    return query, seconds, answer


def _drain(writer: Any, place: Place) -> tuple[Any, float]:
    """Run the query over all that is there; return it with its seconds from start() to its end."""
    writer = writer.option("checkpointLocation", str(place.scratch / "checkpoint"))
    began = time.perf_counter()
    query = writer.trigger(availableNow=True).start()
    query.awaitTermination()
    return query, time.perf_counter() - began


def _answer(totals: Any) -> dict[str, int]:
    return {name: int(value or 0) for name, value in totals.collect()[0].asDict().items()}


WORKLOADS = (
    Workload("project", "filter + project -> Parquet, 4 batches", "rows/s", "session", project, reach=4),
    Workload(
        "window-append",
        "10 s window count, append -> Parquet, 4 batches",
        "rows/s",
        "session",
        window_append,
        reach=4,
    ),
    Workload(
        "window-update",
        "10 s window count, update mode, 20 batches",
        "rows/s",
        "session",
        window_update,
        reach=8,
    ),
    Workload(
        "small-batch",
        "stateful micro-batch of 1,000 rows",
        "ms",
        "session",
        small_batch,
        reach=15,
        reach_value=5,
    ),
)
