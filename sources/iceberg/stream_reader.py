"""The streaming reader of Iceberg tables: the table as it is at the start, then what is appended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException
from streamcore.iceberg.failures import unavailable
from streamcore.iceberg.schemas import struct_of
from streamcore.sources.iceberg.lineage import (
    NO_SNAPSHOT,
    Commit,
    Position,
    ancestry,
    first_since,
    has_new_rows,
    position_of,
    to_read,
)
from streamcore.sources.iceberg.partition import IcebergPartition, Opened, without_history
from streamcore.sources.iceberg.planning import (
    added_files,
    commits_of,
    files_between,
    next_position,
    packed,
    whole_table,
)
from streamcore.sources.iceberg.settings import FilesAndRows
from streamcore.spi.datasource import DataSourceStreamReader, InputPartition, Offset
from streamcore.spi.exactly_once import Replayable
from streamcore.spi.limits import ReadLimit, ReadMaxFiles, ReadMaxRows, SupportsTriggerAvailableNow

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.table import FileScanTask, Table

    from streamcore.sources.iceberg.settings import StreamSettings
    from streamcore.sources.iceberg.tables import OpenTable
    from streamcore.spi.types import StructType


class IcebergStreamReader(DataSourceStreamReader, SupportsTriggerAvailableNow, Replayable):
    """Reads the snapshots of a table in their order; a range gives the same rows until they expire."""

    def __init__(self, opened: OpenTable, settings: StreamSettings, schema: StructType) -> None:
        self._opened: OpenTable | None = opened
        self._settings = settings
        self._schema = schema
        self._place = str(opened.place)
        self._split_bytes = opened.place.split_bytes
        self._files: dict[tuple[int, bool], list[FileScanTask]] = {}
        self._ceiling: int | None = None
        self._is_fixed = False

    def __getstate__(self) -> dict[str, Any]:
        # What is sent to a worker reads partitions only.
        return {}

    def initialOffset(self) -> Offset:
        table = self._refreshed()
        since = self._settings.from_ms
        if since is not None:
            return first_since(self._line(table), since, self._place).to_json()
        head = table.metadata.current_snapshot_id
        if head is None:
            return Position(NO_SNAPSHOT, 0, whole=False, done=True).to_json()
        return Position(head, 0, whole=True, done=False).to_json()

    def getDefaultReadLimit(self) -> ReadLimit:
        return self._settings.limit

    def prepareForTriggerAvailableNow(self) -> None:
        self._ceiling = self._refreshed().metadata.current_snapshot_id
        self._is_fixed = True

    def latestOffset(self, start: Offset, limit: ReadLimit) -> Offset:
        table = self._refreshed()
        self._require_same_columns(table)
        begin = position_of(start)
        found = next_position(begin, self._with_rows(table, begin), self._files_of(table), _limit(limit))
        return found.to_json() if found != begin else start

    def reportLatestOffset(self) -> Offset | None:
        if self._opened is None:
            return None
        head = self._opened.table.metadata.current_snapshot_id
        return None if head is None else Position(head, 0, whole=False, done=True).to_json()

    def partitions(self, start: Offset, end: Offset) -> Sequence[InputPartition]:
        begin, stop = position_of(start), position_of(end)
        if begin == stop:
            return []
        table = self._table
        if stop.snapshot_id not in commits_of(table):
            table = self._refreshed()
        line = ancestry(commits_of(table), stop.snapshot_id)
        commits = self._that_add_rows(to_read(line, begin, self._place), begin)
        tasks = files_between(begin, stop, commits, self._files_of(table))
        opened = Opened(
            without_history(table.metadata), table.io, self._wanted(table), self._schema, self._place
        )
        return [IcebergPartition(tuple(part), opened) for part in packed(tasks, self._split_bytes)]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        assert isinstance(partition, IcebergPartition)
        return partition.read()

    def commit(self, end: Offset) -> None:
        done = position_of(end).snapshot_id
        self._files = {key: files for key, files in self._files.items() if key[0] == done}

    def stop(self) -> None:
        if self._opened is not None:
            self._opened.close()

    @property
    def _table(self) -> Table:
        assert self._opened is not None
        return self._opened.table

    def _refreshed(self) -> Table:
        table = self._table
        try:
            return table.refresh()
        except Exception as error:
            assert self._opened is not None
            if self._opened.place.address is None:
                raise
            raise unavailable(error, self._opened.place.address) from None

    def _line(self, table: Table) -> list[Commit]:
        head = self._ceiling if self._is_fixed else table.metadata.current_snapshot_id
        return ancestry(commits_of(table), head)

    def _with_rows(self, table: Table, start: Position) -> list[Commit]:
        line = self._line(table)
        if self._is_fixed and start.snapshot_id not in {commit.snapshot_id for commit in line}:
            newest = ancestry(commits_of(table), table.metadata.current_snapshot_id)
            if start.snapshot_id in {commit.snapshot_id for commit in newest}:
                return []  # the checkpoint is ahead of the end that was fixed
        return self._that_add_rows(to_read(line, start, self._place), start)

    def _that_add_rows(self, commits: list[Commit], start: Position) -> list[Commit]:
        skips = {
            "skip_deletes": self._settings.skip_deletes,
            "skip_overwrites": self._settings.skip_overwrites,
        }
        return [
            commit
            for commit in commits
            if (commit.snapshot_id == start.snapshot_id and start.whole)
            or has_new_rows(commit, self._place, **skips)
        ]

    def _files_of(self, table: Table) -> Any:
        def files(snapshot_id: int, whole: bool) -> list[FileScanTask]:
            key = (snapshot_id, whole)
            if key not in self._files:
                find = whole_table if whole else added_files
                self._files[key] = find(table, snapshot_id, self._place)
            return self._files[key]

        return files

    def _require_same_columns(self, table: Table) -> None:
        """Columns that were added since are left out until the next start; others must be as they were."""
        now = {field.name: field for field in struct_of(table.schema()).fields}
        for field in self._schema.fields:
            found = now.get(field.name)
            if found is None or found.dataType != field.dataType:
                became = "gone" if found is None else f"of the type {found.dataType.simpleString()}"
                raise AnalysisException(
                    f"the column {field.name!r} of {self._place} was {field.dataType.simpleString()} when "
                    f"the stream began, and is {became} now: start the query again, to read the table with "
                    "its columns of today"
                )

    def _wanted(self, table: Table) -> Any:
        from pyiceberg.schema import Schema

        found = {field.name: field for field in table.schema().fields}
        return Schema(*[found[field.name] for field in self._schema.fields])


def _limit(limit: ReadLimit) -> FilesAndRows | None:
    if isinstance(limit, FilesAndRows):
        return limit
    if isinstance(limit, ReadMaxFiles):
        return FilesAndRows(limit.max_files, None)
    if isinstance(limit, ReadMaxRows):
        return FilesAndRows(None, limit.max_rows)
    return None
