"""Some files of a table as an input partition, and how they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa

from streamcore.errors import OffsetsLost, SourceUnavailable
from streamcore.spi.datasource import InputPartition
from streamcore.spi.types import to_arrow_schema

if TYPE_CHECKING:
    from streamcore.delta.folder import TableFolder
    from streamcore.spi.types import StructType


class DeltaInputPartition(InputPartition):
    """Files whose rows share the values of `constants`: partition columns, and what is told of changes.

    `columns` are the names that are wanted, in the schema's order; `size` is in bytes.
    """

    def __init__(
        self,
        folder: TableFolder,
        paths: Sequence[str],
        schema: StructType,
        constants: Mapping[str, Any],
        size: int,
    ) -> None:
        super().__init__(tuple(paths))
        self.folder = folder
        self.paths = tuple(paths)
        self.schema = schema
        self.constants = dict(constants)
        self.columns: tuple[str, ...] = tuple(schema.fieldNames())
        self.size: int | None = size

    def __repr__(self) -> str:
        more = f" and {len(self.paths) - 1} more" if len(self.paths) > 1 else ""
        return f"DeltaInputPartition({self.paths[0]}{more})"

    def with_columns(self, columns: Sequence[str]) -> DeltaInputPartition:
        """The same rows, of which only `columns` are read."""
        wanted = set(columns)
        narrowed = DeltaInputPartition(self.folder, self.paths, self.schema, self.constants, self.size or 0)
        narrowed.columns = tuple(name for name in self.schema.fieldNames() if name in wanted)
        return narrowed


def read_partition(partition: DeltaInputPartition) -> Iterator[pa.RecordBatch]:
    """The rows as Arrow, file after file; columns that a file lacks are null.

    Raises OffsetsLost for a file that was removed.
    """
    import pyarrow.dataset as ds

    whole = to_arrow_schema(partition.schema)
    inside = pa.schema([field for field in whole if field.name not in partition.constants])
    wanted = [name for name in partition.columns if name not in partition.constants]
    # INT96, as older Spark writes it, has no unit of its own.
    options = ds.ParquetReadOptions(coerce_int96_timestamp_unit="us")
    parquet = ds.ParquetFileFormat(read_options=options)
    filesystem = partition.folder.filesystem()
    for path in partition.paths:
        place = _place(partition.folder, path)
        try:
            data = ds.dataset(place, schema=inside, format=parquet, filesystem=filesystem)
            for batch in data.to_batches(columns=wanted):
                yield _with_constants(batch, partition, whole)
        except FileNotFoundError as error:
            raise OffsetsLost(
                f"[DELTA_FILE_NOT_FOUND] {place} is gone, and what is asked for needs it: the table was "
                "vacuumed. Read a newer version, or start the query with a new checkpoint. SQLSTATE: 42K03"
            ) from error
        except OSError as error:
            raise SourceUnavailable(f"{place} cannot be read: {error}") from error


def _place(folder: TableFolder, path: str) -> str:
    if urlsplit(path).scheme == "file":
        return unquote(urlsplit(path).path)
    return folder.place(path)


def _with_constants(
    batch: pa.RecordBatch, partition: DeltaInputPartition, whole: pa.Schema
) -> pa.RecordBatch:
    if not partition.constants:
        return batch
    columns = [
        pa.repeat(pa.scalar(partition.constants[name], whole.field(name).type), batch.num_rows)
        if name in partition.constants
        else batch.column(name)
        for name in partition.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=list(partition.columns))
