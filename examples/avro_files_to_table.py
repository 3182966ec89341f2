"""Read Avro messages from files of bytes, each written by an older or the newer schema, into Parquet.

Without a schema registry: the messages of a folder have one writer's schema, and are read into a newer one.
"""

from __future__ import annotations

import argparse

from streamcore import Session
from streamcore.sql import functions as F
from streamcore.sql.avro.functions import from_avro, to_avro

WRITTEN = """{"type": "record", "name": "Sale", "fields": [
    {"name": "id", "type": "int"}, {"name": "price", "type": ["null", "double"]}]}"""
WANTED = """{"type": "record", "name": "Sale", "fields": [
    {"name": "id", "type": "long"},
    {"name": "price", "type": ["null", "double"]},
    {"name": "shop", "type": "string", "default": "main street"}]}"""


def main() -> None:
    """Write some messages if the folder is new, then stream what is there."""
    asked = _arguments()
    session = Session.builder.master("local[2]").appName("avro files to table").getOrCreate()
    sales = session.range(5).select(
        F.struct(F.col("id").cast("int").alias("id"), (F.col("id") * 1.5).alias("price")).alias("sale")
    )
    sales.select(to_avro("sale", WRITTEN).alias("value")).write.mode("ignore").parquet(asked.messages)
    messages = session.readStream.schema("value binary").parquet(asked.messages)
    read = messages.select(from_avro("value", WRITTEN, {"avroSchema": WANTED}).alias("sale")).select("sale.*")
    query = (
        read.writeStream.format("parquet")
        .option("path", asked.output)
        .option("checkpointLocation", asked.checkpoint)
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()
    session.read.parquet(asked.output).orderBy("id").show()
    session.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("messages", help="folder with a column `value` of messages; made when it is missing")
    parser.add_argument("output", help="folder for the rows")
    parser.add_argument("checkpoint", help="folder for the checkpoint")
    return parser.parse_args()


if __name__ == "__main__":
    main()
