"""The database sink's batch writer: one transaction for the whole data set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from streamcore.errors import AnalysisException, StreamcoreError
from streamcore.sinks.conform import nullable_schema
from streamcore.sinks.database.choice import loader_of, target_of
from streamcore.sinks.database.outcome import failed, failed_in_commit
from streamcore.sinks.database.session import DatabaseSession
from streamcore.sinks.database.target import prepare_table, table_of
from streamcore.sinks.staging import StagedRows, stage_rows
from streamcore.spi.datasource import DataSourceArrowWriter
from streamcore.spi.types import to_arrow_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from sqlalchemy.engine import Connection

    from streamcore.sinks.database.settings import DatabaseSettings
    from streamcore.spi.datasource import WriterCommitMessage
    from streamcore.spi.types import StructType


class DatabaseBatchWriter(DataSourceArrowWriter):
    """Appends or upserts; with `overwrite` the table is made anew, or emptied with the option `truncate`."""

    def __init__(self, settings: DatabaseSettings, schema: StructType, *, overwrite: bool) -> None:
        if overwrite and settings.changes is not None:
            raise AnalysisException(
                "the database sink applies changes (option opColumn) to the table that is there: write in "
                "mode append"
            )
        self._settings = settings
        self._target = target_of(settings, schema)
        self._overwrite = overwrite
        self._arrow_schema = nullable_schema(to_arrow_schema(schema))

    def write(self, iterator: Iterator[pa.RecordBatch]) -> StagedRows:
        """Stages one partition."""
        return stage_rows(iterator, self._arrow_schema, self._settings.staging_bytes)

    def commit(self, messages: list[WriterCommitMessage | None]) -> None:
        """Writes all rows in one transaction."""
        staged = [message for message in messages if isinstance(message, StagedRows)]
        session = DatabaseSession(self._settings)
        committing = False
        try:
            with session.transaction() as connection:
                self._fill(connection, session, staged)
                committing = True
                connection.commit()
        except StreamcoreError:
            raise
        except Exception as error:
            explain = failed_in_commit if committing else failed
            raise explain(error, self._settings) from error
        finally:
            session.close()
            self.abort(messages)

    def abort(self, messages: list[WriterCommitMessage | None]) -> None:
        """Drops what was staged."""
        for message in messages:
            if isinstance(message, StagedRows):
                message.drop()

    def _fill(self, connection: Connection, session: DatabaseSession, staged: list[StagedRows]) -> None:
        settings = self._settings
        table = table_of(settings, self._target.schema)
        if self._overwrite and not settings.truncate:
            table.drop(connection, checkfirst=True)
        prepare_table(connection, table, self._target.schema, settings)
        if self._overwrite and settings.truncate:
            connection.execute(sa.delete(table))
        loader = loader_of(settings, self._target, session.dialect, table, settings.key_columns)
        loader.load(connection, (rows for message in staged for rows in message.tables()))
