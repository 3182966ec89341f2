"""The rows of a data file: columns found by their ids, deleted rows left out, in the types of a schema.

pyiceberg's own scan turns a null list, or map, of structs into an empty one; so Parquet is read here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from streamcore.errors import AnalysisException

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.schema import Schema
    from pyiceberg.table import FileScanTask
    from pyiceberg.table.metadata import TableMetadata
    from pyiceberg.types import IcebergType, NestedField

_ROWS = 65_536


def read_file(
    io: FileIO, task: FileScanTask, metadata: TableMetadata, wanted: Schema
) -> Iterator[pa.RecordBatch]:
    """The rows of a file in the Arrow types of `wanted`, whose columns are known by their ids.

    Raises AnalysisException for a file of another format than Parquet.
    """
    import pyarrow.parquet as pq
    from pyiceberg.io.pyarrow import pyarrow_to_schema
    from pyiceberg.manifest import FileFormat

    if task.file.file_format != FileFormat.PARQUET:
        raise AnalysisException(
            f"the data file {task.file.file_path} is in the format {task.file.file_format}, and only Parquet "
            "is read"
        )
    deleted = _deleted_rows(io, task)
    with io.new_input(task.file.file_path).open() as stream, pq.ParquetFile(stream) as file:
        found = pyarrow_to_schema(
            file.schema_arrow, metadata.name_mapping(), format_version=metadata.format_version
        )
        columns = [_Column(field, found, task, metadata) for field in wanted.fields]
        names = [column.name for column in columns if column.name is not None]
        first = 0
        for batch in file.iter_batches(_ROWS, columns=names, use_threads=False):
            kept = _without(batch, deleted, first)
            first += batch.num_rows
            if kept.num_rows:
                arrays = [column.of(kept) for column in columns]
                yield pa.RecordBatch.from_arrays(arrays, names=[field.name for field in wanted.fields])


class _Column:
    """One wanted column: where it is in a file, or what stands for it there."""

    def __init__(
        self, field: NestedField, found: Schema, task: FileScanTask, metadata: TableMetadata
    ) -> None:
        from pyiceberg.io.pyarrow import schema_to_pyarrow
        from pyiceberg.schema import Schema

        there = next((column for column in found.fields if column.field_id == field.field_id), None)
        self.name = None if there is None else there.name
        self._wanted = field.field_type
        self._found = None if there is None else there.field_type
        self._type = schema_to_pyarrow(Schema(field), include_field_ids=False).field(0).type
        self._constant = None if there is not None else _value_for(field, task, metadata)

    def of(self, batch: pa.RecordBatch) -> pa.Array:
        """The column's values in a batch of the file."""
        if self.name is None or self._found is None:
            if self._constant is None:
                return pa.nulls(batch.num_rows, self._type)
            return pa.repeat(pa.scalar(self._constant, self._type), batch.num_rows)
        column = batch.column(batch.schema.names.index(self.name))
        if self._wanted.is_primitive or self._wanted == self._found:
            return column.cast(self._type)
        # The fields of a nested type have changed since: by their ids, value for value.
        return pa.array([_changed(v, self._found, self._wanted) for v in column.to_pylist()], self._type)


def _value_for(field: NestedField, task: FileScanTask, metadata: TableMetadata) -> Any:
    """What a column is that a file does not have: its partition's value, its default, or null."""
    from pyiceberg.transforms import IdentityTransform

    spec = metadata.specs().get(task.file.spec_id)
    for position, part in enumerate(spec.fields if spec is not None else ()):
        if part.source_id == field.field_id and isinstance(part.transform, IdentityTransform):
            return task.file.partition[position]
    return field.initial_default


def _changed(value: Any, found: IcebergType, wanted: IcebergType) -> Any:
    from pyiceberg.types import ListType, MapType, StructType

    if value is None:
        return None
    if isinstance(found, StructType) and isinstance(wanted, StructType):
        there = {field.field_id: field for field in found.fields}
        return {
            field.name: _changed(
                value[there[field.field_id].name], there[field.field_id].field_type, field.field_type
            )
            if field.field_id in there
            else field.initial_default
            for field in wanted.fields
        }
    if isinstance(found, ListType) and isinstance(wanted, ListType):
        return [_changed(item, found.element_type, wanted.element_type) for item in value]
    if isinstance(found, MapType) and isinstance(wanted, MapType):
        return [
            (_changed(k, found.key_type, wanted.key_type), _changed(v, found.value_type, wanted.value_type))
            for k, v in value
        ]
    return value


def _deleted_rows(io: FileIO, task: FileScanTask) -> np.ndarray[Any, np.dtype[np.int64]] | None:
    """The positions of the file's deleted rows, in order."""
    from pyiceberg.io.pyarrow import _read_all_delete_files

    if not task.delete_files:
        return None
    found = _read_all_delete_files(io, [task]).get(task.file.file_path, [])
    parts = [np.asarray(positions.to_numpy(), np.int64) for positions in found]
    return np.unique(np.concatenate(parts)) if parts else None


def _without(
    batch: pa.RecordBatch, deleted: np.ndarray[Any, np.dtype[np.int64]] | None, first: int
) -> pa.RecordBatch:
    if deleted is None:
        return batch
    low, high = np.searchsorted(deleted, (first, first + batch.num_rows))
    if low == high:
        return batch
    kept = np.ones(batch.num_rows, bool)
    kept[deleted[low:high] - first] = False
    return batch.filter(pa.array(kept))
