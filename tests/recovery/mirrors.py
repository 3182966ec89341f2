"""A table, a copy of it that a query keeps up, and writers who change the table meanwhile."""

from __future__ import annotations

import itertools
import random
import threading
import time
from pathlib import Path
from typing import Any

import psycopg

from streamcore.streaming import stream_sink  # noqa: F401 - what the drivers import is imported once
from tests.recovery.job import Job
from tests.services.postgres_databases import Database

KEYS_OF_A_WRITER = 1_000
Rows = dict[int, tuple[int, str]]


class Mirror:
    """Table `original` with its copy, in one database; every `job` call gives a new copy."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self._folder = folder
        self._numbers = itertools.count()
        database.query("CREATE TABLE original (id int PRIMARY KEY, n bigint, body text)")
        # Long values are stored apart, and not sent again when they are not changed.
        database.query("ALTER TABLE original ALTER body SET STORAGE EXTERNAL")

    def job(self, **options: str) -> Job:
        """A query that keeps a new copy up."""
        number = next(self._numbers)
        slot = f"mirror_{self.database.url.rpartition('_')[2]}_{number}"
        source = {"url": self.database.url, "dbtable": "original", "slotName": slot}
        sink = {"url": self.database.url, "dbtable": f"copy_{number}", "keyColumns": "id", "opColumn": "_op"}
        return Job(
            source=("postgres-changes", source | options),
            sink=("database", sink),
            checkpoint=str(self._folder / f"checkpoint-{number}"),
            variant="mirrored",
            conf={"spark.sql.streaming.minBatchesToRetain": "2", "spark.sql.shuffle.partitions": "1"},
        )

    def original(self) -> list[Any]:
        """The rows of the table."""
        return self.database.query("SELECT id, n, body FROM original ORDER BY id")

    def copy(self, job: Job) -> list[Any]:
        """The rows of the copy; none while it is not there."""
        try:
            return self.database.query(f"SELECT id, n, body FROM {job.sink[1]['dbtable']} ORDER BY id")
        except psycopg.errors.UndefinedTable:
            return []

    def free(self, job: Job) -> None:
        """Drops the slot of a query that is over: a server has few."""
        slot = job.source[1]["slotName"]
        for _ in range(100):
            try:
                self.database.query(
                    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots "
                    "WHERE slot_name = %s",
                    [slot],
                )
            except psycopg.errors.ObjectInUse:
                time.sleep(0.05)
            else:
                return


class Writer(threading.Thread):
    """Makes random transactions over keys of its own; the row with its first key counts those that committed.

    `states` are its rows after each.
    """

    def __init__(self, database: Database, number: int, seed: int) -> None:
        super().__init__(daemon=True)
        self._url = database.url.replace("postgresql+psycopg", "postgresql")
        self._first = number * KEYS_OF_A_WRITER
        self._dice = random.Random(seed + number)
        self._over = threading.Event()
        self.states: list[Rows] = [{}]

    def run(self) -> None:
        with psycopg.connect(self._url) as connection:
            while not self._over.wait(self._dice.uniform(0, 0.01)):
                self.transaction(connection)

    def end(self) -> None:
        self._over.set()
        self.join()

    def transaction(self, connection: psycopg.Connection[Any]) -> None:
        """One transaction, which may be rolled back."""
        rows = dict(self.states[-1])
        for _ in range(self._dice.randint(1, 5)):
            self._change(connection, rows)
        count = (len(self.states), "")
        connection.execute(
            "INSERT INTO original VALUES (%s, %s, '') ON CONFLICT (id) DO UPDATE SET n = EXCLUDED.n",
            [self._first, count[0]],
        )
        rows[self._first] = count
        if self._dice.random() < 0.2:
            connection.rollback()
        else:
            # Who sees the copy may see it before the commit has returned here.
            self.states.append(rows)
            connection.commit()

    def _change(self, connection: psycopg.Connection[Any], rows: Rows) -> None:
        key = self._first + self._dice.randint(1, 12)
        n, body = self._dice.randint(0, 10**9), self._dice.choice(["", "short", "x" * 3000])
        there = [one for one in rows if one != self._first]
        if key not in rows:
            connection.execute("INSERT INTO original VALUES (%s, %s, %s)", [key, n, body])
            rows[key] = (n, body)
            return
        match self._dice.choice(["n", "n", "body", "delete", "move"]):
            case "n":
                connection.execute("UPDATE original SET n = %s WHERE id = %s", [n, key])
                rows[key] = (n, rows[key][1])
            case "body":
                connection.execute("UPDATE original SET body = %s WHERE id = %s", [body, key])
                rows[key] = (rows[key][0], body)
            case "delete":
                connection.execute("DELETE FROM original WHERE id = %s", [key])
                del rows[key]
            case "move":
                new = self._first + self._dice.randint(13, 20)
                if new not in there:
                    connection.execute(
                        "UPDATE original SET id = %s, body = %s WHERE id = %s", [new, body, key]
                    )
                    rows[new] = (rows.pop(key)[0], body)


def require_a_committed_state(found: list[Any], writers: list[Writer]) -> None:
    """Fails unless the rows are those after some number of each writer's transactions."""
    for number, writer in enumerate(writers):
        mine = {id_: (n, body) for id_, n, body in found if id_ // KEYS_OF_A_WRITER == number}
        count = mine.get(number * KEYS_OF_A_WRITER, (0, ""))[0]
        assert mine == writer.states[count], f"writer {number} never had these rows ({count} transactions)"
