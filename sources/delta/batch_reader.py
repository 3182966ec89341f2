"""The batch readers of a Delta table: one version of it, and its changes in a range of versions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from streamcore.delta.history import version_at, version_from
from streamcore.delta.log import read_commit, versions
from streamcore.delta.snapshot import add_actions, files_of, require_known, require_readable
from streamcore.errors import AnalysisException
from streamcore.sources.delta.changes import changed_files, require_change_feed
from streamcore.sources.delta.files import ReadFile, partitions_of
from streamcore.sources.delta.partition import DeltaInputPartition, read_partition
from streamcore.sources.delta.pruning import may_hold
from streamcore.spi.datasource import DataSourceReader, Filter, InputPartition

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable

    from streamcore.delta.folder import TableFolder
    from streamcore.sources.delta.settings import BatchSettings, Moment
    from streamcore.spi.types import StructType


class _Reader(DataSourceReader):
    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        assert isinstance(partition, DeltaInputPartition)
        return read_partition(partition)


class DeltaReader(_Reader):
    """Reads one version; files that by their statistics hold no row of a filter are left out."""

    def __init__(self, settings: BatchSettings, schema: StructType) -> None:
        self._settings = settings
        self._schema = schema
        self._filters: list[Filter] = []

    def pushFilters(self, filters: list[Filter]) -> Iterable[Filter]:
        self._filters = list(filters)
        return filters

    def partitions(self) -> Sequence[InputPartition]:
        folder = self._settings.folder
        table = table_as_of(folder, self._settings.as_of)
        require_readable(table, folder)
        partition_by = table.metadata().partition_columns
        actions = add_actions(table)
        found = files_of(actions.filter(may_hold(actions, self._filters, partition_by)), partition_by)
        files = [ReadFile(one.path, one.size, one.partition) for one in found]
        return partitions_of(folder, self._schema, files)


class DeltaChangesReader(_Reader):
    """Reads the changes of a range of versions, both ends included."""

    def __init__(self, settings: BatchSettings, schema: StructType) -> None:
        self._settings = settings
        self._schema = schema

    def partitions(self) -> Sequence[InputPartition]:
        settings = self._settings
        table = settings.folder.handle()
        require_known(table, settings.folder)
        require_change_feed(table.metadata().configuration, settings.folder)
        first, last = self._range(table.version())
        files: list[ReadFile] = []
        for version in range(first, last + 1):
            commit = read_commit(settings.folder.log, version)
            if commit is None:
                raise _no_version(version, settings.folder, table.version())
            files += changed_files(commit, settings.folder, self._schema)
        return partitions_of(settings.folder, self._schema, files)

    def _range(self, newest: int) -> tuple[int, int]:
        settings = self._settings
        first = last = newest
        if settings.first is not None:
            first = _version(settings.first, settings.folder, is_start=True)
        if settings.last is not None:
            last = min(_version(settings.last, settings.folder, is_start=False), newest)
        if first > newest:
            raise AnalysisException(
                f"[DELTA_CDC_START_VERSION_AFTER_LATEST] Start version {first} for change data feed exceeds "
                f"the latest table version {newest}. SQLSTATE: 22003"
            )
        if last < first:
            raise AnalysisException(
                f"[DELTA_INVALID_CDC_RANGE] CDC range from start {first} to end {last} was invalid. End "
                "cannot be before start. SQLSTATE: 22003"
            )
        return first, last


def table_as_of(folder: TableFolder, moment: Moment | None) -> DeltaTable:
    """The table at a moment, the newest for None; AnalysisException when there is no such version."""
    from deltalake.exceptions import DeltaError

    if moment is None:
        return folder.handle()
    version = _version(moment, folder, is_start=False)
    newest = folder.handle().version()
    if version > newest:
        raise _no_version(version, folder, newest)
    try:
        return folder.handle(version)
    except DeltaError:
        raise _no_version(version, folder, newest) from None


def _version(moment: Moment, folder: TableFolder, *, is_start: bool) -> int:
    if moment.version is not None:
        return moment.version
    find = version_from if is_start else version_at
    return find(folder, moment.instant_ms or 0)


def _no_version(version: int, folder: TableFolder, newest: int) -> AnalysisException:
    found = versions(folder.log)
    return AnalysisException(
        f"[DELTA_VERSION_NOT_FOUND] Cannot time travel Delta table to version {version}. Available "
        f"versions: [{found[0] if found else 0}, {newest}]. SQLSTATE: 22003"
    )
