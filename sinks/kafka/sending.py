"""A producer, what was queued with it, and what came of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from confluent_kafka import KafkaException

from streamcore.kafka.failures import Complaints, is_gone, may_pass
from streamcore.kafka.producing import open_producer
from streamcore.kafka.rows import COLUMNS, PARTITIONER, RowRefused
from streamcore.sinks.kafka.outcome import refused_options, said
from streamcore.spi.interruption import raise_if_interrupted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from confluent_kafka import KafkaError

    from streamcore.sinks.kafka.settings import KafkaSinkSettings

_DEFAULTS: Final[dict[str, Any]] = {
    **PARTITIONER,
    "acks": "all",
    "enable.idempotence": "true",
    # A batch is queued whole while it is sent; what limits the queue is its size in bytes.
    "queue.buffering.max.messages": "1000000",
    "reconnect.backoff.max.ms": "1000",
    "log_level": "2",
}
_ATTEMPT: Final = 5.0
_PAUSE: Final = 0.05
# A topic that brokers make when it is first asked for is there within this time.
_NEW_TOPIC: Final = 5.0


class Sender:
    """Queues rows with a producer of its own; after any error it is to be discarded."""

    def __init__(self, settings: KafkaSinkSettings, more: Mapping[str, str] | None = None) -> None:
        self._settings = settings
        self.complaints = Complaints()
        config = {**_DEFAULTS, **settings.client, **(more or {}), "error_cb": self.complaints}
        try:
            self._rows = open_producer(config)
        except KafkaException as error:
            raise refused_options(error.args[0]) from None
        self.producer = self._rows.client
        self._known: set[str] = set()

    def send(self, tables: Iterable[pa.Table]) -> None:
        """Queues rows; raises RowRefused for the first that is not taken."""
        settings = self._settings
        for table in tables:
            topics = [settings.topic] if settings.topic else pc.unique(table.column("topic")).to_pylist()
            self._await_topics(topics)
            for rows in table.to_batches():
                self._rows.send(rows, settings.topic, settings.patience)

    def send_records(self, topic: str, partition: int, records: Sequence[tuple[bytes, bytes]]) -> None:
        """Queues keys and values for one partition, in their order; raises RowRefused as `send` does."""
        self._await_topics([topic])
        keys, values = zip(*records, strict=True)
        columns = {"key": keys, "value": values, "partition": [partition] * len(records)}
        arrays = {name: pa.array(column, COLUMNS[name]) for name, column in columns.items()}
        self._rows.send(pa.RecordBatch.from_pydict(arrays), topic, self._settings.patience)

    def _await_topics(self, topics: Iterable[str]) -> None:
        """Makes the producer know where the partitions of topics are; raises RowRefused for one that is not.

        Rows that are queued before it knows wait for a refresh of what it knows, up to a minute.
        """
        for topic in topics:
            if topic not in self._known:
                self._await_topic(topic)
                self._known.add(topic)

    def _await_topic(self, topic: str) -> None:
        started = time.monotonic()
        while (error := self._fault_of(topic)) is not None:
            raise_if_interrupted()
            patience = _NEW_TOPIC if is_gone(error) else self._settings.patience
            waited = time.monotonic() - started
            if waited > patience or not (is_gone(error) or may_pass(error)):
                heard = f"; {self.complaints}" if str(self.complaints) else ""
                raise RowRefused(f"Kafka topic {topic!r} cannot be written to: {said(error)}{heard}", error)
            time.sleep(_PAUSE)

    def _fault_of(self, topic: str) -> KafkaError | None:
        """What is wrong with a topic; None when it has partitions with leaders."""
        try:
            found = self.producer.list_topics(topic, timeout=min(_ATTEMPT, self._settings.patience))
        except KafkaException as error:
            return _error_of(error)
        described = found.topics[topic]
        faults = [described.error, *(part.error for part in described.partitions.values() if part.leader < 0)]
        return next((fault for fault in faults if fault is not None), None)

    def forget_topics(self) -> None:
        """The next `send` asks again where topics are."""
        self._known.clear()

    def flush(self) -> None:
        """Waits until every row is delivered; raises RowRefused for one that was not, or when none moves."""
        self._await_delivery()
        if found := self._rows.first_failure():
            topic, error = found
            raise RowRefused(f"a row to topic {topic!r} was not delivered: {said(error)}", error)

    def _await_delivery(self) -> None:
        settings = self._settings
        left, moved = len(self.producer), time.monotonic()
        while self.producer.flush(_PAUSE):
            raise_if_interrupted()
            if len(self.producer) < left:
                left, moved = len(self.producer), time.monotonic()
            if time.monotonic() - moved > settings.patience:
                raise RowRefused(
                    f"{left} rows wait in vain for a broker, none has moved for {settings.patience:g} s"
                    f"{f' ({self.complaints})' if str(self.complaints) else ''}"
                )

    def discard(self) -> None:
        """Gives the producer up, with whatever it holds."""
        self.producer.purge()
        del self.producer, self._rows.client


def _error_of(error: KafkaException) -> KafkaError:
    found: KafkaError = error.args[0]
    return found
