"""One unit of reading: data files, the columns that are wanted of them, and what they are read with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from streamcore.iceberg.failures import gone
from streamcore.iceberg.reading import read_file
from streamcore.iceberg.rows import as_ours
from streamcore.spi.datasource import InputPartition
from streamcore.spi.types import to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.io import FileIO
    from pyiceberg.schema import Schema
    from pyiceberg.table import FileScanTask
    from pyiceberg.table.metadata import TableMetadata

    from streamcore.spi.types import StructType


@dataclass(frozen=True, repr=False)
class Opened:
    """A table as tasks need it: they may run in another process, so without its history.

    `wanted` are the columns by their ids, `schema` the same in our types.
    """

    metadata: TableMetadata
    io: FileIO
    wanted: Schema
    schema: StructType
    place: str


@dataclass(frozen=True, repr=False, eq=False)
class IcebergPartition(InputPartition):
    """Data files to read."""

    tasks: tuple[FileScanTask, ...]
    opened: Opened

    @property
    def size(self) -> int | None:
        """Bytes."""
        return sum(task.file.file_size_in_bytes for task in self.tasks)

    def with_columns(self, columns: Sequence[str]) -> IcebergPartition:
        """See `NarrowsColumns`."""
        from pyiceberg.schema import Schema

        from streamcore.spi.types import StructType

        opened = self.opened
        wanted = Schema(*[field for field in opened.wanted.fields if field.name in columns])
        schema = StructType([field for field in opened.schema.fields if field.name in columns])
        return replace(self, opened=replace(opened, wanted=wanted, schema=schema))

    def read(self) -> Iterator[pa.RecordBatch]:
        """The rows, in our types."""
        opened = self.opened
        schema = to_arrow_schema(opened.schema)
        for task in self.tasks:
            try:
                for batch in read_file(opened.io, task, opened.metadata, opened.wanted):
                    yield as_ours(batch, schema)
            except FileNotFoundError as error:
                raise gone(task.file.file_path, opened.place) from error


def without_history(metadata: TableMetadata) -> TableMetadata:
    """The metadata without snapshots and logs, which may be long."""
    empty: dict[str, Any] = {
        "snapshots": [],
        "snapshot_log": [],
        "metadata_log": [],
        "refs": {},
        "current_snapshot_id": None,
    }
    return metadata.model_copy(update={**empty, "properties": _kept(metadata.properties)})


def _kept(properties: dict[str, str]) -> dict[str, str]:
    name_mapping = "schema.name-mapping.default"
    return {name_mapping: properties[name_mapping]} if name_mapping in properties else {}
