"""A stream as a plan leaf holds it, and a reader as the micro-batch loop sees it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from streamcore.errors import CheckpointMismatch, UnsupportedOperationException
from streamcore.spi.capabilities import AdoptsOffsets, DescribesItself
from streamcore.spi.datasource import InputPartition, Offset, is_missing_method
from streamcore.spi.dead_letters import LocatesRecords, with_fields
from streamcore.spi.exactly_once import Guarantee, NotReplayable, guarantee_of
from streamcore.spi.limits import ReadAllAvailable, ReadLimit, SupportsTriggerAvailableNow
from streamcore.spi.metadata_log import SupportsMetadataLog
from streamcore.spi.metrics import ReportsSourceMetrics

if TYPE_CHECKING:
    from streamcore.execution.partitions import ReadsPartitions
    from streamcore.spi.options import Options
    from streamcore.spi.types import StructField, StructType
    from streamcore.storage.contract import Storage


@dataclass(eq=False)
class StreamSource:
    """What `readStream...load()` puts into the plan: enough to make a reader at every start.

    `data_source` is the DataSource object; `name` is the source's name in the checkpoint, or None
    until the query gives it one by position.
    """

    format: str
    data_source: Any
    schema: StructType
    options: Options
    name: str | None = None

    def describe(self) -> str:
        """A short text for progress and explain; never shows secrets."""
        return self.data_source.describe() if isinstance(self.data_source, DescribesItself) else self.format

    def located(self) -> tuple[StreamSource, Sequence[StructField]] | None:
        """See `streamcore.spi.dead_letters.LocatedLeaf`."""
        if not isinstance(self.data_source, LocatesRecords):
            return None
        place = self.data_source.coordinates()
        return replace(self, schema=with_fields(self.schema, place)), place.fields

    def open(self, name: str, metadata: Storage | None) -> SourceReader:
        """A new reader for one run of a query."""
        try:
            reader = self.data_source.streamReader(self.schema)
        except NotImplementedError as missing:
            if not is_missing_method(missing):
                raise
            return _SimpleReader(name, self, self._simple_reader(missing))
        _set_metadata(reader, metadata)
        return _PartitionedReader(name, self, reader)

    def _simple_reader(self, missing: Exception) -> Any:
        try:
            return self.data_source.simpleStreamReader(self.schema)
        except NotImplementedError as error:
            if not is_missing_method(error):
                raise
            raise UnsupportedOperationException(
                f"the data source {self.format!r} cannot be read as a stream"
            ) from missing


def _set_metadata(reader: Any, metadata: Storage | None) -> None:
    if isinstance(reader, SupportsMetadataLog) and metadata is not None:
        reader.set_metadata(metadata)


class SourceReader(Protocol):
    """One source of one run of a query."""

    name: str
    source: StreamSource

    @property
    def guarantee(self) -> Guarantee:
        """EXACTLY_ONCE when the reader declares that an offset range can be read again."""

    @property
    def declines_replay(self) -> bool:
        """Whether the reader declares that an offset range cannot be read again."""

    def initial_offset(self) -> Offset:
        """Where a query without a checkpoint starts."""

    def check_adopted(self, offset: Offset) -> None:
        """Raises CheckpointMismatch when the source cannot go on from an offset that Spark logged."""

    def next_end(self, start: Offset, limit: ReadLimit) -> Offset:
        """The end of the next batch; equal to `start` when there is nothing."""

    def default_limit(self) -> ReadLimit:
        """The limit that the options ask for."""

    def newest_offset(self) -> Offset | None:
        """The newest offset there is, for progress."""

    def metrics(self, consumed: Offset) -> Mapping[str, str]:
        """How the source stands when everything up to `consumed` has been read, for progress."""

    def prepare_available_now(self) -> bool:
        """Fixes today's end; False when the reader cannot, and the loop must do it."""

    def partitions(self, start: Offset, end: Offset) -> Sequence[InputPartition]:
        """The parts of an offset range."""

    @property
    def of_partitions(self) -> ReadsPartitions:
        """What tasks read the parts with."""

    def commit(self, end: Offset) -> None:
        """Everything up to `end` is committed."""

    def stop(self) -> None:
        """Frees what the reader holds."""


