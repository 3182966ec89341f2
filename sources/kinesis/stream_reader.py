"""The streaming reader of Kinesis."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from streamcore.kinesis.patience import asked, code_of, refused
from streamcore.sources.kinesis.aggregated import apart
from streamcore.sources.kinesis.columns import record_batch
from streamcore.sources.kinesis.offsets import Position, Positions, from_offset, to_offset
from streamcore.sources.kinesis.partition import KinesisInputPartition, ShardRange, in_pieces, read_again
from streamcore.sources.kinesis.prefetch import Prefetch
from streamcore.sources.kinesis.settings import LATEST, KinesisSettings
from streamcore.sources.kinesis.shards import Shard, at_the_end_of_all, gone, known, readable
from streamcore.sources.kinesis.stream import KinesisStream, Stream
from streamcore.sources.kinesis.walk import fails, goes_on
from streamcore.spi.datasource import DataSourceStreamReader, InputPartition, Offset
from streamcore.spi.exactly_once import Replayable
from streamcore.spi.limits import ReadAllAvailable, ReadLimit, ReadMaxRows, SupportsTriggerAvailableNow
from streamcore.spi.metrics import ReportsSourceMetrics

if TYPE_CHECKING:
    import pyarrow as pa


class KinesisStreamReader(
    DataSourceStreamReader, SupportsTriggerAvailableNow, ReportsSourceMetrics, Replayable
):
    """Reads the shards of a stream by ranges of sequence numbers.

    Kinesis tells nobody where a shard ends, so planning fetches: a batch ends where the fetched records end,
    and is made of them.  The same range is asked of Kinesis again where they are no longer at hand.  The
    children of a shard are read when the batch that has read it to its end is committed.
    """

    def __init__(
        self,
        settings: KinesisSettings,
        columns: Sequence[str],
        connect: Callable[[KinesisSettings], Stream] | None = None,
    ) -> None:
        self._settings = settings
        self._columns = tuple(columns)
        self._connect = connect or _stream_of
        self._lock = threading.Lock()
        self._connected: Stream | None = None
        self._prefetch: Prefetch | None = None
        self._shards: list[Shard] = []
        self._listed_at = -1.0
        self._initial: Positions | None = None
        self._until_ms: int | None = None

    def __getstate__(self) -> dict[str, Any]:
        # What is sent to a worker reads partitions, and asks Kinesis for them.
        without: dict[str, Any] = {"_lock": None, "_connected": None, "_prefetch": None, "_shards": []}
        return self.__dict__ | without

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = threading.Lock()

    def _stream(self) -> Stream:
        with self._lock:
            if self._connected is None:
                self._connected = self._connect(self._settings)
            return self._connected

    def _list_shards(self) -> int:
        """Takes the list of the shards; the time by the clock of Kinesis."""
        patience = self._settings.fetch.connection.patience
        try:
            self._shards, now_ms = asked("list shards", self._stream().shards, patience, threading.Event())
        except Exception as error:
            if code_of(error):
                raise refused(
                    f"list the shards of {self._settings.fetch.connection.stream}", error
                ) from error
            raise
        self._listed_at = time.monotonic()
        return now_ms

    # ---- planning --------------------------------------------------------------------------------

    def initialOffset(self) -> Offset:
        if self._initial is None:
            now_ms = self._list_shards()
            starting = self._settings.starting
            self._initial = (
                at_the_end_of_all(self._shards, now_ms)
                if starting == LATEST
                else {shard.id: Position(starting) for shard in self._shards}
            )
        return to_offset(self._initial)

    def getDefaultReadLimit(self) -> ReadLimit:
        return ReadMaxRows(self._settings.most_records)

    def prepareForTriggerAvailableNow(self) -> None:
        self._until_ms = self._list_shards()

    def latestOffset(self, start: Offset, limit: ReadLimit) -> Offset:
        positions = self._followed(from_offset(start))
        prefetch = self._prefetch
        assert prefetch is not None
        most = None if isinstance(limit, ReadAllAvailable) else self._settings.most_records
        ends = prefetch.await_ends(positions, most, self._until_ms)
        if any(end.closed for end in ends.values()):
            self._listed_at = -1.0  # its children are there
        begun = from_offset(start)
        if not ends and not gone(begun, self._shards):
            return start
        listed = {shard.id for shard in self._shards}
        return to_offset({**{id_: at for id_, at in begun.items() if id_ in listed}, **ends})

    def _followed(self, start: Positions) -> Positions:
        """The positions of all shards, those that may be read now being fetched."""
        interval = self._settings.list_interval_ms / 1000
        if self._listed_at < 0 or time.monotonic() - self._listed_at >= interval:
            self._list_shards()
        lost = gone(start, self._shards)
        if lost:
            self._tell_loss(lost)
        positions = known({id_: at for id_, at in start.items() if id_ not in lost}, self._shards)
        if self._prefetch is None:
            self._prefetch = Prefetch(self._stream(), self._settings)
        self._prefetch.follow(positions, readable(positions, self._shards))
        return positions

    def _tell_loss(self, lost: Sequence[str]) -> None:
        stream = self._settings.fetch.connection.stream
        tell = fails if self._settings.fetch.fail_on_data_loss else goes_on
        tell(
            f"the stream {stream} has no longer the shards {', '.join(lost)}, which the query had not read "
            "to their end: their records have expired, or the stream was made anew"
        )

    # ---- reading ---------------------------------------------------------------------------------

    def partitions(self, start: Offset, end: Offset) -> Sequence[InputPartition]:
        first = from_offset(start)
        if not self._shards:
            self._list_shards()
        hash_keys = {shard.id: shard.hash_keys for shard in self._shards}
        return [
            KinesisInputPartition(
                ShardRange(id_, before, last, hash_keys.get(id_, (0, (1 << 128) - 1))),
                self._settings.fetch,
                self._columns,
            )
            for id_, last in from_offset(end).items()
            if last.records > (before := first.get(id_, Position())).records
        ]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        assert isinstance(partition, KinesisInputPartition)
        span, stream = partition.span, self._settings.fetch.connection.stream
        prefetch = self._prefetch
        here = None if prefetch is None else prefetch.between(span.shard, span.start, span.end)
        pieces = read_again(self._stream(), partition) if here is None else in_pieces(here)
        for piece in pieces:
            rows = [one for record in piece for one in apart(record, span.hash_keys)]
            if rows:
                yield record_batch(rows, stream, partition.columns)

    def metrics(self, latestConsumedOffset: Offset | None) -> dict[str, str]:
        if self._prefetch is None:
            return {}
        return {"maxMillisBehindLatest": str(self._prefetch.behind_ms())}

    def commit(self, end: Offset) -> None:
        if self._prefetch is not None:
            self._prefetch.forget(from_offset(end))

    def stop(self) -> None:
        if self._prefetch is not None:
            self._prefetch.stop()
            self._prefetch = None
        if self._connected is not None:
            self._connected.close()
            self._connected = None


def _stream_of(settings: KinesisSettings) -> Stream:
    return KinesisStream(settings.fetch.connection)
