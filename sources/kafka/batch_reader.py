"""The batch reader of Kafka."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from streamcore.kafka.offsets import cut_ranges
from streamcore.sources.kafka.cluster import Cluster
from streamcore.sources.kafka.partition import KafkaInputPartition, read_partition
from streamcore.sources.kafka.planning import ranges
from streamcore.sources.kafka.settings import KafkaSettings
from streamcore.sources.kafka.starting import existing_partitions, resolve_end, resolve_start
from streamcore.spi.datasource import DataSourceReader, InputPartition

if TYPE_CHECKING:
    import pyarrow as pa


class KafkaReader(DataSourceReader):
    """Reads the records between two positions, fixed when the read is planned."""

    def __init__(
        self, settings: KafkaSettings, columns: Sequence[str], cluster: Callable[[], Cluster]
    ) -> None:
        self._settings = settings
        self._columns = tuple(columns)
        self._connect = cluster

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"_connect": None}

    def partitions(self) -> Sequence[InputPartition]:
        settings = self._settings
        cluster = self._connect()
        selected = existing_partitions(cluster, settings.selection)
        lenient = settings.latest_if_no_timestamp
        start = resolve_start(cluster, selected, settings.starting, latest_if_no_timestamp=lenient)
        end = resolve_end(cluster, selected, settings.ending)
        cluster.close()
        spans = [span for span in ranges(start, end) if start[span.topic, span.partition] <= span.end]
        spans = cut_ranges(spans, settings.min_partitions, settings.max_records_per_partition)
        return [KafkaInputPartition(span, settings.fetch, self._columns) for span in spans]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        assert isinstance(partition, KafkaInputPartition)
        return read_partition(partition)
