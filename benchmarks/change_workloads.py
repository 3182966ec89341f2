"""Changes of a PostgreSQL table: read into Arrow, and applied to a copy; on a server of their own."""

from __future__ import annotations

import atexit
import itertools
import time
from functools import cache
from typing import TYPE_CHECKING

from benchmarks.entry import Entry
from benchmarks.workload import FULL, Place, Sample, Workload

if TYPE_CHECKING:
    from tests.services.postgres_databases import Database

_CHANGES = 1_000_000
_TRANSACTION = 10_000
_NUMBERS = itertools.count()


def to_arrow(entry: Entry, place: Place) -> Sample:  # noqa: ARG001 - there is one engine here
    """Take the changes per second that are peeked and decoded to Arrow."""
    from streamcore.sources.postgres_changes.source import PostgresChangesDataSource
    from streamcore.spi.limits import ReadAllAvailable

    database, table = _server(), f"things_{next(_NUMBERS)}"
    told = {"url": database.url, "dbtable": table, "slotName": table, "startingPosition": "latest"}
    _make(database, table)
    source = PostgresChangesDataSource(told)
    reader = source.streamReader(source.schema())
    start = reader.initialOffset()
    changes = _change(database, table, place)
    started = time.perf_counter()
    end = reader.latestOffset(start, ReadAllAvailable())
    parts = reader.partitions(start, end)
    rows = sum(len(batch) for part in parts for batch in reader.read(part))
    seconds = time.perf_counter() - started
    reader.commit(end)
    committed = time.perf_counter() - started - seconds
    reader.stop()
    database.query("SELECT pg_drop_replication_slot(%s)", [table])
    if rows != changes:
        raise AssertionError(f"{changes} changes were made and {rows} read")
    return Sample(rows / seconds, rows, {"commit s": committed})


def mirrored(entry: Entry, place: Place) -> Sample:  # noqa: ARG001
    """Take the changes per second from one table to its copy, through a query with its checkpoint."""
    from streamcore import Session

    database, table = _server(), f"things_{next(_NUMBERS)}"
    _make(database, table)
    session = Session.builder.master("local[2]").getOrCreate()
    changes = (
        session.readStream.format("postgres-changes")
        .options(url=database.url, dbtable=table, slotName=table, maxChangesPerTrigger="100000")
        .load()
        .drop("_xid", "_commit_timestamp")
    )
    writer = (
        changes.writeStream.format("database")
        .options(url=database.url, dbtable=f"{table}_copy", keyColumns="id", opColumn="_op")
        .option("checkpointLocation", str(place.scratch / "checkpoint"))
        .trigger(availableNow=True)
    )
    writer.start().awaitTermination()
    count = _change(database, table, place)
    started = time.perf_counter()
    writer.start().awaitTermination()
    seconds = time.perf_counter() - started
    database.query("SELECT pg_drop_replication_slot(%s)", [table])
    different = database.query(f"SELECT count(*) FROM (TABLE {table} EXCEPT TABLE {table}_copy) AS d")
    if different[0][0]:
        raise AssertionError(f"{different[0][0]} rows of the copy are wrong")
    return Sample(count / seconds, count)


def _make(database: Database, table: str) -> None:
    database.query(
        f"CREATE TABLE {table} (id bigint PRIMARY KEY, name text, amount numeric(12, 2), at timestamptz, "
        "flag boolean)"
    )


def _change(database: Database, table: str, place: Place) -> int:
    """Insert, update and delete in transactions of 10,000; return how many changes that were."""
    rows = _CHANGES * place.scale.events // FULL.events // 2
    for first in range(0, rows, _TRANSACTION):
        span = [first, min(first + _TRANSACTION, rows) - 1]
        database.query(
            f"INSERT INTO {table} SELECT n, 'name ' || n, n * 0.01, now(), mod(n, 2) = 0 "
            "FROM generate_series(%s::bigint, %s::bigint) AS n",
            span,
        )
        database.query(f"UPDATE {table} SET amount = amount + 1 WHERE id BETWEEN %s AND %s", span)
    return rows * 2


@cache
def _server() -> Database:
    """Return a database on a server that ends with this process."""
    from tests.services.postgres_server import PostgresServer

    server = PostgresServer()
    atexit.register(server.close)
    server.start()
    return server.new_database()


WORKLOADS = (
    Workload(
        "postgres-changes",
        "Changes of a PostgreSQL table to Arrow: peek and decode, 5 columns, half updates",
        "rows/s",
        "process",
        to_arrow,
        reach_value=218e3,
        engines=("streamcore",),
    ),
    Workload(
        "mirrored-table",
        "Changes of a PostgreSQL table applied to its copy, exactly once, batches of 100,000",
        "rows/s",
        "process",
        mirrored,
        engines=("streamcore",),
    ),
)
