"""State of streaming queries: what it costs to find, to keep, to start with and to hold."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

from benchmarks.entry import Entry
from benchmarks.keyed_rows import SCHEMA, keyed_files
from benchmarks.workload import Place, Sample, Workload

_SMALL_BATCH = 10_000
_MEASURED_BATCHES = 15


def running_count_20(entry: Entry, place: Place) -> Sample:
    """Count per key for ever, in many batches."""
    return _running_count(entry, place, batches=20)


def running_count_4(entry: Entry, place: Place) -> Sample:
    """Count per key for ever, in few batches."""
    return _running_count(entry, place, batches=4)


def _running_count(entry: Entry, place: Place, batches: int) -> Sample:
    rows = place.scale.events
    folder = keyed_files(rows, batches, keys=rows // 20)
    counts = _rows(entry, folder).groupBy("key").count()
    query, seconds = _drained(counts, "update", place.scratch / "checkpoint")
    return Sample(rows / seconds, _kept(query), {"batches": len(query.recentProgress)})


def drop_duplicates(entry: Entry, place: Place) -> Sample:
    """Remember every key until the watermark passes, where all keys differ."""
    rows = place.scale.events
    in_time = _rows(entry, keyed_files(rows, 4, keys=None)).withWatermark("seen_at", "1 hour")
    query, seconds = _drained(
        in_time.dropDuplicatesWithinWatermark(["key"]), "append", place.scratch / "checkpoint"
    )
    return Sample(rows / seconds, _kept(query), {"batches": len(query.recentProgress)})


def small_batch_on_much_state(entry: Entry, place: Place) -> Sample:
    """How fast a batch of 10,000 rows is on 10M kept keys, next to the same on 10,000."""
    many, few = place.scale.events * 5, _SMALL_BATCH
    on_many, on_few = _batch_on(entry, place, many), _batch_on(entry, place, few)
    return Sample(on_few / on_many, None, {"ms on many": on_many, "ms on few": on_few})


def _batch_on(entry: Entry, place: Place, kept: int) -> float:
    """The median milliseconds of a batch of 10,000 rows over `kept` keys."""
    # Three runs of like size are not merged yet: no such work stands beside the batches that are measured.
    filling = keyed_files(kept, 3, keys=None)
    batches = keyed_files(_MEASURED_BATCHES * _SMALL_BATCH, _MEASURED_BATCHES, keys=kept)
    source = place.scratch / f"rows-{kept}"
    source.mkdir()
    for number, path in enumerate([*sorted(filling.iterdir()), *sorted(batches.iterdir())]):
        (source / f"{number:05d}.parquet").symlink_to(path)
    counts = _rows(entry, source).groupBy("key").count()
    query, _ = _drained(counts, "update", place.scratch / f"checkpoint-{kept}")
    taken = [p["durationMs"]["triggerExecution"] for p in query.recentProgress]
    return float(statistics.median(taken[-(_MEASURED_BATCHES - 3) :]))


def count_in_python(entry: Entry, place: Place) -> Sample:
    """A Python function that keeps a count for each of 100k keys, most of which come in each batch."""
    rows, keys = place.scale.events // 10, place.scale.events // 20
    grouped = _rows(entry, keyed_files(rows, 2, keys=keys)).groupBy("key")
    counts = grouped.applyInPandasWithState(
        _counting(), "key BIGINT, n BIGINT", "n BIGINT", "update", "NoTimeout"
    )
    query, seconds = _drained(counts, "update", place.scratch / "checkpoint")
    return Sample(rows / seconds, _kept(query), {"batches": len(query.recentProgress)})


def _counting() -> Any:
    """A function that workers get by value: they need not know this module."""

    def count(key: Any, frames: Any, state: Any) -> Any:
        import pandas as pd

        total = sum(len(frame) for frame in frames) + (state.get[0] if state.exists else 0)
        state.update((total,))
        yield pd.DataFrame({"key": [key[0]], "n": [total]})

    return count


def _rows(entry: Entry, folder: Path) -> Any:
    reader = entry.session.readStream.schema(SCHEMA).option("maxFilesPerTrigger", 1)
    return reader.parquet(str(folder))


def _drained(frame: Any, mode: str, checkpoint: Path) -> tuple[Any, float]:
    """Run the query over all that is there; return it with its seconds from start() to its end."""
    writer = frame.writeStream.format("noop").outputMode(mode)
    writer = writer.option("checkpointLocation", str(checkpoint)).trigger(availableNow=True)
    began = time.perf_counter()
    query = writer.start()
    query.awaitTermination()
    return query, time.perf_counter() - began


def _kept(query: Any) -> dict[str, int]:
    (operator,) = query.recentProgress[-1]["stateOperators"]
    return {"keys": operator["numRowsTotal"]}


WORKLOADS = (
    Workload(
        "running-count",
        "running count, 100k keys, update mode, 20 batches",
        "rows/s",
        "session",
        running_count_20,
        reach=6,
    ),
    Workload(
        "running-count-4",
        "running count, 100k keys, update mode, 4 batches",
        "rows/s",
        "session",
        running_count_4,
        reach=5,
    ),
    Workload(
        "drop-duplicates",
        "dropDuplicatesWithinWatermark, distinct keys, 4 batches",
        "rows/s",
        "session",
        drop_duplicates,
        reach=5,
    ),
    Workload(
        "count-in-python",
        "applyInPandasWithState: a count for each of 100k keys, 2 batches",
        "rows/s",
        "session",
        count_in_python,
        reach=3,
    ),
    Workload(
        "small-batch-on-much-state",
        "batch of 10,000 rows on 10M keys, next to the same on 10,000",
        "x",
        "session",
        small_batch_on_much_state,
        reach_value=0.67,
        engines=("streamcore",),
        max_repetitions=1,
    ),
)
