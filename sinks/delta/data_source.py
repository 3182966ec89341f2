"""The Delta sink by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.delta.library import delta_rs
from streamcore.sinks.delta.settings import (
    DELTA_SINK_OPTIONS,
    read_settings,
    require_batch_options,
    require_stream_options,
)
from streamcore.spi.datasource import DataSource
from streamcore.spi.options import Options

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from streamcore.sinks.delta.batch_writer import DeltaBatchWriter
    from streamcore.sinks.delta.stream_writer import DeltaStreamWriter
    from streamcore.spi.types import StructType


class DeltaSink(DataSource):
    """A Delta Lake table at a path, made from the schema when it is missing.

    - `path`: the folder. `partitionBy`: JSON list of the partition columns of a new table.
    - `mergeSchema` (false): columns that the table lacks are added to it. `maxRecordsPerFile`, `compression`
      (snappy), `userMetadata`: text that the commits keep.
    - Streams: `keyColumns`: comma-separated; rows are then merged by these columns. Needed in update mode.
      `sharedTable` (false): several streaming queries may write to the table.
    - Batches: `overwriteSchema`, `replaceWhere`, `partitionOverwriteMode` in the mode overwrite; `txnAppId`
      and `txnVersion`: a write that is there already is left out.
    """

    def __init__(self, options: MutableMapping[str, str]) -> None:
        known = Options(options)
        super().__init__(known)
        self._known = known
        self._settings = read_settings(known)

    @classmethod
    def name(cls) -> str:
        """The short name."""
        return "delta"

    @classmethod
    def option_names(cls) -> tuple[str, ...]:
        """The options that are read; see `NamesItsOptions`."""
        return DELTA_SINK_OPTIONS

    def describe(self) -> str:
        """The sink as progress reports name it."""
        return f"DeltaSink[{self._settings.folder}]"

    def exists(self) -> bool:
        """Whether the table is there, as the save modes `error` and `ignore` ask."""
        return self._settings.folder.exists()

    def writer(self, schema: StructType, overwrite: bool) -> DeltaBatchWriter:
        """A batch writer: one commit."""
        from streamcore.sinks.delta.batch_writer import DeltaBatchWriter

        delta_rs()
        require_batch_options(self._known)
        return DeltaBatchWriter(self._settings, schema, overwrite=overwrite)

    def streamWriter(self, schema: StructType, overwrite: bool) -> DeltaStreamWriter:
        """An exactly-once writer; the output mode decides between append, merge and replacement."""
        delta_rs()
        from streamcore.sinks.delta.stream_writer import DeltaStreamWriter

        require_stream_options(self._known)
        return DeltaStreamWriter(self._settings, schema)
