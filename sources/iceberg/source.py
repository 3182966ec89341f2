"""The data source `iceberg`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException
from streamcore.iceberg.catalog_settings import SETTINGS
from streamcore.iceberg.names import DEFAULT_CATALOG
from streamcore.iceberg.schemas import struct_of
from streamcore.sources.iceberg.metadata_tables import METADATA_TABLES, MetadataTableReader, metadata_schema
from streamcore.sources.iceberg.settings import (
    BATCH_OPTIONS,
    COMMON_OPTIONS,
    PREFIXES,
    STREAM_OPTIONS,
    Moment,
    Place,
    moment_of,
    place_of,
    stream_settings,
)
from streamcore.sources.iceberg.tables import OpenTable, open_table
from streamcore.spi.datasource import DataSource
from streamcore.spi.option_checks import ChecksStreamOptions
from streamcore.spi.options import Options

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from streamcore.spi.datasource import DataSourceReader, DataSourceStreamReader
    from streamcore.spi.types import StructType


class IcebergDataSource(DataSource, ChecksStreamOptions):
    """A table of an Iceberg catalog, or by the place of its metadata.

    - `path` (or `table`): catalog.db.table; with one name more a table about it, catalog.db.table.snapshots.
      `catalog.*`: where the catalog is, when the session has no `spark.sql.catalog.<name>.*` for it.
    - Of batches: `snapshot-id`, `as-of-timestamp` (milliseconds), `branch`, `tag`, `versionAsOf`; and
      `start-snapshot-id`, `end-snapshot-id` for what was appended in between.
    - Of streams: `stream-from-timestamp`, `streaming-skip-delete-snapshots`,
      `streaming-skip-overwrite-snapshots`, `streaming-max-files-per-micro-batch`,
      `streaming-max-rows-per-micro-batch`.
    - `split-size`: bytes of files that one task reads.
    """

    def __init__(self, options: MutableMapping[str, str]) -> None:
        known = Options(options)
        known.reject_unknown(self.option_names(), "the Iceberg source", PREFIXES)
        super().__init__(known)
        self._known = known
        self._place, self._about = _about_a_table(place_of(known))

    def __repr__(self) -> str:
        return f"IcebergDataSource({self._place})"

    @classmethod
    def name(cls) -> str:
        """The short name."""
        return "iceberg"

    @classmethod
    def option_names(cls) -> tuple[str, ...]:
        """The options that are read; see `NamesItsOptions`."""
        return (*COMMON_OPTIONS, *BATCH_OPTIONS, *STREAM_OPTIONS)

    @classmethod
    def setting_names(cls) -> tuple[str, ...]:
        """The session's settings of catalogs; see `ReadsSettings`."""
        return (SETTINGS, DEFAULT_CATALOG)

    def describe(self) -> str:
        """The source as progress reports and explain name it."""
        return f"Iceberg[{self._place}]"

    def schema(self) -> StructType:
        """The table's columns."""
        from streamcore.sources.iceberg.batch_reader import schema_at

        opened = open_table(self._place)
        try:
            if self._about is not None:
                return metadata_schema(opened.table, self._about)
            if any(name in self._known for name in STREAM_OPTIONS):
                return struct_of(opened.table.schema())
            return struct_of(schema_at(opened.table, moment_of(self._known)))
        finally:
            opened.close()

    def reader(self, schema: StructType) -> DataSourceReader:
        """A batch reader of the table as it is now, or was."""
        from streamcore.sources.iceberg.batch_reader import IcebergReader

        moment = moment_of(self._known)
        if self._about is not None and moment != Moment():
            raise AnalysisException(
                f"the table {self._place}.{self._about} is read as it is now: name no snapshot"
            )
        opened = self._opened(schema)
        if self._about is not None:
            return MetadataTableReader(opened, self._about)
        return IcebergReader(opened, moment, schema)

    def streamReader(self, schema: StructType) -> DataSourceStreamReader:
        """A replayable reader of what is appended."""
        from streamcore.sources.iceberg.stream_reader import IcebergStreamReader

        self.check_stream_options()
        return IcebergStreamReader(self._opened(schema), stream_settings(self._known), schema)

    def check_stream_options(self) -> None:
        """See `ChecksStreamOptions`."""
        stream_settings(self._known)
        if self._about is not None or self._place.address is None:
            what = "a table about a table" if self._about is not None else "a table without a catalog"
            raise AnalysisException(f"{what} cannot be read as a stream: read it as a batch")

    def _opened(self, schema: StructType) -> OpenTable:
        opened = open_table(self._place)
        own = struct_of(opened.table.schema())
        known = {field.name: field.dataType for field in own.fields}
        if self._about is None and any(known.get(f.name, f.dataType) != f.dataType for f in schema.fields):
            opened.close()
            raise AnalysisException(
                f"the Iceberg table {self._place} has the columns {own.simpleString()}: leave schema(...) out"
            )
        return opened


def _about_a_table(place: Place) -> tuple[Place, str | None]:
    """The table, and which table about it is meant: the last name of more than a database's and a table's."""
    address = place.address
    if (
        address is None
        or len(address.identifier) < 3
        or address.identifier[-1].lower() not in METADATA_TABLES
    ):
        return place, None
    *table, about = address.identifier
    return replace(place, address=replace(address, identifier=tuple(table))), about.lower()
