"""The database sink by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.sinks.database.settings import DATABASE_OPTIONS, read_settings
from streamcore.spi.datasource import DataSource
from streamcore.spi.options import Options

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from streamcore.sinks.database.batch_writer import DatabaseBatchWriter
    from streamcore.sinks.database.stream_writer import DatabaseStreamWriter
    from streamcore.spi.types import StructType


class DatabaseSink(DataSource):
    """A table in a database that SQLAlchemy reaches.

    - `url`: SQLAlchemy's URL; `user` and `password` override what it says. `dbtable`: table or schema.table,
      made from the schema when it is missing (`createTableColumnTypes`: other types, as DDL text).
    - `keyColumns`: comma-separated; rows are then upserted by these columns. Needed in update mode.
    - `opColumn`: rows are changes, and this column says of which kind (`ChangeColumns` has the words): they
      are upserted or deleted by key. `orderColumns` (_lsn,_seq) tell the last change of a key;
      `unchangedColumn` (_unchanged, if there is one) names columns that a row leaves as they are.
    - `sinkName` (the table's name) and `ledgerTable` (streamcore_commits): where the ledger keeps the commit
      record. `isolationLevel`, `batchsize` (10000 rows per statement), `stagingMemory` (bytes per write task
      before rows spill to a temporary file). `truncate` (false): an overwrite keeps the table as defined.
    """

    def __init__(self, options: MutableMapping[str, str]) -> None:
        known = Options(options)
        known.reject_unknown(DATABASE_OPTIONS, "the database sink")
        super().__init__(known)
        self._settings = read_settings(known)

    def __repr__(self) -> str:
        return f"DatabaseSink({self._settings.place})"

    @classmethod
    def name(cls) -> str:
        """The short name."""
        return "database"

    def describe(self) -> str:
        """The sink as progress reports name it."""
        return f"DatabaseSink[{self._settings.place}]"

    def exists(self) -> bool:
        """Whether the table is there, as the save modes `error` and `ignore` ask."""
        import sqlalchemy as sa

        from streamcore.sinks.database.session import DatabaseSession

        session = DatabaseSession(self._settings)
        try:
            table = self._settings.table
            return sa.inspect(session.connection()).has_table(table.name, schema=table.schema)
        finally:
            session.close()

    def writer(self, schema: StructType, overwrite: bool) -> DatabaseBatchWriter:
        """A batch writer: one transaction."""
        from streamcore.sinks.database.batch_writer import DatabaseBatchWriter

        return DatabaseBatchWriter(self._settings, schema, overwrite=overwrite)

    def streamWriter(self, schema: StructType, overwrite: bool) -> DatabaseStreamWriter:
        """An exactly-once writer; the output mode decides between append, upsert and replacement."""
        from streamcore.sinks.database.stream_writer import DatabaseStreamWriter

        return DatabaseStreamWriter(self._settings, schema)
