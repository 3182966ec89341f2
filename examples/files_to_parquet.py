"""Watch a folder of JSON events and write the views to Parquet, partitioned by day, exactly once."""

from __future__ import annotations

import argparse

from streamcore import Session
from streamcore.sql import functions as F

SCHEMA = "ad_id STRING, event_type STRING, event_time BIGINT"


def main() -> None:
    """Run until Ctrl-C, or with --once until everything that is there has been taken."""
    asked = _arguments()
    session = Session.builder.appName("files to parquet").getOrCreate()
    events = session.readStream.schema(SCHEMA).option("maxFilesPerTrigger", 10).json(asked.source)
    seen_at = F.timestamp_millis("event_time")
    views = events.where("event_type = 'view'").select(
        "ad_id", seen_at.alias("seen_at"), F.to_date(seen_at).alias("day")
    )
    writer = (
        views.writeStream.format("parquet")
        .option("path", asked.target)
        .option("checkpointLocation", asked.checkpoint)
        .partitionBy("day")
    )
    timed = writer.trigger(availableNow=True) if asked.once else writer.trigger(processingTime="5 seconds")
    query = timed.start()
    try:
        query.awaitTermination()
    except KeyboardInterrupt:
        query.stop()
    session.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", help="folder with JSON files, one object per line")
    parser.add_argument("target", help="folder for the Parquet files")
    parser.add_argument("checkpoint", help="folder for the checkpoint")
    parser.add_argument("--once", action="store_true", help="take what is there, then end")
    return parser.parse_args()


if __name__ == "__main__":
    main()
