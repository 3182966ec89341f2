"""The Iceberg sink by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.iceberg.catalog_settings import SETTINGS
from streamcore.iceberg.catalogs import find_table, opened
from streamcore.iceberg.names import DEFAULT_CATALOG
from streamcore.sinks.iceberg.settings import OPTIONS, PREFIXES, write_settings
from streamcore.spi.datasource import DataSource
from streamcore.spi.options import Options

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from streamcore.sinks.iceberg.batch_writer import IcebergBatchWriter
    from streamcore.sinks.iceberg.stream_writer import IcebergStreamWriter
    from streamcore.spi.types import StructType


class IcebergSink(DataSource):
    """A table of an Iceberg catalog.

    - `path` (or `table`): catalog.db.table, made from the schema when it is missing, with its database.
      `partitionBy`: JSON list of the columns that divide a table that is made.
    - `catalog.type`, `catalog.uri`, `catalog.warehouse` and so on: where the catalog is, when the session has
      no `spark.sql.catalog.<name>.*` for it.
    - `keyColumns`: comma-separated; rows are then merged by these columns. Needed in update mode, unless the
      table has identifier fields.
    - `merge-schema` (`mergeSchema`): columns that the table lacks are added to it, and types widened.
      `check-nullability` (true), `check-ordering` (true for streams): as in Spark.
    - `target-file-size-bytes`, `compression-codec`, `compression-level`, `write-format` (parquet),
      `fanout-enabled` (true), `snapshot-property.*`: as in Spark. `overwrite-mode` (static): dynamic
      replaces the partitions that a batch overwrite has rows for.
    - `sinkName` (streamcore): of the property with the commit record; a second query into one table needs its
      own. `retainSnapshots`: how many of the query's snapshots stay in the table's history, about.
    """

    def __init__(self, options: MutableMapping[str, str]) -> None:
        known = Options(options)
        known.reject_unknown(OPTIONS, "the Iceberg sink", PREFIXES)
        super().__init__(known)
        self._settings = write_settings(known)

    def __repr__(self) -> str:
        return f"IcebergSink({self._settings.address})"

    @classmethod
    def name(cls) -> str:
        """The short name."""
        return "iceberg"

    @classmethod
    def setting_names(cls) -> tuple[str, ...]:
        """The session's settings of catalogs; see `ReadsSettings`."""
        return (SETTINGS, DEFAULT_CATALOG)

    def describe(self) -> str:
        """The sink as progress reports name it."""
        return f"IcebergSink[{self._settings.address}]"

    def exists(self) -> bool:
        """Whether the table is there, as the save modes `error` and `ignore` ask."""
        with opened(self._settings.address) as catalog:
            return find_table(catalog, self._settings.address) is not None

    def writer(self, schema: StructType, overwrite: bool) -> IcebergBatchWriter:
        """A batch writer: one commit."""
        from streamcore.sinks.iceberg.batch_writer import IcebergBatchWriter

        return IcebergBatchWriter(self._settings, schema, overwrite=overwrite)

    def streamWriter(self, schema: StructType, overwrite: bool) -> IcebergStreamWriter:
        """An exactly-once writer; the output mode decides between append, merge and replacement."""
        from streamcore.iceberg.catalogs import require_pyiceberg
        from streamcore.sinks.iceberg.stream_writer import IcebergStreamWriter

        require_pyiceberg()
        return IcebergStreamWriter(self._settings, schema)
