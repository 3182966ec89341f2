"""The Kafka sink by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamcore.errors import AnalysisException
from streamcore.sinks.kafka.settings import read_settings
from streamcore.spi.datasource import DataSource
from streamcore.spi.options import Options

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from streamcore.sinks.kafka.plain_writers import KafkaBatchWriter, KafkaPlainStreamWriter
    from streamcore.sinks.kafka.stream_writer import KafkaStreamWriter
    from streamcore.spi.types import StructType


class KafkaSink(DataSource):
    """Topics of Kafka; columns are PySpark's: value, key, topic, partition, headers.

    - `kafka.bootstrap.servers` and other `kafka.*`: properties of the producer, under Java's names or
      librdkafka's. `topic`: where all rows go, else each says so in the column `topic`. `includeHeaders`:
      true asks for the column `headers`, which is sent whenever it is there.
    - `transactional` (true): rows and commit record in one transaction, exactly once; false: at least once.
      `ledgerTopic` (streamcore_commits): where commit records are kept. `stagingMemory`: bytes per write task
      before rows spill to a temporary file.
    """

    def __init__(self, options: MutableMapping[str, str]) -> None:
        super().__init__(options)
        self._settings = read_settings(Options(options))

    def __repr__(self) -> str:
        return f"KafkaSink({self._settings.place})"

    @classmethod
    def name(cls) -> str:
        """The short name."""
        return "kafka"

    def describe(self) -> str:
        """The sink as Spark's progress reports name it."""
        return "KafkaTable"

    def check_save_mode(self, mode: str) -> None:
        """A topic is only ever added to; raises AnalysisException as Spark does."""
        if mode in ("overwrite", "ignore"):
            raise AnalysisException(
                f"Save mode {mode.capitalize()} not allowed for Kafka. Allowed save modes are Append and "
                "ErrorIfExists (default)."
            )

    def writer(self, schema: StructType, overwrite: bool) -> KafkaBatchWriter:
        """A batch writer."""
        from streamcore.sinks.kafka.plain_writers import KafkaBatchWriter

        return KafkaBatchWriter(self._settings, schema)

    def streamWriter(self, schema: StructType, overwrite: bool) -> KafkaStreamWriter | KafkaPlainStreamWriter:
        """An exactly-once writer, or with transactional=false one that writes at least once."""
        from streamcore.sinks.kafka.plain_writers import KafkaPlainStreamWriter
        from streamcore.sinks.kafka.stream_writer import KafkaStreamWriter

        kind = KafkaStreamWriter if self._settings.transactional else KafkaPlainStreamWriter
        return kind(self._settings, schema)