@dataclass
class _PartitionedReader:
    """A DataSourceStreamReader."""

    name: str
    source: StreamSource
    reader: Any
    _takes_limit: bool = field(init=False)

    def __post_init__(self) -> None:
        self._takes_limit = len(inspect.signature(self.reader.latestOffset).parameters) >= 2

    @property
    def guarantee(self) -> Guarantee:
        return guarantee_of(self.reader)

    @property
    def declines_replay(self) -> bool:
        return isinstance(self.reader, NotReplayable)

    def initial_offset(self) -> Offset:
        offset: Offset = self.reader.initialOffset()
        return offset

    def check_adopted(self, offset: Offset) -> None:
        if not isinstance(self.reader, AdoptsOffsets):
            raise _not_adopted(self.source.format, offset)
        self.reader.check_adopted(offset)

    def next_end(self, start: Offset, limit: ReadLimit) -> Offset:
        if self._takes_limit:
            limited: Offset = self.reader.latestOffset(start, limit)
            return limited
        newest: Offset = self.reader.latestOffset()
        return newest

    def default_limit(self) -> ReadLimit:
        default = getattr(self.reader, "getDefaultReadLimit", None)
        return default() if default else ReadAllAvailable()

    def newest_offset(self) -> Offset | None:
        report = getattr(self.reader, "reportLatestOffset", None)
        return report() if report else None

    def metrics(self, consumed: Offset) -> Mapping[str, str]:
        return self.reader.metrics(consumed) if isinstance(self.reader, ReportsSourceMetrics) else {}

    def prepare_available_now(self) -> bool:
        return _prepare_available_now(self.reader)

    def partitions(self, start: Offset, end: Offset) -> Sequence[InputPartition]:
        parts: Sequence[InputPartition] = self.reader.partitions(start, end)
        return parts

    @property
    def of_partitions(self) -> ReadsPartitions:
        reader: ReadsPartitions = self.reader
        return reader

    def commit(self, end: Offset) -> None:
        self.reader.commit(end)

    def stop(self) -> None:
        self.reader.stop()


def _not_adopted(format_name: str, offset: Offset) -> CheckpointMismatch:
    return CheckpointMismatch(
        f"a source of the format {format_name!r} cannot go on from the offset {offset} of the adopted "
        "checkpoint: read what the Spark query read, or start with a new checkpoint"
    )


def _prepare_available_now(reader: Any) -> bool:
    supports = isinstance(reader, SupportsTriggerAvailableNow) or hasattr(
        reader, "prepareForTriggerAvailableNow"
    )
    if supports:
        reader.prepareForTriggerAvailableNow()
    return supports


class _Range(InputPartition):
    """An offset range of a simple reader, read in the driver."""

    def __init__(self, start: Offset, end: Offset) -> None:
        super().__init__((start, end))


class _SimpleReader:
    """A SimpleDataSourceStreamReader: what it read while looking for the end is kept for the batch."""

    def __init__(self, name: str, source: StreamSource, reader: Any) -> None:
        self.name = name
        self.source = source
        self._reader = reader
        self._ahead: tuple[Offset, Offset, list[Any]] | None = None

    @property
    def guarantee(self) -> Guarantee:
        return guarantee_of(self._reader)

    @property
    def declines_replay(self) -> bool:
        return isinstance(self._reader, NotReplayable)

    def initial_offset(self) -> Offset:
        offset: Offset = self._reader.initialOffset()
        return offset

    def check_adopted(self, offset: Offset) -> None:
        raise _not_adopted(self.source.format, offset)

    def next_end(self, start: Offset, limit: ReadLimit) -> Offset:
        if self._ahead is None or self._ahead[0] != start:
            rows, end = self._reader.read(start)
            if end == start:
                return start
            self._ahead = (start, end, list(rows))
        return self._ahead[1]

    def default_limit(self) -> ReadLimit:
        return ReadAllAvailable()

    def newest_offset(self) -> Offset | None:
        return None

    def metrics(self, consumed: Offset) -> Mapping[str, str]:
        return {}

    def prepare_available_now(self) -> bool:
        return _prepare_available_now(self._reader)

    def partitions(self, start: Offset, end: Offset) -> Sequence[InputPartition]:
        return [] if start == end else [_Range(start, end)]

    @property
    def of_partitions(self) -> ReadsPartitions:
        return self

    def __getstate__(self) -> dict[str, Any]:
        # Elsewhere the range is read once more.
        return {**self.__dict__, "source": None, "_ahead": None}

    def read(self, partition: InputPartition) -> Iterator[Any]:
        start, end = partition.value
        if self._ahead is not None and self._ahead[:2] == (start, end):
            return iter(self._ahead[2])
        rows: Iterator[Any] = self._reader.readBetweenOffsets(start, end)
        return rows

    def commit(self, end: Offset) -> None:
        self._reader.commit(end)

    def stop(self) -> None:
        stop = getattr(self._reader, "stop", None)
        if stop is not None:
            stop()
