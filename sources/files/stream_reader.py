"""The streaming reader of files: each file that appears is read once, in a replayable micro-batch."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from streamcore.errors import CheckpointMismatch
from streamcore.sources.files.cleaning import Keep, clean_all
from streamcore.sources.files.file_log import FileLog, LoggedFile
from streamcore.sources.files.folder_watch import FolderWatch
from streamcore.sources.files.listing import (
    FoundFile,
    Place,
    list_files,
    must_be_listed,
    require_parents,
    roots_of,
)
from streamcore.sources.files.options import StreamOptions
from streamcore.sources.files.partition import FileInputPartition, read_files
from streamcore.sources.files.selection import in_order, new_enough, take
from streamcore.sources.files.table import FileTable
from streamcore.spi.datasource import DataSourceStreamReader, InputPartition, Offset
from streamcore.spi.exactly_once import Replayable
from streamcore.spi.limits import ReadAllAvailable, ReadLimit, SupportsTriggerAvailableNow
from streamcore.spi.metadata_log import MetadataStorage

if TYPE_CHECKING:
    import pyarrow as pa

# A stream reads a file once, so one that is still being written must wait; batches read it, as in Spark.
_IN_FLIGHT: Final = (".tmp", ".inprogress")


class FileStreamReader(DataSourceStreamReader, SupportsTriggerAvailableNow, Replayable):
    """Offset N stands for the entries 0 to N of the reader's log; -1 for none."""

    def __init__(self, place: Place, table: FileTable, options: StreamOptions) -> None:
        self._place = place
        self._table = table
        self._options = options
        self._log = FileLog()
        self._seen: set[str] = set()
        self._waiting: list[FoundFile] = []
        self._fixed = False
        self._cleaned: int | None = None
        self._watch = FolderWatch()
        require_parents(place)

    def __getstate__(self) -> dict[str, Any]:
        # What is sent to a worker reads partitions only.
        return {}

    def set_metadata(self, storage: MetadataStorage) -> None:
        """Takes the folder of the checkpoint that keeps the log."""
        self._log = FileLog(storage)
        if not self._options.name_only:
            _refuse_another_place(self._log, self._place, storage)
        self._seen = {self._key(path) for path in self._log.paths()}

    def check_adopted(self, offset: Offset) -> None:
        """See `AdoptsOffsets`; that the files lie under the source's path is seen when the log is taken."""
        self._log.require(_entry(offset))

    def _key(self, path: str) -> str:
        return os.path.basename(path) if self._options.name_only else path  # noqa: PTH119 - 100,000 times

    def initialOffset(self) -> Offset:
        return {"logOffset": -1}

    def getDefaultReadLimit(self) -> ReadLimit:
        return self._options.limit

    def prepareForTriggerAvailableNow(self) -> None:
        self._waiting = self._look()
        self._fixed = True

    def latestOffset(self, start: Offset, limit: ReadLimit) -> Offset:
        position = _entry(start)
        self._log.require(position)
        if position < self._log.last and not isinstance(limit, ReadAllAvailable):
            # An earlier run logged these files and stopped before the engine logged the batch.
            return {"logOffset": position + 1}
        if not self._fixed and (not self._waiting or self._options.latest_first):
            self._waiting = self._look()
        count = take(self._waiting, limit)
        if count:
            self._log_files(self._waiting[:count])
            self._waiting = self._waiting[count:]
        return {"logOffset": max(position, self._log.last)}

    def _look(self) -> list[FoundFile]:
        if not self._waiting and self._watch.unchanged() and not must_be_listed(self._place):
            return []
        self._watch.start()
        found = list_files(self._place, self._is_no_news, self._watch.visit)
        fresh = {self._key(file.path): file for file in reversed(found)}
        young = new_enough(list(fresh.values()), self._log.newest_ms, self._options.max_age_ms)
        return in_order(young, latest_first=self._options.latest_first)

    def _is_no_news(self, path: str) -> bool:
        return path.endswith(_IN_FLIGHT) or self._key(path) in self._seen

    def _log_files(self, files: Sequence[FoundFile]) -> None:
        number = self._log.last + 1
        self._log.append([LoggedFile(f.path, f.base, f.size, f.modified_ms, number) for f in files])
        self._seen.update(self._key(file.path) for file in files)

    def reportLatestOffset(self) -> Offset | None:
        return {"logOffset": self._log.last}

    def partitions(self, start: Offset, end: Offset) -> Sequence[InputPartition]:
        return self._table.partitions(self._log.files_between(_entry(start), _entry(end)))

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        assert isinstance(partition, FileInputPartition)
        return read_files(partition)

    def commit(self, end: Offset) -> None:
        committed = _entry(end)
        if not isinstance(self._options.cleaner, Keep) and committed >= 0:
            first = committed - 1 if self._cleaned is None else self._cleaned
            done = self._log.files_between(first, committed) if first < committed else []
            clean_all(self._options.cleaner, [file.path for file in done])
            self._cleaned = committed
        age = self._options.max_age_ms
        self._log.compact(committed, 0 if age is None else self._log.newest_ms - age)


def _entry(offset: Offset) -> int:
    number = offset.get("logOffset")
    if not isinstance(number, int):
        raise CheckpointMismatch(
            f"the checkpoint's offset {offset} is not one of a file source: the query read another kind of "
            "source. Start it with a new checkpoint, or restore the source as it was"
        )
    return number


def _refuse_another_place(log: FileLog, place: Place, storage: MetadataStorage) -> None:
    """Files are known by their paths: in a folder that was moved, all would be taken for new ones."""
    roots = tuple(root.rstrip("/") for root in roots_of(place))
    logged = next(log.paths(), None)
    if logged is None or any(
        path == root or path.startswith(f"{root}/") for path in log.paths() for root in roots
    ):
        return
    raise CheckpointMismatch(
        f"the query has read {logged} and other files, of which none is under {', '.join(place.paths)}: "
        f"{storage.location} knows files by their paths, and would read again what was moved. Read them "
        "under the path that they had (a symbolic link does), or set the option fileNameOnly=true when they "
        "are the same files under the same names, or start the query with a new checkpoint"
    )
