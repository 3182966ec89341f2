"""Append orders from JSON files to an Iceberg table, and keep the newest state of each in another."""

from __future__ import annotations

import argparse

from streamcore import Session
from streamcore.sql import functions as F
from streamcore.sql.streaming.writer import DataStreamWriter

SCHEMA = "order_id STRING, status STRING, amount DOUBLE, at TIMESTAMP"


def main() -> None:
    """Take what is there, then end; run again, it goes on with what has come since."""
    asked = _arguments()
    session = Session.builder.appName("orders to Iceberg").getOrCreate()
    session.conf.set("spark.sql.catalog.lake", "org.apache.iceberg.spark.SparkCatalog")
    session.conf.set("spark.sql.catalog.lake.type", "jdbc")
    session.conf.set("spark.sql.catalog.lake.uri", asked.catalog)
    session.conf.set("spark.sql.catalog.lake.warehouse", asked.warehouse)

    orders = session.readStream.schema(SCHEMA).json(asked.source)
    history = orders.withColumn("day", F.to_date("at")).writeStream.partitionBy("day")
    _run(history.option("checkpointLocation", f"{asked.checkpoint}/history"), "lake.shop.order_history")

    # The table of the history is a stream itself: of each order the last row of a batch stays.
    changes = session.readStream.table("lake.shop.order_history").drop("day")
    state = changes.writeStream.outputMode("update").option("keyColumns", "order_id")
    _run(state.option("checkpointLocation", f"{asked.checkpoint}/state"), "lake.shop.orders")

    session.table("lake.shop.orders").groupBy("status").count().orderBy("status").show()
    session.stop()


def _run(writer: DataStreamWriter, table: str) -> None:
    query = writer.trigger(availableNow=True).toTable(table)
    query.awaitTermination()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", help="folder with JSON files, one order per line")
    parser.add_argument("checkpoint", help="folder for the checkpoints")
    where = "where the catalog is, for SQLAlchemy or JDBC"
    parser.add_argument("--catalog", default="jdbc:sqlite:catalog.db", help=where)
    parser.add_argument("--warehouse", default="warehouse", help="where the tables are")
    return parser.parse_args()


if __name__ == "__main__":
    main()
