"""Counts events per ten seconds from JSON files, as a stream and as a batch."""

import json
import os
import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StringType, StructField, StructType, TimestampType

folder = sys.argv[1]
spark = (
    SparkSession.builder.appName("events")
    .config("spark.sql.shuffle.partitions", 2)
    .config("spark.sql.session.timeZone", "UTC")
    .getOrCreate()
)
schema = StructType(
    [
        StructField("at", TimestampType()),
        StructField("kind", StringType()),
        StructField("amount", LongType()),
    ]
)
source = os.path.join(folder, "events")
os.makedirs(source)
for number in range(3):
    with open(os.path.join(source, f"{number}.json"), "w") as file:
        for second in range(10):
            event = {
                "at": f"2024-05-01T12:00:{number * 10 + second:02d}Z",
                "kind": "view" if second % 3 else "click",
                "amount": second,
            }
            file.write(json.dumps(event) + "\n")


def per_window(events):
    return (
        events.filter(F.col("kind") == "view")
        .groupBy(F.window("at", "10 seconds"))
        .agg(F.count("*").alias("views"), F.sum("amount").alias("amount"))
    )


stream = spark.readStream.schema(schema).option("maxFilesPerTrigger", 1).json(source)
query = (
    per_window(stream.withWatermark("at", "0 seconds"))
    .writeStream.outputMode("complete")
    .format("memory")
    .queryName("windows")
    .trigger(availableNow=True)
    .start()
)
query.awaitTermination()
rows = spark.table("windows").select("window.start", "views", "amount").orderBy("start").collect()
for row in rows:
    print(row.start.strftime("%H:%M:%S"), row.views, row["amount"])
batch = per_window(spark.read.schema(schema).json(source))
print("as batch", sorted((row.views, row.amount) for row in batch.collect()))
print(query.lastProgress["numInputRows"] is not None, query.exception())
spark.stop()
