"""Keep a copy of a PostgreSQL table up to date by its changes, exactly once, deletions included."""

from __future__ import annotations

import argparse

from streamcore import Session


def main() -> None:
    """Run until Ctrl-C."""
    asked = _arguments()
    session = Session.builder.appName("mirror table").getOrCreate()
    changes = (
        session.readStream.format("postgres-changes")
        .option("url", asked.url)
        .option("dbtable", asked.table)
        .option("slotName", asked.slot)
        .load()
    )
    writer = (
        changes.drop("_xid", "_commit_timestamp")
        .writeStream.format("database")
        .option("url", asked.copy_url)
        .option("dbtable", asked.copy)
        .option("keyColumns", asked.keys)
        .option("opColumn", "_op")
        .option("checkpointLocation", asked.checkpoint)
    )
    query = writer.trigger(availableNow=True).start() if asked.once else writer.start()
    try:
        query.awaitTermination()
    except KeyboardInterrupt:
        query.stop()
    session.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "url",
        help="such as postgresql://etl@localhost/shop (wal_level=logical); password from PGPASSWORD",
    )
    parser.add_argument("table", help="the table to follow: table or schema.table")
    parser.add_argument("copy_url", help="where the copy is, such as sqlite:///copy.db")
    parser.add_argument("copy", help="the copy, made when it is missing")
    parser.add_argument("checkpoint", help="folder for the checkpoint")
    parser.add_argument("--keys", default="id", help="the primary key's columns, by comma")
    parser.add_argument("--slot", default="streamcore_mirror", help="the replication slot of this copy")
    parser.add_argument("--once", action="store_true", help="end when all is copied that is there now")
    return parser.parse_args()


if __name__ == "__main__":
    main()
