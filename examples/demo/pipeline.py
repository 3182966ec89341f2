"""The pipeline: everything that streamcore is asked to do in this demo.

With the two entry points changed (`pyspark.sql.SparkSession` for `streamcore.Session`) the same text
runs on PySpark, but for the database sink, which PySpark does not have.
"""

from __future__ import annotations

from pathlib import Path

from streamcore import Session
from streamcore.sql import DataFrame
from streamcore.sql import functions as F
from streamcore.sql.streaming import StreamingQuery

EVENT = (
    "user_id STRING, page_id STRING, ad_id STRING, ad_type STRING, "
    "event_type STRING, event_time BIGINT, ip_address STRING"
)
WINDOW = "10 seconds"
MAY_BE_LATE = "10 seconds"
TABLE = "views_per_campaign"


def views_per_campaign(session: Session, bootstrap: str, topic: str, campaigns: DataFrame) -> DataFrame:
    """Read ad events from Kafka and count the views of each campaign in 10-second event-time windows.

    `campaigns` is a static DataFrame with the columns ad_id and campaign.
    """
    records = (
        session.readStream.format("kafka")
        .option("kafka.bootstrap.servers", bootstrap)
        .option("subscribe", topic)
        .option("startingOffsets", "earliest")
        .option("kafka.fetch.wait.max.ms", 20)  # the embedded broker lets a fetch wait all of this time
        .load()
    )
    events = records.select(F.from_json(F.col("value").cast("string"), EVENT).alias("event")).select(
        "event.*"
    )
    views = events.where("event_type = 'view'").withColumn("seen_at", F.timestamp_millis("event_time"))
    return (
        views.withWatermark("seen_at", MAY_BE_LATE)
        .join(campaigns, "ad_id")
        .groupBy(F.window("seen_at", WINDOW), "campaign")
        .agg(F.count("*").alias("views"))
        .select(
            F.col("window.start").alias("window_start"),
            F.col("window.end").alias("window_end"),
            "campaign",
            "views",
        )
    )


def to_parquet(counts: DataFrame, folder: Path) -> StreamingQuery:
    """Append each window once, when the watermark has passed its end; exactly once."""
    return (
        counts.writeStream.queryName("closed windows to Parquet")
        .format("parquet")
        .option("path", str(folder / "parquet"))
        .option("checkpointLocation", str(folder / "checkpoints" / "parquet"))
        .outputMode("append")
        .trigger(processingTime="500 milliseconds")
        .start()
    )


def to_database(counts: DataFrame, folder: Path, url: str) -> StreamingQuery:
    """Keep the table at the newest count of every window, open ones too; exactly once."""
    return (
        counts.writeStream.queryName("live counts to the database")
        .format("database")
        .option("url", url)
        .option("dbtable", TABLE)
        .option("keyColumns", "window_start,campaign")
        .option("checkpointLocation", str(folder / "checkpoints" / "database"))
        .outputMode("update")
        .trigger(processingTime="500 milliseconds")
        .start()
    )
