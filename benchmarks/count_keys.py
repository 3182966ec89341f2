"""A whole program that counts rows per key for ever, for `benchmarks.state_processes`.

Arguments are the engine, the folder of rows, the checkpoint, and a limit of memory ("-" for none). The last
line is JSON: the seconds of the query, and by how many megabytes the process grew while it ran.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from benchmarks.entry import Entry
from benchmarks.keyed_rows import SCHEMA


def main() -> None:
    """Count all rows that are there, in one batch per file."""
    engine, folder, checkpoint, limit = sys.argv[1:]
    entry = Entry(engine, {} if limit == "-" else {"spark.streamcore.memory.limit": limit})
    session = entry.session
    session.range(10).selectExpr("sum(id)").collect()
    before = _resident_mb()
    rows = session.readStream.schema(SCHEMA).option("maxFilesPerTrigger", 1).parquet(folder)
    writer = rows.groupBy("key").count().writeStream.format("noop").outputMode("update")
    writer = writer.option("checkpointLocation", checkpoint).trigger(availableNow=True)
    began = time.perf_counter()
    query = writer.start()
    query.awaitTermination()
    seconds = time.perf_counter() - began
    after = _resident_mb()
    grown = {name: round(after[name] - before[name]) for name in after}
    print(json.dumps({"seconds": seconds, **grown}))
    entry.stop()


def _resident_mb() -> dict[str, float]:
    """Return the memory of this process: its own, and with the files that it has mapped."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except FileNotFoundError:
        return {}
    found = dict(line.split(":", 1) for line in lines)
    names = {"own": "RssAnon", "with mapped files": "VmRSS"}
    return {name: int(found[field].split()[0]) / 1024 for name, field in names.items() if field in found}


if __name__ == "__main__":
    main()
