"""What a micro-batch costs more when its checkpoint is on an object store: a real server on loopback."""

from __future__ import annotations

import atexit
import statistics
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.entry import Entry
from benchmarks.workload import Place, Sample, Workload

if TYPE_CHECKING:
    from tests.services.object_stores import VersityGateway

_WARM_UP = 10
_ROUNDS = 3


def cost_of_a_batch(entry: Entry, place: Place) -> Sample:  # noqa: ARG001 - there is one engine here
    """Take the milliseconds that a batch with state takes longer than with the checkpoint on a disk."""
    from streamcore import Session

    server = _server()
    builder = Session.builder.master("local[2]").config("spark.sql.shuffle.partitions", "2")
    for key, value in server.settings.items():
        builder = builder.config(f"spark.hadoop.{key}", value)
    batches = place.scale.small_batches
    found: dict[str, list[float]] = {"disk": [], "store": []}
    with builder.getOrCreate() as session:
        for number in range(_ROUNDS):
            disk = str(Path(place.scratch) / f"checkpoint-{number}")
            found["disk"].append(_milliseconds(session, disk, batches))
            found["store"].append(_milliseconds(session, server.new_folder(), batches))
    disk_ms, store_ms = (statistics.median(found[name]) for name in ("disk", "store"))
    detail = {"disk ms a batch": disk_ms, "store ms a batch": store_ms}
    return Sample(store_ms - disk_ms, batches, detail)


def _milliseconds(session: Any, checkpoint: str, batches: int) -> float:
    rows = session.readStream.format("rate-micro-batch").option("rowsPerBatch", 10).load()
    counted = rows.groupBy((rows["value"] % 3).alias("k")).count()
    writer = counted.writeStream.format("memory").queryName(f"batches_{time.monotonic_ns()}")
    query = writer.outputMode("complete").option("checkpointLocation", checkpoint).start()
    try:
        while (last := query.lastProgress) is None or last["batchId"] < _WARM_UP + batches:
            if query.exception() is not None:
                raise RuntimeError(str(query.exception()))
            time.sleep(0.01)
        taken = [p["durationMs"]["triggerExecution"] for p in query.recentProgress[_WARM_UP:]]
    finally:
        query.stop()
    # Other programs' syncs hold single batches up, on the disk more than on the store.
    return float(statistics.median(taken))


@cache
def _server() -> VersityGateway:
    from tests.services.object_stores import VersityGateway

    server = VersityGateway()
    atexit.register(server.close)
    server.start()
    return server


WORKLOADS = (
    Workload(
        "checkpoint-on-s3",
        "A batch with state: more time with its checkpoint on S3 (versitygw, loopback) than on a disk",
        "ms",
        "process",
        cost_of_a_batch,
        reach_value=10,
        engines=("streamcore",),
    ),
)
