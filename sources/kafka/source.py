"""The data source `kafka`."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException
from streamcore.sources.kafka.settings import KafkaSettings, batch_settings, stream_settings
from streamcore.spi.clock import SystemClock
from streamcore.spi.datasource import DataSource, DataSourceReader, DataSourceStreamReader
from streamcore.spi.option_checks import ChecksStreamOptions
from streamcore.spi.options import Options
from streamcore.spi.types import StructType

if TYPE_CHECKING:
    from streamcore.sources.kafka.cluster import Cluster


class KafkaDataSource(DataSource, ChecksStreamOptions):
    """Records of Kafka topics: key, value, topic, partition, offset, timestamp, timestampType, headers.

    Options are PySpark's.  Two defaults differ: `kafka.isolation.level` is read_committed, so that records
    of aborted transactions are never seen, and `commitOffsetsToGroup` (a group id) also commits offsets
    to a consumer group, so that ordinary lag tools see the query.
    """

    def __init__(self, options: MutableMapping[str, str]) -> None:
        super().__init__(options if isinstance(options, Options) else Options(options))

    @classmethod
    def name(cls) -> str:
        return "kafka"

    def describe(self) -> str:
        """As Spark shows the source in progress reports; the order of the topics means nothing."""
        for option, kind in _KINDS.items():
            if option in self.options:
                return f"KafkaV2[{kind}[{_asked_for(option, str(self.options[option]))}]]"
        return "KafkaV2[]"

    def schema(self) -> StructType:
        from streamcore.sources.kafka.columns import kafka_schema

        assert isinstance(self.options, Options)
        return kafka_schema(headers=self.options.boolean("includeHeaders", default=False))

    def coordinates(self) -> StructType:
        """Where a record came from; see `LocatesRecords`."""
        from streamcore.sources.kafka.columns import kafka_schema

        every = kafka_schema(headers=False)
        return StructType([every[name] for name in ("topic", "partition", "offset", "timestamp")])

    def reader(self, schema: StructType) -> DataSourceReader:
        from streamcore.sources.kafka.batch_reader import KafkaReader

        assert isinstance(self.options, Options)
        settings = batch_settings(self.options)
        return KafkaReader(settings, self._columns(schema), lambda: _connect(settings))

    def streamReader(self, schema: StructType) -> DataSourceStreamReader:
        from streamcore.sources.kafka.stream_reader import KafkaStreamReader

        assert isinstance(self.options, Options)
        settings = stream_settings(self.options)
        columns = self._columns(schema)
        return KafkaStreamReader(settings, columns, lambda: _connect(settings), SystemClock())

    def check_stream_options(self) -> None:
        assert isinstance(self.options, Options)
        stream_settings(self.options)

    def _columns(self, schema: StructType) -> list[str]:
        if schema != self.schema():
            raise AnalysisException(
                "the kafka source has a fixed schema: leave out schema(...), and convert key and value with "
                "functions such as from_json after the read"
            )
        return list(schema.fieldNames())


def _asked_for(option: str, text: str) -> str:
    topics = sorted({topic.strip() for topic in text.split(",")} - {""})
    return ", ".join(topics) if option == "subscribe" else text


_KINDS = {"subscribe": "Subscribe", "subscribePattern": "SubscribePattern", "assign": "Assign"}


def _connect(settings: KafkaSettings) -> Cluster:
    from streamcore.sources.kafka.cluster import KafkaCluster

    return KafkaCluster(settings.fetch, settings.deadline / 1000, settings.first_contact / 1000)
