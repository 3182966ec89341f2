"""What tests and benchmarks ask of any Kafka, wherever it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.services.readiness import wait_until_ready

if TYPE_CHECKING:
    from confluent_kafka.admin import AdminClient

_WAIT = 30.0


@dataclass(frozen=True)
class Record:
    """One record to produce, or one that was read (then partition and offset are set)."""

    value: bytes | None
    key: bytes | None = None
    partition: int | None = None
    timestamp: int | None = None  # milliseconds since the epoch
    headers: tuple[tuple[str, bytes | None], ...] = ()
    offset: int | None = None


class KafkaTopics:
    """A Kafka cluster as its clients see it.

    `bootstrap` is its address, `description` says in a few words what is behind it.
    """

    def __init__(self, bootstrap: str, description: str) -> None:
        self.bootstrap = bootstrap
        self.description = description

    @cached_property
    def admin(self) -> AdminClient:
        from confluent_kafka.admin import AdminClient

        return AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})

    def answers(self) -> bool:
        """Return whether a broker is there; wait a second for it at most."""
        from confluent_kafka import KafkaException

        try:
            return bool(self.admin.list_topics(timeout=1).brokers)
        except KafkaException:
            return False

    def new_topic(
        self, partitions: int = 1, name: str | None = None, config: Mapping[str, str] | None = None
    ) -> str:
        """Create a topic under a name of its own and return the name."""
        from confluent_kafka.admin import NewTopic

        topic = name or f"test-{uuid4().hex[:12]}"
        _all(self.admin.create_topics([NewTopic(topic, partitions, 1, config=dict(config or {}))]))
        self._await_leaders(topic, partitions)
        return topic

    def add_partitions(self, topic: str, total: int) -> None:
        """Grow a topic to `total` partitions."""
        from confluent_kafka.admin import NewPartitions

        _all(self.admin.create_partitions([NewPartitions(topic, total)]))
        self._await_leaders(topic, total)

    def delete_topic(self, topic: str) -> None:
        """Delete a topic; readers of it then meet UNKNOWN_TOPIC_OR_PART."""
        _all(self.admin.delete_topics([topic]))

    def delete_records(self, topic: str, partition: int, before: int) -> None:
        """Let the records of a partition before this offset expire."""
        from confluent_kafka import TopicPartition

        _all(self.admin.delete_records([TopicPartition(topic, partition, before)]))

    def produce(
        self, topic: str, records: Iterable[Record | bytes | str], partition: int | None = None
    ) -> None:
        """Write records and return when the broker holds them all; plain values get no key."""
        from confluent_kafka import Producer

        failures: list[object] = []
        producer = Producer(
            {"bootstrap.servers": self.bootstrap, "acks": "all", "linger.ms": 5, "log_level": 0}
        )
        for given in records:
            _send(producer, topic, _as_record(given, partition), failures)
        left = producer.flush(_WAIT)
        if left or failures:
            raise AssertionError(f"{left} records of {topic} not delivered, errors: {failures[:3]}")

    def read(self, topic: str, isolation: str = "read_committed") -> list[Record]:
        """Return every record of a topic in the order of (partition, offset), as it stands now."""
        from confluent_kafka import Consumer

        consumer = Consumer(
            {
                "bootstrap.servers": self.bootstrap,
                "group.id": f"test-{uuid4().hex}",
                "isolation.level": isolation,
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "earliest",
                "log_level": 0,
            }
        )
        try:
            return _read_to_the_end(consumer, topic)
        finally:
            consumer.close()

    def end_offsets(self, topic: str) -> dict[int, int]:
        """Return the next offset of each partition."""
        from confluent_kafka import TopicPartition
        from confluent_kafka.admin import OffsetSpec

        partitions = self.admin.list_topics(topic, _WAIT).topics[topic].partitions
        asked = {TopicPartition(topic, number): OffsetSpec.latest() for number in partitions}
        answers: dict[Any, Any] = self.admin.list_offsets(asked)
        return {where.partition: future.result(_WAIT).offset for where, future in sorted(answers.items())}

    def _await_leaders(self, topic: str, partitions: int) -> None:
        """Clients that come before the leader knows of its office meet NOT_LEADER_FOR_PARTITION."""
        wait_until_ready(f"topic {topic}", lambda: self._every_leader_answers(topic, partitions), _WAIT)

    def _every_leader_answers(self, topic: str, partitions: int) -> bool:
        from confluent_kafka import KafkaException

        try:
            return len(self.end_offsets(topic)) == partitions
        except (KafkaException, KeyError):
            return False


def _as_record(given: Record | bytes | str, partition: int | None) -> Record:
    if isinstance(given, Record):
        return given
    return Record(given.encode() if isinstance(given, str) else given, partition=partition)


def _send(producer: Any, topic: str, record: Record, failures: list[object]) -> None:
    optional = {
        "partition": record.partition,
        "timestamp": record.timestamp,
        "headers": list(record.headers) or None,
    }
    given = {name: value for name, value in optional.items() if value is not None}

    def delivered(error: object, _: object) -> None:
        if error is not None:
            failures.append(error)

    while True:
        try:
            producer.produce(topic, value=record.value, key=record.key, on_delivery=delivered, **given)
        except BufferError:
            producer.poll(0.1)
        else:
            producer.poll(0)
            return


def _read_to_the_end(consumer: Any, topic: str) -> list[Record]:
    from confluent_kafka import OFFSET_BEGINNING, KafkaError, KafkaException, TopicPartition

    partitions = consumer.list_topics(topic, _WAIT).topics[topic].partitions
    consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
    unfinished = set(partitions)
    records: list[Record] = []
    while unfinished:
        message = consumer.poll(_WAIT)
        if message is None:
            raise AssertionError(f"{topic} gave no answer for {_WAIT:.0f} s")
        if message.error() is None:
            records.append(_as_read(message))
        elif message.error().code() == KafkaError._PARTITION_EOF:
            unfinished.discard(message.partition())
        else:
            raise KafkaException(message.error())
    return sorted(records, key=lambda record: (record.partition, record.offset))


def _as_read(message: Any) -> Record:
    return Record(
        value=message.value(),
        key=message.key(),
        partition=message.partition(),
        timestamp=message.timestamp()[1],
        headers=tuple(message.headers() or ()),
        offset=message.offset(),
    )


def _all(futures: Mapping[Any, Any]) -> None:
    for future in futures.values():
        future.result(_WAIT)
