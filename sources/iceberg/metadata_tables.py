"""The tables about a table: `db.table.snapshots`, `.files` and their kin, as pyiceberg gives them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from streamcore.iceberg.rows import as_ours
from streamcore.spi.datasource import DataSourceReader, InputPartition
from streamcore.spi.types import from_arrow_schema, to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.table import Table

    from streamcore.sources.iceberg.tables import OpenTable
    from streamcore.spi.types import StructType

METADATA_TABLES: Final = (
    "snapshots", "history", "files", "data_files", "delete_files", "manifests", "entries", "partitions",
    "refs", "metadata_log_entries", "all_manifests", "all_files", "all_data_files", "all_delete_files",
)  # fmt: skip


def metadata_schema(table: Table, name: str) -> StructType:
    """The columns of a table about a table."""
    return from_arrow_schema(_rows(table, name).schema)


class MetadataTableReader(DataSourceReader):
    """Reads one of them, in the driver."""

    def __init__(self, opened: OpenTable, name: str) -> None:
        self._rows = _rows(opened.table, name)
        opened.close()

    def partitions(self) -> Sequence[InputPartition]:
        return [InputPartition(None)]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        schema = to_arrow_schema(from_arrow_schema(self._rows.schema))
        for batch in self._rows.combine_chunks().to_batches():
            yield as_ours(batch, schema)


def _rows(table: Table, name: str) -> pa.Table:
    found: pa.Table = getattr(table.inspect, name)()
    # The partition of a table without partitions is a struct without fields, which is no column here.
    return found.select([f.name for f in found.schema if not _is_empty(f.type)])


def _is_empty(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_struct(kind)) and kind.num_fields == 0
