"""Kafka to Kafka without state, in a process of its own: ours exactly once, PySpark's at least once.

    python -m benchmarks.kafka_to_kafka ENGINE BOOTSTRAP SOURCE_TOPIC TARGET_TOPIC RECORDS FOLDER

prints the seconds of a query that has run once before, from its start to its end, and its batches.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.entry import Entry

BATCHES = 20


def copy(session: Any, bootstrap: str, source: str, target: str, per_batch: int, checkpoint: Path) -> Any:
    """Run the query over all that is there: every record with its key, as another one."""
    rows = (
        session.readStream.format("kafka")
        .option("kafka.bootstrap.servers", bootstrap)
        .option("subscribe", source)
        .option("startingOffsets", "earliest")
        .option("maxOffsetsPerTrigger", per_batch)
        .load()
    )
    query = (
        rows.select("key", "value")
        .writeStream.format("kafka")
        .option("kafka.bootstrap.servers", bootstrap)
        .option("topic", target)
        .option("checkpointLocation", str(checkpoint))
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()
    return query


def main() -> None:
    """Warm up, then measure."""
    engine, bootstrap, source, target, records, folder = sys.argv[1:]
    settings = {}
    if engine == "pyspark":
        from benchmarks.spark_jars import kafka_jars

        settings = {"spark.jars": ",".join(map(str, kafka_jars()))}
    entry = Entry(engine, settings)
    per_batch = int(records) // BATCHES
    where = (entry.session, bootstrap, source, target, per_batch)
    copy(*where, Path(folder, "warm"))
    began = time.perf_counter()
    query = copy(*where, Path(folder, "measured"))
    seconds = time.perf_counter() - began
    # A run without data may follow the last batch, or precede the first.
    batches = [progress for progress in query.recentProgress if progress["numInputRows"]]
    rows = sum(progress["numInputRows"] for progress in batches)
    print(json.dumps({"seconds": seconds, "batches": len(batches), "rows": rows, "version": entry.version}))
    entry.stop()


if __name__ == "__main__":
    main()
