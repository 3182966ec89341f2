"""The data source `postgres-changes`."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException
from streamcore.sources.postgres_changes.settings import read_settings
from streamcore.spi.datasource import DataSource, DataSourceStreamReader
from streamcore.spi.option_checks import ChecksStreamOptions
from streamcore.spi.options import Options

if TYPE_CHECKING:
    from streamcore.sources.postgres_changes.catalog import Table
    from streamcore.spi.types import StructType


class PostgresChangesDataSource(DataSource, ChecksStreamOptions):
    """The changes of a PostgreSQL table in the order of their commits, whole transactions only.

    - `url`: `postgresql://host/db` (or JDBC's); `user`, `password`. `dbtable`: table or schema.table.
    - `slotName`: the replication slot, one for each query; `publicationName` (the slot's name). Both are
      made when they are missing at the first start.
    - `startingPosition`: `initial`, the rows that are there (`_op` is r), then the changes; or `latest`.
    - `maxChangesPerTrigger`: about so many in a batch, at least one transaction; the rows of the start are
      one batch.
    - `newColumns`: `fail` or `ignore`, when the table gets a column while the query runs. `customSchema`:
      other types of columns, as DDL.
    """

    def __init__(self, options: MutableMapping[str, str]) -> None:
        super().__init__(options if isinstance(options, Options) else Options(options))
        self._settings = read_settings(Options(self.options))
        self._found: Table | None = None

    @classmethod
    def name(cls) -> str:
        return "postgres-changes"

    def describe(self) -> str:
        """The source as progress reports name it, without secrets."""
        return f"PostgresChanges[{self._settings.place}]"

    def schema(self) -> StructType:
        from streamcore.sources.postgres_changes.changes import changes_schema

        return changes_schema(self._table().shape.columns.fields, self._settings.place)

    def streamReader(self, schema: StructType) -> DataSourceStreamReader:
        from streamcore.sources.postgres_changes.stream_reader import ChangesStreamReader

        if schema != self.schema():
            raise AnalysisException(
                "postgres-changes reads the columns that the table has: leave out schema(...), and give "
                "other types with the option customSchema"
            )
        return ChangesStreamReader(self._settings, self._table())

    def check_stream_options(self) -> None:
        read_settings(Options(self.options))

    def _table(self) -> Table:
        if self._found is None:
            from streamcore.sources.postgres_changes.catalog import find_table
            from streamcore.sources.postgres_changes.server import CONNECTIONS

            with CONNECTIONS.to(self._settings.server) as connection:
                self._found = find_table(connection, self._settings)
        return self._found
