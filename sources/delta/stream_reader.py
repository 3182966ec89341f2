"""The streaming reader of a Delta table: its first version as it is, then what each commit adds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from streamcore.delta.history import version_from
from streamcore.delta.snapshot import require_known
from streamcore.errors import AnalysisException
from streamcore.sources.delta.changes import require_change_feed
from streamcore.sources.delta.files import partitions_of
from streamcore.sources.delta.offsets import Position, to_offset, to_position
from streamcore.sources.delta.partition import DeltaInputPartition, read_partition
from streamcore.sources.delta.walking import History
from streamcore.spi.datasource import DataSourceStreamReader, InputPartition, Offset
from streamcore.spi.exactly_once import Replayable
from streamcore.spi.limits import (
    ReadAllAvailable,
    ReadLimit,
    ReadMaxBytes,
    ReadMaxFiles,
    SupportsTriggerAvailableNow,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from streamcore.sources.delta.settings import StreamSettings
    from streamcore.spi.types import StructType


class DeltaStreamReader(DataSourceStreamReader, SupportsTriggerAvailableNow, Replayable):
    """Offsets are Delta's own; the same range gives the same rows until log or files are cleaned up."""

    def __init__(self, settings: StreamSettings, schema: StructType) -> None:
        self._settings = settings
        self._schema = schema
        self._history = History(settings, schema)
        self._table_id: str | None = None
        self._ceiling: int | None = None

    def __getstate__(self) -> dict[str, Any]:
        # What is sent to a worker reads partitions only.
        return {}

    def initialOffset(self) -> Offset:
        settings = self._settings
        table = settings.folder.handle()
        if settings.reads_changes:
            require_change_feed(table.metadata().configuration, settings.folder)
        newest = table.version()
        if settings.starts_at_end:
            return self._offset(Position(newest + 1))
        if settings.first is None:
            return self._offset(Position(newest, is_start=True))
        if settings.first.version is None:
            return self._offset(Position(version_from(settings.folder, settings.first.instant_ms or 0)))
        first = settings.first.version
        if first > newest + 1:
            raise AnalysisException(
                f"[DELTA_VERSION_NOT_FOUND] Cannot time travel Delta table to version {first}. Available "
                f"versions: [0, {newest}]. SQLSTATE: 22003"
            )
        return self._offset(Position(first))

    def getDefaultReadLimit(self) -> ReadLimit:
        return ReadMaxFiles(self._settings.max_files)

    def prepareForTriggerAvailableNow(self) -> None:
        self._ceiling = self._settings.folder.handle().version()

    def latestOffset(self, start: Offset, limit: ReadLimit) -> Offset:
        begin = self._position(start)
        most_files, most_bytes = _limits(limit, self._settings)
        position, files, size = begin, 0, 0
        for step in self._history.steps(begin, self._ceiling):
            if step.file is not None:
                is_full = most_files is not None and files >= most_files
                is_large = most_bytes is not None and files > 0 and size + step.file.size > most_bytes
                if is_full or is_large:
                    break
                files += 1
                size += step.file.size
            position = step.position
        return start if position == begin else self._offset(position)

    def partitions(self, start: Offset, end: Offset) -> Sequence[InputPartition]:
        files = self._history.between(self._position(start), self._position(end))
        return partitions_of(self._settings.folder, self._schema, files)

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        assert isinstance(partition, DeltaInputPartition)
        return read_partition(partition)

    def _offset(self, position: Position) -> Offset:
        return to_offset(position, self._id())

    def _position(self, offset: Offset) -> Position:
        return to_position(offset, self._id())

    def _id(self) -> str:
        if self._table_id is None:
            table = self._settings.folder.handle()
            require_known(table, self._settings.folder)
            self._table_id = str(table.metadata().id)
        return self._table_id


def _limits(limit: ReadLimit, settings: StreamSettings) -> tuple[int | None, int | None]:
    """The most files and bytes of a batch."""
    if isinstance(limit, ReadAllAvailable):
        return None, None
    if isinstance(limit, ReadMaxBytes):
        return None, limit.max_bytes
    if isinstance(limit, ReadMaxFiles):
        return limit.max_files, settings.max_bytes
    return settings.max_files, settings.max_bytes
