"""The ledger: one row per sink that says which batch of which query is the newest in it.

The row changes in the transaction that brings a batch's rows, by compare-and-set on the run and the batch
before; a run that has been superseded, or has missed a batch, changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from streamcore.errors import CheckpointFenced, CheckpointMismatch
from streamcore.spi.exactly_once import CommitRecord

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from streamcore.sinks.database.settings import DatabaseSettings
    from streamcore.spi.exactly_once import QueryIdentity

NOTHING = -1
_BODY = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")


class Ledger:
    """The row of one sink; every method runs in the transaction of the connection it is given."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self._settings = settings
        self.table = sa.Table(
            settings.ledger.name,
            sa.MetaData(),
            sa.Column("sink", sa.String(255), primary_key=True),
            sa.Column("query_id", sa.String(64), nullable=False),
            sa.Column("run_id", sa.String(64), nullable=False),
            sa.Column("batch_id", sa.BigInteger, nullable=False),
            sa.Column("body", _BODY, nullable=False),
            schema=settings.ledger.schema,
        )
        self._mine = self.table.c.sink == settings.sink_name

    def claim(self, connection: Connection, query: QueryIdentity) -> None:
        """Takes the sink for this run: runs before it can commit nothing any more.

        Raises CheckpointMismatch when the sink is another query's.
        """
        self.table.create(connection, checkfirst=True)
        taken = sa.update(self.table).where(self._mine, self.table.c.query_id == query.query_id)
        if connection.execute(taken.values(run_id=query.run_id)).rowcount:
            return
        owner = connection.execute(sa.select(self.table.c.query_id).where(self._mine)).scalar()
        if owner is not None:
            raise self._other_owner(owner, query.query_id)
        row = {"sink": self._settings.sink_name, "query_id": query.query_id, "run_id": query.run_id}
        connection.execute(sa.insert(self.table).values(**row, batch_id=NOTHING, body=""))

    def last(self, connection: Connection) -> CommitRecord | None:
        """The record of the newest batch."""
        columns = (self.table.c.query_id, self.table.c.batch_id, self.table.c.body)
        row = connection.execute(sa.select(*columns).where(self._mine)).first()
        return None if row is None or row.batch_id == NOTHING else CommitRecord(*row)

    def advance(self, connection: Connection, run_id: str, before: int, record: CommitRecord) -> None:
        """Locks the row and moves it from batch `before` to the record, or raises CheckpointFenced."""
        c = self.table.c
        expected = (self._mine, c.query_id == record.query_id, c.run_id == run_id, c.batch_id == before)
        moved = sa.update(self.table).where(*expected).values(batch_id=record.batch_id, body=record.body)
        if connection.execute(moved).rowcount != 1:
            raise self.fenced(record)

    def set_back(self, connection: Connection, record: CommitRecord | None) -> None:
        """Makes `record` the newest again (None: nothing is committed), or raises CheckpointMismatch."""
        target = record.batch_id if record else NOTHING
        back = sa.update(self.table).where(self._mine, self.table.c.batch_id >= target)
        if connection.execute(back.values(batch_id=target, body=record.body if record else "")).rowcount != 1:
            raise CheckpointMismatch(
                f"{self._settings.place} does not hold batch {target} yet, so it cannot be rewound to it; "
                "rewind to a batch that it holds"
            )

    def fenced(self, record: CommitRecord) -> CheckpointFenced:
        """The error for a run that is too late."""
        return CheckpointFenced(
            f"batch {record.batch_id} was not committed to {self._settings.place}: another run of this query "
            "has taken over, and goes on; this one has stopped"
        )

    def _other_owner(self, owner: str, query_id: str) -> CheckpointMismatch:
        settings = self._settings
        return CheckpointMismatch(
            f"{settings.place} holds the output of the streaming query {owner}, not of this one "
            f"({query_id}): its checkpoint is another one or was made anew. Start with the checkpoint of "
            "that query, or write to another table; to let several queries write to this one give each "
            f"its own option sinkName; or remove the row sink = {settings.sink_name!r} from "
            f"{settings.ledger} if what it stands for is no longer wanted"
        )
