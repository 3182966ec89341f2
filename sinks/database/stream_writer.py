"""The database sink's streaming writer: one transaction per micro-batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from streamcore.errors import AnalysisException, CheckpointMismatch, StreamcoreError
from streamcore.sinks.conform import nullable_schema
from streamcore.sinks.database.choice import loader_of, target_of
from streamcore.sinks.database.ledger import NOTHING, Ledger
from streamcore.sinks.database.outcome import failed, failed_in_commit
from streamcore.sinks.database.session import DatabaseSession
from streamcore.sinks.database.target import check_lengths, prepare_table, table_of
from streamcore.sinks.staging import StagedRows, stage_rows
from streamcore.spi.exactly_once import CommitRecord, ExactlyOnceStreamWriter
from streamcore.spi.steps import declare, reached
from streamcore.spi.types import to_arrow_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from sqlalchemy.engine import Connection

    from streamcore.sinks.database.loaders import Loader
    from streamcore.sinks.database.settings import DatabaseSettings
    from streamcore.spi.datasource import WriterCommitMessage
    from streamcore.spi.exactly_once import QueryIdentity
    from streamcore.spi.types import StructType

_OWNER = "sink.database"
BEGIN = declare("sink.database.begin", _OWNER)
ROWS = declare("sink.database.rows", _OWNER)
COMMIT = declare("sink.database.commit", _OWNER)


class DatabaseStreamWriter(ExactlyOnceStreamWriter):
    """Appends, upserts by key (`keyColumns`) or, in complete mode, replaces the rows of a table.

    Of several rows with one key in a micro-batch the last stays.  Rows are deleted by key only where the data
    are changes (`opColumn`); else a key that a query no longer produces keeps its last value.  A copy that
    was pickled can only `write`.
    """

    def __init__(self, settings: DatabaseSettings, schema: StructType) -> None:
        self._settings = settings
        self._arrow_schema = nullable_schema(to_arrow_schema(schema))
        self._target = target_of(settings, schema)
        self._table = table_of(settings, self._target.schema)
        self._ledger = Ledger(settings)
        self._session: DatabaseSession | None = None
        self._loader: Loader | None = None
        self._query: QueryIdentity | None = None
        self._before: int | None = None

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_session": None, "_loader": None, "_table": None, "_ledger": None}

    def open(self, query: QueryIdentity) -> None:
        """See `ExactlyOnceStreamWriter.open`; makes the ledger and the table when they are missing."""
        settings = self._settings
        if query.output_mode == "update" and not settings.key_columns:
            raise AnalysisException(
                "the database sink needs the option keyColumns in update mode: without keys it cannot "
                "tell which row an update replaces. Name the columns that identify a row (the grouping "
                "columns of an aggregation), or use append mode"
            )
        if query.output_mode == "complete" and settings.changes is not None:
            raise AnalysisException(
                "the database sink applies changes (option opColumn) in append or update mode: in complete "
                "mode every batch is the whole table, and there is nothing to delete"
            )
        self.close()
        session = DatabaseSession(settings)
        self._session = session
        # A table that is replaced as a whole needs no keys to find its rows.
        keys = () if query.output_mode == "complete" else settings.key_columns
        self._loader = loader_of(settings, self._target, session.dialect, self._table, keys)
        self._query = query
        self._before = None
        self._take(session, query)

    def last_committed(self) -> CommitRecord | None:
        """See `ExactlyOnceStreamWriter.last_committed`."""
        session = self._opened()
        try:
            with session.transaction() as connection:
                record = self._ledger.last(connection)
        except (sa.exc.SQLAlchemyError, OSError) as error:
            raise failed(error, self._settings) from None
        self._before = record.batch_id if record else NOTHING
        return record

    def write(self, iterator: Iterator[pa.RecordBatch]) -> StagedRows:
        """See `ExactlyOnceStreamWriter.write`."""
        return stage_rows(iterator, self._arrow_schema, self._settings.staging_bytes)

    def commit_batch(self, messages: list[WriterCommitMessage], record: CommitRecord) -> None:
        """See `ExactlyOnceStreamWriter.commit_batch`."""
        staged = [message for message in messages if isinstance(message, StagedRows)]
        if self._before is None:
            self.last_committed()
        self._check_turn(record)
        committing = False
        try:
            reached(f"{BEGIN}:before")
            with self._opened().transaction() as connection:
                reached(f"{BEGIN}:after")
                self._fill(connection, staged, record)
                reached(f"{COMMIT}:before")
                committing = True
                connection.commit()
                reached(f"{COMMIT}:after")
        except StreamcoreError as error:
            raise error from None
        except Exception as error:
            explain = failed_in_commit if committing else failed
            raise explain(error, self._settings) from error
        self._before = record.batch_id
        _drop(staged)

    def abort(self, messages: list[WriterCommitMessage | None], batchId: int) -> None:
        """Drops what was staged."""
        _drop([message for message in messages if isinstance(message, StagedRows)])

    def rewind(self, record: CommitRecord | None) -> None:
        """Sets the ledger back, for a table with keys: the replay then writes the same rows again.

        Rows whose keys the replay no longer produces (because the query was changed) stay as they are.
        """
        if not self._settings.key_columns and self._identity().output_mode != "complete":
            raise AnalysisException(
                f"{self._settings.place} has no keyColumns, so rows that are already in it cannot be taken "
                "back: restore the table and its ledger from a backup that holds the batch to rewind to, or "
                "write to a table with keys"
            )
        try:
            with self._opened().transaction() as connection:
                self._ledger.set_back(connection, record)
                connection.commit()
        except sa.exc.SQLAlchemyError as error:
            raise failed(error, self._settings) from error
        self._before = record.batch_id if record else NOTHING

    def close(self) -> None:
        """Closes the connection."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _take(self, session: DatabaseSession, query: QueryIdentity) -> None:
        check_lengths(session.dialect, self._ledger.table, "ledgerTable")
        try:
            with session.transaction() as connection:
                self._ledger.claim(connection, query)
                prepare_table(connection, self._table, self._target.schema, self._settings)
                connection.commit()
        except (sa.exc.SQLAlchemyError, OSError) as error:
            raise failed(error, self._settings) from error

    def _fill(self, connection: Connection, staged: list[StagedRows], record: CommitRecord) -> None:
        query = self._identity()
        self._ledger.advance(connection, query.run_id, self._before_batch(), record)
        reached(f"{ROWS}:before")
        if query.output_mode == "complete":
            # Not TRUNCATE: readers go on seeing the old rows until the commit.
            connection.execute(sa.delete(self._table))
        tables = (table for message in staged for table in message.tables())
        self._loaded().load(connection, tables)
        reached(f"{ROWS}:after")

    def _check_turn(self, record: CommitRecord) -> None:
        before = self._before_batch()
        if record.batch_id <= before:
            raise self._ledger.fenced(record)
        if record.batch_id > before + 1:
            newest = "no batch" if before == NOTHING else f"batch {before}"
            raise CheckpointMismatch(
                f"batch {record.batch_id} cannot follow {newest} in {self._settings.place}: checkpoint and "
                "table do not belong together; restore the one that is behind"
            )

    def _before_batch(self) -> int:
        if self._before is None:
            raise RuntimeError("last_committed() comes before commit_batch()")
        return self._before

    def _identity(self) -> QueryIdentity:
        if self._query is None:
            raise RuntimeError("open() comes before any other call")
        return self._query

    def _opened(self) -> DatabaseSession:
        if self._session is None:
            raise RuntimeError("open() comes before any other call")
        return self._session

    def _loaded(self) -> Loader:
        if self._loader is None:
            raise RuntimeError("open() comes before any other call")
        return self._loader


def _drop(staged: list[StagedRows]) -> None:
    for rows in staged:
        rows.drop()
