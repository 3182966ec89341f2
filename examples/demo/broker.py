"""Where the events go: a broker inside this process, or a real one."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

from demo.events import PARTITIONS

TOPIC = "ad-events"
_QUIET = {"log_level": 3}
_WAIT_S = 15.0


class Broker:
    """A Kafka cluster that holds the topic; `address` is None for the embedded one.

    The embedded broker is librdkafka's mock cluster.  It lives in this process, forgets everything at
    its end, and keeps the newest 5 MiB of each partition.
    """

    def __init__(self, address: str | None = None) -> None:
        self.is_embedded = address is None
        if address is None:
            self._producer = Producer({"test.mock.num.brokers": 1, **_QUIET})
            address = self._address_of_mock()
        else:
            self._producer = Producer({"bootstrap.servers": address, "acks": "all", **_QUIET})
        self.bootstrap = address
        self._make_topic()

    def send(self, partition: int, value: bytes) -> None:
        """Hand a record to the producer; wait while its queue is full."""
        while True:
            try:
                self._producer.produce(TOPIC, value, partition=partition)
                return
            except BufferError:
                self._producer.poll(0.05)

    def flush(self) -> None:
        """Return when the broker has every record that was sent."""
        if self._producer.flush(_WAIT_S):
            raise RuntimeError(f"the broker at {self.bootstrap} did not take the events in {_WAIT_S:.0f} s")

    def end_offsets(self) -> list[int]:
        """Return how many records each partition has been given so far."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap, **_QUIET})
        asked = {TopicPartition(TOPIC, partition): OffsetSpec.latest() for partition in range(PARTITIONS)}
        answers: dict[Any, Any] = admin.list_offsets(asked)
        found = {where.partition: answer.result(_WAIT_S).offset for where, answer in answers.items()}
        return [found[partition] for partition in range(PARTITIONS)]

    def _address_of_mock(self) -> str:
        brokers: Iterable[Any] = self._producer.list_topics(timeout=_WAIT_S).brokers.values()
        return ",".join(f"{broker.host}:{broker.port}" for broker in brokers)

    def _make_topic(self) -> None:
        admin = AdminClient({"bootstrap.servers": self.bootstrap, **_QUIET})
        is_missing = TOPIC not in admin.list_topics(timeout=_WAIT_S).topics
        if is_missing and not self.is_embedded:  # the mock cluster makes a topic when it is first named
            admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])[TOPIC].result(_WAIT_S)
        self._await_leaders()

    def _await_leaders(self) -> None:
        deadline = time.monotonic() + _WAIT_S
        while time.monotonic() < deadline:
            topic = self._producer.list_topics(TOPIC, timeout=_WAIT_S).topics[TOPIC]
            if topic.error is None and len(topic.partitions) == PARTITIONS:
                return
            time.sleep(0.05)
        raise RuntimeError(f"topic {TOPIC} at {self.bootstrap} should have {PARTITIONS} partitions: {topic}")
