"""Write tasks: rows into Parquet files in a table's folder, which are no part of the table yet."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from streamcore.delta.partition_values import partition_text
from streamcore.delta.statistics import file_statistics
from streamcore.errors import CommitFailed
from streamcore.sinks.files.partitions import folder_of
from streamcore.sinks.files.staging import sync_file
from streamcore.sinks.row_groups import row_groups
from streamcore.spi.datasource import WriterCommitMessage
from streamcore.storage.publish import make_folder, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamcore.delta.folder import TableFolder
    from streamcore.delta.log import Action

_OPEN_FILES = 100


@dataclass(frozen=True)
class Layout:
    """What write tasks need to know; pickles.

    `schema` has the names that the table has, `given` those of the rows, which may differ in their case.
    """

    folder: TableFolder
    schema: pa.Schema
    given: tuple[str, ...]
    partition_by: tuple[str, ...]
    max_records: int
    compression: str
    zone: dt.tzinfo = dt.UTC

    @property
    def given_schema(self) -> pa.Schema:
        """The columns under the names of the rows."""
        pairs = zip(self.schema, self.given, strict=True)
        return pa.schema([one.with_name(name) for one, name in pairs])

    @property
    def file_schema(self) -> pa.Schema:
        """The columns that are in the files."""
        return pa.schema([one for one in self.schema if one.name not in self.partition_by])


@dataclass(frozen=True)
class StagedFile:
    """A whole data file: its path below the table's folder, and what a commit tells of it."""

    path: str
    size: int
    rows: int
    modified_ms: int
    partition: dict[str, str | None]
    statistics: dict[str, Any]

    def action(self) -> Action:
        """The action that makes the file a part of the table."""
        return {
            "add": {
                "path": quote(self.path, safe="/=:@!$&'()*+,;~"),
                "partitionValues": self.partition,
                "size": self.size,
                "modificationTime": self.modified_ms,
                "dataChange": True,
                "stats": json.dumps(self.statistics, ensure_ascii=False, separators=(",", ":")),
            }
        }


@dataclass
class StagedFiles(WriterCommitMessage):
    """What one write task staged."""

    files: list[StagedFile] = field(default_factory=list)


def staged_files(messages: list[Any]) -> list[StagedFile]:
    """The files of all tasks."""
    return [file for message in messages if isinstance(message, StagedFiles) for file in message.files]


def discard(folder: TableFolder, messages: list[Any]) -> None:
    """Removes what was staged."""
    _remove(folder, [file.path for file in staged_files(messages)])


def _remove(folder: TableFolder, paths: list[str]) -> None:
    """Removes files; what cannot be removed now is left to VACUUM."""
    filesystem = folder.filesystem() if paths else None
    for path in paths:
        with contextlib.suppress(OSError):
            assert filesystem is not None
            filesystem.delete_file(folder.place(path))


def stage(batches: Iterator[pa.RecordBatch], layout: Layout) -> StagedFiles:
    """Writes the rows of one task and syncs them; leaves nothing behind when it fails.

    Raises CommitFailed when the disk does not take them.
    """
    task = _Task(layout)
    try:
        for table in row_groups(batches, layout.given_schema):
            task.write(table.rename_columns(layout.schema.names))
        return task.finish()
    except OSError as error:
        task.discard()
        raise CommitFailed(
            f"the rows could not be written to {layout.folder}: {error}. Nothing of this batch is visible; "
            "make room or repair the disk and start the query again"
        ) from error
    except BaseException:
        task.discard()
        raise


def staged_reader(folder: TableFolder, files: list[StagedFile], schema: pa.Schema) -> pa.RecordBatchReader:
    """The rows of staged files that hold all columns, file after file."""
    return pa.RecordBatchReader.from_batches(schema, _staged_batches(folder, files, schema))


