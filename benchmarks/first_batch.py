"""A whole program with one query, for `benchmarks.startup`: arguments are engine, events, scratch folder."""

from __future__ import annotations

import sys

from benchmarks.entry import Entry
from benchmarks.events import SCHEMA


def main() -> None:
    """Filter one file of events into Parquet in one micro-batch."""
    engine, events, scratch = sys.argv[1:]
    entry = Entry(engine)
    frame = entry.session.readStream.schema(SCHEMA).json(events)
    views = frame.where("event_type = 'view'").select("ad_id", "event_time")
    writer = views.writeStream.format("parquet").option("path", f"{scratch}/out")
    writer = writer.option("checkpointLocation", f"{scratch}/checkpoint").trigger(availableNow=True)
    writer.start().awaitTermination()
    entry.stop()


if __name__ == "__main__":
    main()
