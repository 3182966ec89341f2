"""The Iceberg sink's batch writer: data files by the tasks, one commit for the whole data set."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from streamcore.errors import AnalysisException, StreamcoreError
from streamcore.iceberg.catalogs import open_catalog
from streamcore.iceberg.failures import not_written, surely_refused, unknown
from streamcore.sinks.conform import nullable_schema
from streamcore.sinks.iceberg.changes import Append, Change, Replace, Upsert
from streamcore.sinks.iceberg.garbage import remove_quietly
from streamcore.sinks.iceberg.merging import Merge, require_keys
from streamcore.sinks.iceberg.staging import StagedRows, keep, stage
from streamcore.sinks.iceberg.target import layout_of, prepared
from streamcore.spi.datasource import DataSourceArrowWriter
from streamcore.spi.types import to_arrow_schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    import pyarrow as pa

    from streamcore.sinks.iceberg.settings import WriteSettings
    from streamcore.spi.datasource import WriterCommitMessage
    from streamcore.spi.types import StructType


class IcebergBatchWriter(DataSourceArrowWriter):
    """Appends or merges by key; `overwrite` replaces all rows, or the partitions that are written."""

    def __init__(self, settings: WriteSettings, schema: StructType, *, overwrite: bool) -> None:
        self._settings = settings
        self._overwrite = overwrite
        self._keys = settings.key_columns
        if self._keys and overwrite:
            raise AnalysisException(
                "keyColumns has a meaning for mode('append') only: an overwrite replaces rows"
            )
        require_keys(self._keys, schema)
        self._catalog: Any = open_catalog(settings.address)
        self._table: Any = prepared(
            self._catalog, settings, schema, is_ordered=settings.check_ordering is True
        )
        arrow_schema = nullable_schema(to_arrow_schema(schema))
        self._layout = layout_of(self._table, arrow_schema, settings)
        self._stem = f"batch-{uuid4()}"

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_catalog": None, "_table": None}

    def write(self, iterator: Iterator[pa.RecordBatch]) -> StagedRows:
        """Writes one partition into data files."""
        return keep(iterator, self._layout) if self._keys else stage(iterator, self._layout, self._stem)

    def commit(self, messages: list[WriterCommitMessage | None]) -> None:
        """Adds the files to the table; others that write meanwhile are built upon, as pyiceberg does it."""
        address = self._settings.address
        try:
            transaction = self._table.transaction()
            change = self._change([m for m in messages if isinstance(m, StagedRows)])
            change.stage(self._table, transaction, dict(self._settings.snapshot_properties))
        except StreamcoreError:
            raise
        except Exception as error:  # noqa: BLE001 - the cause is not chained: it may show secrets
            raise not_written(error, address) from None
        try:
            transaction.commit_transaction()
        except Exception as error:  # noqa: BLE001 - the cause is not chained: it may show secrets
            raise (not_written if surely_refused(error) else unknown)(error, address) from None
        finally:
            self._catalog.close()

    def abort(self, messages: list[WriterCommitMessage | None]) -> None:
        """Removes the files that tasks have told of."""
        staged = [m for m in messages if isinstance(m, StagedRows)]
        remove_quietly(self._table.io, [file.file_path for message in staged for file in message.files])
        self._catalog.close()

    def _change(self, staged: list[StagedRows]) -> Change:
        import pyarrow as pa

        if self._keys:
            rows = [message.rows for message in staged if message.rows is not None]
            together = pa.concat_tables([self._layout.schema.empty_table(), *rows])
            return Upsert(together, Merge(self._keys, self._layout, self._stem))
        files = [file for message in staged for file in message.files]
        if not self._overwrite:
            return Append(files)
        is_partitioned = bool(self._layout.metadata.spec().fields)
        return Replace(files, only_partitions=self._settings.is_dynamic and is_partitioned)