def _staged_batches(
    folder: TableFolder, files: list[StagedFile], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    filesystem = folder.filesystem()
    for file in files:
        with filesystem.open_input_file(folder.place(file.path)) as opened:
            for batch in pq.ParquetFile(opened).iter_batches():
                yield batch.cast(schema)


class _Task:
    """The files that one write task has open and has finished."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._schema = layout.file_schema
        self._name = f"part-{secrets.token_hex(16)}"
        self._open: dict[str, _OpenFile] = {}
        self._finished: list[StagedFile] = []
        self._filesystem = layout.folder.filesystem()
        self._started: list[str] = []

    def write(self, table: pa.Table) -> None:
        for partition, rows in _by_partition(table, self._layout):
            for piece in self._pieces(partition, rows):
                self._file(partition).write(piece)

    def finish(self) -> StagedFiles:
        while self._open:
            self._close(next(iter(self._open)))
        for folder in {Path(self._layout.folder.place(path)).parent for path in self._started}:
            if self._layout.folder.local is not None:
                sync_folder(folder)
        return StagedFiles(self._finished)

    def discard(self) -> None:
        for file in self._open.values():
            file.give_up()
        _remove(self._layout.folder, self._started)

    def _pieces(self, partition: _Partition, rows: pa.Table) -> Iterator[pa.Table]:
        """The rows cut so that no file exceeds the limit."""
        limit, start = self._layout.max_records, 0
        while start < rows.num_rows:
            held = self._open[partition.folder].rows if partition.folder in self._open else 0
            room = limit - held if limit else rows.num_rows
            if room <= 0:
                self._close(partition.folder)
                continue
            yield rows.slice(start, room)
            start += room

    def _file(self, partition: _Partition) -> _OpenFile:
        file = self._open.pop(partition.folder, None)
        if file is None:
            if len(self._open) >= _OPEN_FILES:
                self._close(next(iter(self._open)))
            file = self._start(partition)
        self._open[partition.folder] = file
        return file

    def _start(self, partition: _Partition) -> _OpenFile:
        layout = self._layout
        suffix = "" if layout.compression == "none" else f".{layout.compression}"
        name = f"{self._name}-c{len(self._started):03d}{suffix}.parquet"
        relative = f"{partition.folder}/{name}" if partition.folder else name
        place = layout.folder.place(relative)
        if layout.folder.local is not None:
            make_folder(Path(place).parent)
        self._started.append(relative)
        stream = self._filesystem.open_output_stream(place)
        synced = Path(place) if layout.folder.local is not None else None
        return _OpenFile(stream, synced, relative, partition.values, self._schema, layout.compression)

    def _close(self, folder: str) -> None:
        self._finished.append(self._open.pop(folder).close())


class _OpenFile:
    """A file that is written; `synced` is its path where it is made durable by itself."""

    def __init__(
        self,
        stream: pa.NativeFile,
        synced: Path | None,
        relative: str,
        partition: dict[str, str | None],
        schema: pa.Schema,
        codec: str,
    ) -> None:
        self._stream = stream
        self._synced = synced
        self._relative = relative
        self._partition = partition
        self._schema = schema
        self._told: list[pq.FileMetaData] = []
        self._unordered: set[str] = set()
        self._writer = pq.ParquetWriter(stream, schema, compression=codec, metadata_collector=self._told)
        self.rows = 0

    def write(self, table: pa.Table) -> None:
        self._writer.write_table(table, row_group_size=max(1, table.num_rows))
        self.rows += table.num_rows
        self._unordered.update(_with_nan(table))

    def close(self) -> StagedFile:
        self._writer.close()
        size = self._stream.tell()
        self._stream.close()
        if self._synced is not None:
            sync_file(self._synced)
        statistics = file_statistics(self._told[-1], self._schema, self._unordered)
        now = time.time_ns() // 1_000_000
        return StagedFile(self._relative, size, self.rows, now, self._partition, statistics)

    def give_up(self) -> None:
        # The file is removed next, whatever is in it.
        with contextlib.suppress(OSError, pa.ArrowException):
            self._writer.close()
            self._stream.close()


def _with_nan(table: pa.Table) -> Iterator[str]:
    """The columns with NaN, which Parquet's least and greatest values leave out and SQL orders last."""
    for one in table.schema:
        is_inside = pa.types.is_struct(one.type) and _holds_floats(one.type)  # not looked into
        if is_inside or (
            pa.types.is_floating(one.type) and pc.any(pc.is_nan(table.column(one.name))).as_py()
        ):
            yield one.name


def _holds_floats(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind):
        return any(_holds_floats(inner.type) for inner in kind)
    return bool(pa.types.is_floating(kind))


@dataclass(frozen=True)
class _Partition:
    folder: str
    values: dict[str, str | None]


def _by_partition(table: pa.Table, layout: Layout) -> Iterator[tuple[_Partition, pa.Table]]:
    names = layout.partition_by
    if not names:
        yield _Partition("", {}), table
        return
    rest = table.drop_columns(list(names))
    numbered = table.select(list(names)).append_column("", pa.array(range(table.num_rows), pa.int64()))
    groups = numbered.group_by(list(names), use_threads=False).aggregate([("", "list")])
    types = [table.schema.field(name).type for name in names]
    for group in groups.to_pylist():
        values = [group[name] for name in names]
        partition = _Partition(
            folder_of(names, values, types, layout.zone),
            {name: partition_text(value) for name, value in zip(names, values, strict=True)},
        )
        yield partition, rest.take(pa.array(group["_list"], pa.int64()))
