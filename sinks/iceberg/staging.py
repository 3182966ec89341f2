"""Data files: written by the tasks as rows come, and named after the query, the batch and the run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

import pyarrow as pa

from streamcore.iceberg.rows import SortKey, as_theirs, sorted_rows
from streamcore.sinks.conform import conform
from streamcore.sinks.iceberg.partitioning import divided
from streamcore.spi.datasource import WriterCommitMessage

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.manifest import DataFile
    from pyiceberg.partitioning import PartitionKey
    from pyiceberg.table.metadata import TableMetadata


@dataclass
class StagedRows(WriterCommitMessage):
    """What a task has written: data files, or the rows themselves where they are to be merged by key."""

    files: list[DataFile] = field(default_factory=list)
    rows: pa.Table | None = None


@dataclass(frozen=True, repr=False)
class Layout:
    """How files are written; it is sent to workers.

    `schema` is that of the rows as they come, `metadata` the table's at the start, with the properties that
    hold for this write.
    """

    schema: pa.Schema
    metadata: TableMetadata
    io: FileIO
    staged_bytes: int
    sort_keys: tuple[SortKey, ...]


def stage(batches: Iterable[pa.RecordBatch], layout: Layout, stem: str) -> StagedRows:
    """Writes rows into data files, each when enough have come together."""
    files = [file for table in _portions(batches, layout) for file in write_table(table, layout, stem)]
    return StagedRows(files)


def keep(batches: Iterable[pa.RecordBatch], layout: Layout) -> StagedRows:
    """Keeps rows in memory, for a merge."""
    return StagedRows(rows=conform(batches, layout.schema))


def write_table(table: pa.Table, layout: Layout, stem: str) -> list[DataFile]:
    """Writes the rows into one file for each partition."""
    return write_theirs(as_theirs(table, layout.metadata.schema()), layout, stem)


def write_theirs(table: pa.Table, layout: Layout, stem: str) -> list[DataFile]:
    """As `write_table`, for rows in the Arrow types of the table."""
    if not table.num_rows:
        return []
    attempt = uuid4().hex
    return [
        _write_file(sorted_rows(rows, layout.sort_keys), layout, f"{stem}-{attempt}-{number:05d}", key)
        for number, (key, rows) in enumerate(divided(table, layout.metadata))
    ]


def _write_file(rows: pa.Table, layout: Layout, name: str, partition: PartitionKey | None) -> DataFile:
    """Writes one file; as pyiceberg does, but for lists of structs, of which that loses the nulls."""
    from pyiceberg.io.fileformat import FileFormatFactory
    from pyiceberg.io.pyarrow import schema_to_pyarrow
    from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
    from pyiceberg.schema import sanitize_column_names
    from pyiceberg.table.locations import load_location_provider
    from pyiceberg.typedef import Record

    metadata = layout.metadata
    schema = sanitize_column_names(metadata.schema())
    places = load_location_provider(metadata.location, metadata.properties)
    model = FileFormatFactory.get(FileFormat.PARQUET)
    path = places.new_data_location(f"{name}.{model.file_extension()}", partition)
    output = layout.io.new_output(path)
    with model.create_writer(output, schema, metadata.properties) as writer:
        # The ids of the columns, at every depth, are in this schema.
        writer.write(pa.Table.from_arrays(rows.columns, schema=schema_to_pyarrow(schema)))
    return DataFile.from_args(
        content=DataFileContent.DATA,
        file_path=path,
        file_format=FileFormat.PARQUET,
        partition=Record() if partition is None else partition.partition,
        file_size_in_bytes=len(output),
        sort_order_id=None,
        spec_id=metadata.default_spec_id,
        equality_ids=None,
        key_metadata=None,
        **writer.result().to_serialized_dict(),
    )


def _portions(batches: Iterable[pa.RecordBatch], layout: Layout) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        waiting.append(batch)
        size += batch.nbytes
        if size >= layout.staged_bytes:
            yield conform(waiting, layout.schema)
            waiting, size = [], 0
    if waiting:
        yield conform(waiting, layout.schema)


def query_mark(query_id: str) -> str:
    """The beginning of the names of a query's files."""
    return f"streamcore-{_short(query_id)}-"


def file_stem(query_id: str, batch_id: int, run_id: str) -> str:
    """The beginning of the names of the files of one batch of one run."""
    return f"{query_mark(query_id)}{batch_id}-{_short(run_id)}"


def batch_and_run(name: str, query_id: str) -> tuple[int, str] | None:
    """The batch and the run in the name of a file of this query; None for any other file.

    >>> batch_and_run(file_stem("q", 7, "r") + "-x-00000.parquet", "q")[0]
    7
    """
    mark = query_mark(query_id)
    batch, _, rest = name.removeprefix(mark).partition("-")
    if not name.startswith(mark) or not batch.isdigit():
        return None
    return int(batch), rest.partition("-")[0]


def run_mark(run_id: str) -> str:
    """A run in the names of its files."""
    return _short(run_id)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
