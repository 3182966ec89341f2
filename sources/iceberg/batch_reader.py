"""The batch reader of Iceberg tables: one snapshot, the files that filters leave of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from streamcore.errors import AnalysisException
from streamcore.sources.iceberg.filters import expression
from streamcore.sources.iceberg.lineage import ancestry, has_new_rows
from streamcore.sources.iceberg.partition import IcebergPartition, Opened, without_history
from streamcore.sources.iceberg.planning import added_files, commits_of, packed, whole_table
from streamcore.spi.datasource import DataSourceReader, Filter, InputPartition

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.schema import Schema
    from pyiceberg.table import FileScanTask, Table

    from streamcore.sources.iceberg.settings import Moment
    from streamcore.sources.iceberg.tables import OpenTable
    from streamcore.spi.types import StructType


class IcebergReader(DataSourceReader):
    """Reads the table as of a moment, or what was appended between two snapshots."""

    def __init__(self, opened: OpenTable, moment: Moment, schema: StructType) -> None:
        self._opened = opened
        self._moment = moment
        self._schema = schema
        self._filters: list[Filter] = []

    def pushFilters(self, filters: list[Filter]) -> Iterable[Filter]:
        """Takes filters to leave files out by; all come back, since rows are filtered by the engine."""
        self._filters = list(filters)
        return filters

    def partitions(self) -> Sequence[InputPartition]:
        table = self._opened.table
        place = str(self._opened.place)
        found = {field.name: field for field in schema_at(table, self._moment).fields}
        wanted = _schema([found[field.name] for field in self._schema.fields])
        opened = Opened(without_history(table.metadata), table.io, wanted, self._schema, place)
        try:
            tasks = self._tasks(table, place)
        finally:
            self._opened.close()
        return [
            IcebergPartition(tuple(part), opened) for part in packed(tasks, self._opened.place.split_bytes)
        ]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        assert isinstance(partition, IcebergPartition)
        return partition.read()

    def _tasks(self, table: Table, place: str) -> list[FileScanTask]:
        moment = self._moment
        if moment.start_id is not None:
            return _appended(table, moment.start_id, moment.end_id, place)
        snapshot_id = snapshot_at(table, moment, place)
        if snapshot_id is None:
            return []
        return whole_table(table, snapshot_id, place, expression(self._filters, table.schema()))


def snapshot_at(table: Table, moment: Moment, place: str) -> int | None:
    """The snapshot that is read; AnalysisException where there is none such."""
    if moment.snapshot_id is not None:
        if table.snapshot_by_id(moment.snapshot_id) is None:
            raise AnalysisException(f"Cannot find snapshot with ID {moment.snapshot_id} in {place}")
        return moment.snapshot_id
    if moment.timestamp_ms is not None:
        found = table.snapshot_as_of_timestamp(moment.timestamp_ms)
        if found is None:
            raise AnalysisException(f"Cannot find a snapshot of {place} older than {moment.timestamp_ms}")
        return found.snapshot_id
    if moment.ref is not None:
        ref = table.refs().get(moment.ref)
        if ref is None:
            known = ", ".join(sorted(table.refs())) or "none"
            raise AnalysisException(
                f"Cannot find the branch or tag {moment.ref!r} in {place}; there are {known}"
            )
        return ref.snapshot_id
    return table.metadata.current_snapshot_id


def schema_at(table: Table, moment: Moment) -> Schema:
    """The columns of the table; those of a snapshot where one is named, as in Spark."""
    if moment.snapshot_id is None and moment.timestamp_ms is None:
        return table.schema()
    snapshot_id = snapshot_at(table, moment, "the table")
    snapshot = None if snapshot_id is None else table.snapshot_by_id(snapshot_id)
    schemas: dict[int, Any] = table.schemas()
    found: Schema = schemas.get(
        -1 if snapshot is None or snapshot.schema_id is None else snapshot.schema_id, table.schema()
    )
    return found


def _schema(fields: list[Any]) -> Schema:
    from pyiceberg.schema import Schema

    return Schema(*fields)


def _appended(table: Table, start_id: int, end_id: int | None, place: str) -> list[FileScanTask]:
    commits = commits_of(table)
    line = ancestry(commits, table.metadata.current_snapshot_id if end_id is None else end_id)
    ids = [commit.snapshot_id for commit in line]
    if start_id not in ids:
        raise AnalysisException(f"the snapshot {start_id} (start-snapshot-id) is no ancestor in {place}")
    later = line[ids.index(start_id) + 1 :]
    adding = [c for c in later if has_new_rows(c, place, skip_deletes=False, skip_overwrites=False)]
    return [task for commit in adding for task in added_files(table, commit.snapshot_id, place)]
