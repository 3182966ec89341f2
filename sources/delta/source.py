"""The data source `delta`."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING

from streamcore.delta.folder import table_folder
from streamcore.delta.library import delta_rs
from streamcore.delta.schemas import schema_of
from streamcore.errors import AnalysisException
from streamcore.sources.delta.files import CHANGE_FIELDS, with_change_columns
from streamcore.sources.delta.settings import DELTA_SOURCE_OPTIONS, batch_settings, stream_settings
from streamcore.spi.datasource import DataSource, DataSourceReader, DataSourceStreamReader
from streamcore.spi.option_checks import ChecksStreamOptions
from streamcore.spi.options import Options

if TYPE_CHECKING:
    from streamcore.sources.delta.settings import Moment
    from streamcore.spi.types import StructType


class DeltaDataSource(DataSource, ChecksStreamOptions):
    """A Delta Lake table at a path; options are those of Delta's own connector.

    - Batches: `versionAsOf`, `timestampAsOf`; with `readChangeFeed` the changes from `startingVersion` or
      `startingTimestamp` to `endingVersion` or `endingTimestamp`.
    - Streams: the newest version as it is and what is added after it, or from `startingVersion` (a number or
      latest) or `startingTimestamp` on what was added; `readChangeFeed`: changes instead.
      `maxFilesPerTrigger` (1000), `maxBytesPerTrigger`; `ignoreDeletes`, `ignoreChanges`,
      `skipChangeCommits`: what happens at commits that take rows away; `excludeRegex`, `failOnDataLoss`.
    """

    def __init__(self, options: MutableMapping[str, str]) -> None:
        self._options = options if isinstance(options, Options) else Options(options)
        super().__init__(self._options)

    @classmethod
    def name(cls) -> str:
        return "delta"

    @classmethod
    def option_names(cls) -> tuple[str, ...]:
        """The options that batches and streams read; see `NamesItsOptions`."""
        return DELTA_SOURCE_OPTIONS

    def describe(self) -> str:
        """As Delta shows the source in progress reports."""
        folder = table_folder(self._options.get("path"))
        return f"DeltaSource[{folder if folder.local is None else f'file:{folder}'}]"

    def schema(self) -> StructType:
        """The columns of the table, as of the version that is read."""
        from streamcore.sources.delta.batch_reader import table_as_of

        delta_rs()
        folder = table_folder(self._options.get("path"))
        found = schema_of(table_as_of(folder, self._as_of()))
        return with_change_columns(found) if self._reads_changes() else found

    def rows_version(self) -> object | None:
        """The table and its version; see `KnowsItsVersion`."""
        table = table_folder(self._options.get("path")).handle()
        return (table.metadata().id, table.version())

    def reader(self, schema: StructType) -> DataSourceReader:
        from streamcore.sources.delta.batch_reader import DeltaChangesReader, DeltaReader

        settings = batch_settings(self._options)
        self._require_own(schema)
        return (DeltaChangesReader if settings.reads_changes else DeltaReader)(settings, schema)

    def streamReader(self, schema: StructType) -> DataSourceStreamReader:
        from streamcore.sources.delta.stream_reader import DeltaStreamReader

        settings = stream_settings(self._options)
        self._require_own(schema)
        return DeltaStreamReader(settings, schema)

    def check_stream_options(self) -> None:
        stream_settings(self._options)

    def _as_of(self) -> Moment | None:
        reads_the_past = "versionAsOf" in self._options or "timestampAsOf" in self._options
        return batch_settings(self._options).as_of if reads_the_past else None

    def _reads_changes(self) -> bool:
        old = self._options.boolean("readChangeData", default=False)
        return self._options.boolean("readChangeFeed", default=old)

    def _require_own(self, schema: StructType) -> None:
        """Raises AnalysisException for columns that are not those of the table."""
        found = self.schema()
        types = {field.name: field.dataType for field in found.fields}
        told = {field.name for field in CHANGE_FIELDS} if self._reads_changes() else set()
        if any(types.get(field.name) != field.dataType for field in schema.fields if field.name not in told):
            raise AnalysisException(
                "[DELTA_UNSUPPORTED_SCHEMA_DURING_READ] Delta does not support specifying the schema at "
                f"read time. Leave schema(...) out: the table has {found.simpleString()}. SQLSTATE: 0AKDC"
            )
