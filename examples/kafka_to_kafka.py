"""Write the number of views per ad and minute from one Kafka topic into another, exactly once."""

from __future__ import annotations

import argparse

from streamcore import Session
from streamcore.sql import functions as F

EVENT = "ad_id STRING, event_type STRING, event_time BIGINT"


def main() -> None:
    """Run until Ctrl-C, or with --once until all is read that is there."""
    asked = _arguments()
    session = Session.builder.appName("kafka to kafka").getOrCreate()
    records = (
        session.readStream.format("kafka")
        .option("kafka.bootstrap.servers", asked.bootstrap)
        .option("subscribe", asked.source)
        .option("startingOffsets", "earliest")
        .option("maxOffsetsPerTrigger", 200_000)
        .load()
    )
    events = records.select(F.from_json(F.col("value").cast("string"), EVENT).alias("event")).select(
        "event.*"
    )
    per_minute = (
        events.where("event_type = 'view'")
        .withColumn("seen_at", F.timestamp_millis("event_time"))
        .withWatermark("seen_at", "1 minute")
        .groupBy(F.window("seen_at", "1 minute"), "ad_id")
        .count()
        .select(F.col("window.start").alias("minute"), "ad_id", F.col("count").alias("views"))
    )
    writer = (
        per_minute.select(
            F.col("ad_id").alias("key"), F.to_json(F.struct("minute", "ad_id", "views")).alias("value")
        )
        .writeStream.format("kafka")
        .option("kafka.bootstrap.servers", asked.bootstrap)
        .option("topic", asked.target)
        .option("checkpointLocation", asked.checkpoint)
        .outputMode("update")
    )
    trigger = {"availableNow": True} if asked.once else {"processingTime": "1 second"}
    query = writer.trigger(**trigger).start()
    try:
        query.awaitTermination()
    except KeyboardInterrupt:
        query.stop()
    session.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bootstrap", help="Kafka's address, such as localhost:9092")
    parser.add_argument("source", help="topic of JSON events")
    parser.add_argument("target", help="topic for the counts; its readers ask for committed records")
    parser.add_argument("checkpoint", help="folder for the checkpoint")
    parser.add_argument("--once", action="store_true", help="end when all is read that is there")
    return parser.parse_args()


if __name__ == "__main__":
    main()
