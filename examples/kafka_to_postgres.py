"""Keep a PostgreSQL table at the newest count of views per ad and minute, from Kafka, exactly once."""

from __future__ import annotations

import argparse

from streamcore import Session
from streamcore.sql import functions as F

EVENT = "ad_id STRING, event_type STRING, event_time BIGINT"


def main() -> None:
    """Run until Ctrl-C."""
    asked = _arguments()
    session = Session.builder.appName("kafka to postgres").getOrCreate()
    records = (
        session.readStream.format("kafka")
        .option("kafka.bootstrap.servers", asked.bootstrap)
        .option("subscribe", asked.topic)
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
    query = (
        per_minute.writeStream.format("database")
        .option("url", asked.url)
        .option("dbtable", asked.table)
        .option("keyColumns", "minute,ad_id")
        .option("checkpointLocation", asked.checkpoint)
        .outputMode("update")
        .trigger(processingTime="1 second")
        .start()
    )
    try:
        query.awaitTermination()
    except KeyboardInterrupt:
        query.stop()
    session.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bootstrap", help="Kafka's address, such as localhost:9092")
    parser.add_argument("topic")
    parser.add_argument(
        "url", help="such as postgresql+psycopg://user@localhost/shop; the password from PGPASSWORD"
    )
    parser.add_argument("checkpoint", help="folder for the checkpoint")
    parser.add_argument("--table", default="views_per_minute", help="made when it is missing")
    return parser.parse_args()


if __name__ == "__main__":
    main()
