"""Write tasks: rows into data files that are durable, and that nobody takes for data yet."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from streamcore.errors import CommitFailed
from streamcore.sinks.files.partitions import split_by_partition
from streamcore.sinks.row_groups import row_groups
from streamcore.spi.datasource import WriterCommitMessage
from streamcore.spi.file_manifest import staged_path
from streamcore.storage.publish import make_folder, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamcore.sinks.files.formats import Encoder, FileFormat

_OPEN_FILES = 100


@dataclass(frozen=True)
class StagedFile:
    """A whole data file: its final path below the output folder, its size in bytes and its rows."""

    path: str
    bytes: int
    rows: int


@dataclass
class StagedFiles(WriterCommitMessage):
    """What one write task staged."""

    files: tuple[StagedFile, ...]


@dataclass(frozen=True)
class Layout:
    """What write tasks need to know; pickles.

    `where` names the folder to which the files belong, in messages; in `staging` they wait.  Names start
    with `prefix`, which names the writer.
    """

    where: str
    staging: Path
    prefix: str
    schema: pa.Schema
    file_format: FileFormat
    partition_by: tuple[str, ...]
    max_records: int
    zone: dt.tzinfo = dt.UTC
    cluster_by: tuple[str, ...] = ()

    @property
    def file_schema(self) -> pa.Schema:
        """The columns that are in the files; the others are in their folders' names."""
        return pa.schema([field for field in self.schema if field.name not in self.partition_by])


def stage(batches: Iterator[pa.RecordBatch], layout: Layout) -> StagedFiles:
    """Writes the rows of one task and syncs them; leaves nothing behind when it fails.

    Raises CommitFailed when the disk does not take them.
    """
    with _task(layout) as task:
        for table in row_groups(batches, layout.schema):
            task.write(_clustered(table, layout.cluster_by))
        return task.finish()


def _clustered(table: pa.Table, columns: tuple[str, ...]) -> pa.Table:
    """The rows with like values together, so that readers can leave parts of a file out."""
    return table.sort_by([(name, "ascending") for name in columns]) if columns else table


def stage_no_rows(layout: Layout) -> StagedFiles:
    """Writes a file without rows, which tells of the columns; raises as `stage` does."""
    with _task(layout) as task:
        task.begin("")
        return task.finish()


@contextlib.contextmanager
def _task(layout: Layout) -> Iterator[_Task]:
    task = _Task(layout)
    try:
        yield task
    except OSError as error:
        task.discard()
        raise CommitFailed(
            f"the rows could not be written to {layout.where}: {error}. Nothing of this batch is visible; "
            f"{_way_out(error)}"
        ) from error
    except BaseException:
        task.discard()
        raise


def _way_out(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return (
            "the folder was removed while it was written to: if another run of this query has taken over, "
            "let that one go on alone; if not, start the query again"
        )
    return "make room or repair the disk and start the query again"


def staged_place(staging: Path, path: str) -> Path:
    """Where the file that belongs to `path` waits."""
    return staging / Path(staged_path(path)).name


class _Task:
    """The files that one write task has open and has finished."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._schema = layout.file_schema
        self._name = f"{layout.prefix}-{secrets.token_hex(8)}"
        self._open: dict[str, _OpenFile] = {}
        self._finished: list[StagedFile] = []
        self._started: list[Path] = []

    def write(self, table: pa.Table) -> None:
        for folder, rows in split_by_partition(table, self._layout.partition_by, self._layout.zone):
            for piece in self._pieces(folder, rows):
                self.begin(folder).write(piece)

    def finish(self) -> StagedFiles:
        while self._open:
            self._close(next(iter(self._open)))
        if self._started:
            sync_folder(self._layout.staging)
        return StagedFiles(tuple(self._finished))

    def discard(self) -> None:
        for file in self._open.values():
            file.give_up()
        for path in self._started:
            path.unlink(missing_ok=True)

    def _pieces(self, folder: str, rows: pa.Table) -> Iterator[pa.Table]:
        """The rows cut so that no file exceeds `max_records`; full files are closed between pieces."""
        limit = self._layout.max_records
        start = 0
        while start < rows.num_rows:
            room = limit - self._rows_in(folder) if limit else rows.num_rows
            if room <= 0:
                self._close(folder)
                continue
            yield rows.slice(start, room)
            start += room

    def _rows_in(self, folder: str) -> int:
        return self._open[folder].rows if folder in self._open else 0

    def begin(self, folder: str) -> _OpenFile:
        """The open file for rows of a relative folder."""
        file = self._open.pop(folder, None)
        if file is None:
            if len(self._open) >= _OPEN_FILES:
                self._close(next(iter(self._open)))
            file = self._start(folder)
        self._open[folder] = file  # the last used is the last to be closed for want of room
        return file

    def _start(self, folder: str) -> _OpenFile:
        layout = self._layout
        name = f"{self._name}-c{len(self._started):03d}{layout.file_format.suffix}"
        place = staged_place(layout.staging, name)
        make_folder(layout.staging)
        self._started.append(place)
        encoder = layout.file_format.encoder(str(place), self._schema)
        return _OpenFile(place, f"{folder}/{name}" if folder else name, encoder)

    def _close(self, folder: str) -> None:
        self._finished.append(self._open.pop(folder).close())


class _OpenFile:
    def __init__(self, path: Path, relative: str, encoder: Encoder) -> None:
        self._path = path
        self._relative = relative
        self._encoder = encoder
        self.rows = 0

    def write(self, table: pa.Table) -> None:
        self._encoder.write(table)
        self.rows += table.num_rows

    def close(self) -> StagedFile:
        self._encoder.close()
        return StagedFile(self._relative, sync_file(self._path), self.rows)

    def give_up(self) -> None:
        # The file is removed next, whatever is in it.
        with contextlib.suppress(OSError, pa.ArrowException):
            self._encoder.close()


def sync_file(path: Path) -> int:
    """Makes a written file durable; returns its size in bytes."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
        return os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)
