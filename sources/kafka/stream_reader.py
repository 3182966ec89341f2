"""The streaming reader of Kafka."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from streamcore.kafka.errors import refusal, report_loss
from streamcore.kafka.offsets import (
    EARLIEST,
    LATEST,
    Offsets,
    TopicPartition,
    behind,
    cut_ranges,
    logged_offsets,
    to_json,
)
from streamcore.sources.kafka.cluster import Cluster
from streamcore.sources.kafka.limits import limit_of
from streamcore.sources.kafka.partition import CURSORS, KafkaInputPartition, read_partition
from streamcore.sources.kafka.planning import next_end, ranges
from streamcore.sources.kafka.settings import KafkaSettings
from streamcore.sources.kafka.starting import check_same_partitions, existing_partitions, resolve_start
from streamcore.spi.clock import Clock
from streamcore.spi.datasource import DataSourceStreamReader, InputPartition, Offset
from streamcore.spi.exactly_once import Replayable
from streamcore.spi.limits import ReadLimit, SupportsTriggerAvailableNow
from streamcore.spi.metrics import ReportsSourceMetrics

if TYPE_CHECKING:
    import pyarrow as pa

_LOG = logging.getLogger("streamcore.sources.kafka")

# New partitions are looked for this often: a look costs a round trip.
_DISCOVERY_MS: Final = 1000


class KafkaStreamReader(
    DataSourceStreamReader, SupportsTriggerAvailableNow, ReportsSourceMetrics, Replayable
):
    """Reads topics by offset ranges; the same range gives the same records until they expire."""

    def __init__(
        self,
        settings: KafkaSettings,
        columns: Sequence[str],
        cluster: Callable[[], Cluster],
        clock: Clock,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings = settings
        self._columns = tuple(columns)
        self._connect = cluster
        self._connected: Cluster | None = None
        self._clock = clock
        self._pause = pause
        self._known: set[TopicPartition] = set()
        self._looked_ms: int | None = None
        self._last_batch_ms: int | None = None
        self._ceiling: Offsets | None = None
        self._newest: Offsets | None = None

    def __getstate__(self) -> dict[str, Any]:
        # What is sent to a worker reads partitions and asks the cluster nothing.
        return self.__dict__ | {"_connected": None, "_connect": None, "_clock": None}

    @property
    def _cluster(self) -> Cluster:
        if self._connected is None:
            self._connected = self._connect()
        return self._connected

    def initialOffset(self) -> Offset:
        partitions = existing_partitions(self._cluster, self._settings.selection)
        lenient = self._settings.latest_if_no_timestamp
        found = resolve_start(
            self._cluster, partitions, self._settings.starting, latest_if_no_timestamp=lenient
        )
        return to_json(found)

    def check_adopted(self, offset: Offset) -> None:
        """See `AdoptsOffsets`: topics and partitions must be those that are read."""
        adopted, selection = logged_offsets(offset), self._settings.selection
        check_same_partitions(set(adopted), existing_partitions(self._cluster, selection), selection)

    def getDefaultReadLimit(self) -> ReadLimit:
        return limit_of(self._settings.min_offsets, self._settings.max_offsets)

    def prepareForTriggerAvailableNow(self) -> None:
        self._looked_ms = None
        self._ceiling = self._latest({})

    def latestOffset(self, start: Offset, limit: ReadLimit) -> Offset:
        begin = logged_offsets(start)
        latest = self._latest_not_before(begin)
        new = dict.fromkeys(latest.keys() - begin.keys(), EARLIEST)
        new_from = self._cluster.offsets(new) if new else {}
        plan = next_end(begin, latest, new_from, limit, may_wait=self._may_wait())
        for loss in plan.losses:
            report_loss(loss, fail=self._settings.fetch.fail_on_data_loss)
        if plan.end == begin:
            return start
        self._last_batch_ms = self._clock.now_ms()
        return to_json(plan.end)

    def _latest_not_before(self, begin: Offsets) -> Offsets:
        """The newest offsets; asked again when they lie before what was read, as after a change of leader."""
        latest = self._ceiling if self._ceiling is not None else self._latest(begin)
        for _ in range(self._settings.retries):
            if all(latest.get(tp, -1) >= offset for tp, offset in begin.items()):
                break
            self._pause(self._settings.retry_interval / 1000)
            self._looked_ms = None
            found = self._latest(begin)
            if self._ceiling is not None:
                # Partitions that are there still end where they did at the start; others are gone.
                found = {tp: min(offset, self._ceiling.get(tp, offset)) for tp, offset in found.items()}
            latest = found
        return latest

    def _latest(self, begin: Offsets) -> Offsets:
        now = self._clock.now_ms()
        if self._looked_ms is None or now - self._looked_ms >= _DISCOVERY_MS or not self._known:
            self._known = self._cluster.partitions(self._settings.selection)
            self._looked_ms = now
        found = self._cluster.offsets(dict.fromkeys(self._known, LATEST))
        if found.keys() != self._known or not self._known >= begin.keys():
            self._looked_ms = None
        self._newest = found
        return found

    def _may_wait(self) -> bool:
        """Whether minOffsetsPerTrigger may hold a batch back: not at first, and not for too long."""
        if self._ceiling is not None or self._last_batch_ms is None:
            return False
        return self._clock.now_ms() - self._last_batch_ms < self._settings.max_trigger_delay

    def reportLatestOffset(self) -> Offset | None:
        return None if self._newest is None else to_json(self._newest)

    def metrics(self, latestConsumedOffset: Offset | None) -> dict[str, str]:
        if latestConsumedOffset is None or self._newest is None:
            return {}
        return behind(logged_offsets(latestConsumedOffset), self._newest)

    def partitions(self, start: Offset, end: Offset) -> Sequence[InputPartition]:
        settings = self._settings
        spans = cut_ranges(
            ranges(logged_offsets(start), logged_offsets(end)),
            settings.min_partitions,
            settings.max_records_per_partition,
        )
        return [KafkaInputPartition(span, settings.fetch, self._columns) for span in spans]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        assert isinstance(partition, KafkaInputPartition)
        return read_partition(partition)

    def commit(self, end: Offset) -> None:
        if self._settings.commit_group is None:
            return
        from confluent_kafka import KafkaException

        try:
            self._cluster.commit(self._settings.commit_group, logged_offsets(end))
        except KafkaException as error:
            # The checkpoint is what counts; the group only tells lag tools.
            asked = f"store the offsets in the group {self._settings.commit_group!r}"
            _LOG.warning("%s", refusal(self._settings.fetch.client, asked, error.args[0]))

    def stop(self) -> None:
        CURSORS.close(self._settings.fetch.group_id)
        if self._connected is not None:
            self._connected.close()
            self._connected = None
