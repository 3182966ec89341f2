"""Records of an Amazon Kinesis stream into Parquet files, each exactly once.

usage: python kinesis_to_parquet.py STREAM OUTPUT CHECKPOINT [--region REGION] [--endpoint URL] [--once]

Credentials are found as every program of AWS finds them: in the environment, in ~/.aws, or from the machine.
"""

from __future__ import annotations

import argparse

from streamcore import Session
from streamcore.sql import functions as F


def main() -> None:
    """Run until interrupted; with --once until everything there is now is written."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("stream")
    parser.add_argument("output")
    parser.add_argument("checkpoint")
    parser.add_argument("--region")
    parser.add_argument("--endpoint")
    parser.add_argument("--once", action="store_true")
    given = parser.parse_args()

    session = Session.builder.appName("kinesis-to-parquet").getOrCreate()
    reader = (
        session.readStream.format("aws-kinesis")
        .option("kinesis.streamName", given.stream)
        .option("kinesis.startingPosition", "TRIM_HORIZON")
    )
    if given.region:
        reader = reader.option("kinesis.region", given.region)
    if given.endpoint:
        reader = reader.option("kinesis.endpointUrl", given.endpoint)
    events = reader.load().select(
        F.col("partitionKey").alias("key"),
        F.col("data").cast("string").alias("event"),
        F.col("approximateArrivalTimestamp").alias("arrived"),
    )
    writer = events.writeStream.format("parquet").option("checkpointLocation", given.checkpoint)
    writer = writer.trigger(availableNow=True) if given.once else writer.trigger(processingTime="5 seconds")
    query = writer.start(given.output)
    query.awaitTermination()
    rows = session.read.parquet(given.output)
    rows.groupBy("key").count().orderBy("key").show()


if __name__ == "__main__":
    main()
