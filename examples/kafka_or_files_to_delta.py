"""Count ad events by the minute in a Delta table, from Kafka or a folder of JSON files, exactly once."""

from __future__ import annotations

import argparse

from streamcore import Session
from streamcore.sql import DataFrame
from streamcore.sql import functions as F

SCHEMA = "ad_id STRING, event_type STRING, event_time BIGINT"


def main() -> None:
    """Run until Ctrl-C, or with --once until everything that is there has been taken."""
    asked = _arguments()
    session = Session.builder.appName("events to delta").getOrCreate()
    seen_at = F.timestamp_millis("event_time")
    events = _events(session, asked).select("ad_id", "event_type", seen_at.alias("seen_at"))
    minute = F.window("seen_at", "1 minute").start
    counts = events.groupBy(minute.alias("minute"), "event_type").count()
    writer = (
        counts.writeStream.format("delta")
        .outputMode("update")
        .option("keyColumns", "minute,event_type")
        .option("checkpointLocation", asked.checkpoint)
    )
    timed = writer.trigger(availableNow=True) if asked.once else writer.trigger(processingTime="5 seconds")
    query = timed.start(asked.target)
    try:
        query.awaitTermination()
    except KeyboardInterrupt:
        query.stop()
    session.read.format("delta").load(asked.target).orderBy("minute", "event_type").show()
    session.stop()


def _events(session: Session, asked: argparse.Namespace) -> DataFrame:
    if asked.brokers is None:
        return session.readStream.schema(SCHEMA).json(asked.source)
    records = session.readStream.format("kafka").option("kafka.bootstrap.servers", asked.brokers)
    records = records.option("startingOffsets", "earliest").option("subscribe", asked.source)
    parsed = F.from_json(F.col("value").cast("string"), SCHEMA)
    return records.load().select(parsed.alias("event")).select("event.*")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", help="folder with JSON files, one object per line; with --brokers a topic")
    parser.add_argument("target", help="folder of the Delta table")
    parser.add_argument("checkpoint", help="folder for the checkpoint")
    parser.add_argument("--brokers", help="host:port of Kafka; without it the source is a folder")
    parser.add_argument("--once", action="store_true", help="take what is there, then end")
    return parser.parse_args()


if __name__ == "__main__":
    main()
