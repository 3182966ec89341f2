"""The streaming data source `database`."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException
from streamcore.sources.database.settings import read_settings
from streamcore.spi.datasource import DataSource, DataSourceStreamReader
from streamcore.spi.option_checks import ChecksStreamOptions
from streamcore.spi.options import Options

if TYPE_CHECKING:
    from streamcore.spi.types import StructType


class DatabaseDataSource(DataSource, ChecksStreamOptions):
    """The rows of a table that are new, by a column whose values grow; any database that SQLAlchemy reaches.

    - `url`, `user`, `password`, `dbtable` (table or schema.table), `incrementColumn`: a number, date, time,
      or PostgreSQL's xid8, NOT NULL and with an index.
    - What makes the end of a batch safe: nothing for an xid8 (`DEFAULT pg_current_xact_id()`);
      `commitOrdered=true`, when rows become visible in the order of the column; `commitDelay` (30s), for a
      timestamptz, when no transaction lasts longer. Without one of them a query is refused.
    - `updates`: `none`, rows stay as they were added (exactly once), or `allowed`: a changed row gets a new
      value and is read again (at least once).
    - `startingPosition`: `earliest` or `latest`. `maxRowsPerTrigger`; `numPartitions`: ranges read in
      parallel. `customSchema`: other types, as DDL. `fetchsize`.
    """

    def __init__(self, options: MutableMapping[str, str]) -> None:
        super().__init__(options if isinstance(options, Options) else Options(options))
        self._settings = read_settings(Options(self.options))
        self._found: StructType | None = None

    @classmethod
    def name(cls) -> str:
        return "database"

    def describe(self) -> str:
        """The source as progress reports name it, without secrets."""
        return f"Database[{self._settings.place}]"

    def schema(self) -> StructType:
        from streamcore.sources.database.statements import connected, follow

        if self._found is None:
            with connected(self._settings) as connection:
                self._found = follow(connection, self._settings).columns
        return self._found

    def streamReader(self, schema: StructType) -> DataSourceStreamReader:
        from streamcore.sources.database.stream_reader import AppendingReader, FollowingReader

        if schema != self.schema():
            raise AnalysisException(
                "the database source reads the columns that the table has: leave out schema(...), and give "
                "other types with the option customSchema"
            )
        kind = FollowingReader if self._settings.rows_change else AppendingReader
        return kind(self._settings, schema)

    def check_stream_options(self) -> None:
        read_settings(Options(self.options))
