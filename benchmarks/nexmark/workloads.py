"""The queries of Nexmark over streams of files: timed over many events, compared over few."""

from __future__ import annotations

import hashlib
import time
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.entry import Entry
from benchmarks.nexmark.events import AUCTION, BID, PERSON, nexmark_files
from benchmarks.nexmark.queries import QUERIES, Query, Tables
from benchmarks.workload import Place, Sample, Workload

GROUP = "nexmark"
_FILES = 10
_FEW_EVENTS, _FEW_FILES = 5_000, 4
_LOTS = 10_000


def throughput(query: Query, entry: Entry, place: Place) -> Sample:
    """Run the query into nothing, over half as many events as the scale has, in ten batches."""
    events = place.scale.events // 2
    writer = query.build(tables(entry, events, _FILES)).writeStream.format("noop")
    seconds, batches = _drained(writer, query, place.scratch / "timed")
    return Sample(events / seconds, answer(query, entry, place.scratch), {"batches": batches})


def answer(query: Query, entry: Entry, scratch: Path) -> dict[str, Any]:
    """What the query gives over few events: the number of rows, and a digest of their values."""
    F = entry.functions
    name = f"nexmark_{uuid4().hex[:8]}"
    few = tables(entry, _FEW_EVENTS, _FEW_FILES)
    writer = query.build(few).writeStream.format("memory").queryName(name)
    _drained(writer, query, scratch / "answered")
    rows = entry.session.table(name)
    if query.varies is not None:
        rows = rows.select(query.varies).distinct()
    text = F.concat_ws("|", *(F.coalesce(_as_text(F, *field), F.lit("-")) for field in rows.dtypes))
    lines = sorted(row[0] for row in rows.select(text).collect())
    entry.session.catalog.dropTempView(name)
    return {"rows": len(lines), "digest": hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]}


def tables(entry: Entry, events: int, files: int) -> Tables:
    """The streams of as many events, and the small table."""
    folders = nexmark_files(events, files)
    reader = partial(_stream, entry)
    lots = entry.session.range(_LOTS).selectExpr("id AS lot", "concat('lot ', id) AS value")
    return Tables(
        reader(folders.person, PERSON),
        reader(folders.auction, AUCTION),
        reader(folders.bid, BID),
        lots,
        entry.functions,
    )


def _stream(entry: Entry, folder: Path, schema: str) -> Any:
    return entry.session.readStream.schema(schema).option("maxFilesPerTrigger", 1).parquet(str(folder))


def _as_text(F: Any, name: str, kind: str) -> Any:
    if kind == "timestamp":
        return F.unix_micros(name).cast("string")
    if kind == "double":  # a sum of doubles depends on the order
        return F.round(name, 3).cast("decimal(30,3)").cast("string")
    return F.col(name).cast("string")


def _drained(writer: Any, query: Query, checkpoint: Path) -> tuple[float, int]:
    """Run it over all that is there; return the seconds from start() to the end, and the batches."""
    writer = writer.outputMode(query.mode).option("checkpointLocation", str(checkpoint))
    began = time.perf_counter()
    running = writer.trigger(availableNow=True).start()
    running.awaitTermination()
    return time.perf_counter() - began, len(running.recentProgress)


WORKLOADS = tuple(
    Workload(
        f"nexmark-{query.name}",
        f"Nexmark {query.name}: {query.title}",
        "rows/s",
        "session",
        partial(throughput, query),
        group=GROUP,
    )
    for query in QUERIES
)
